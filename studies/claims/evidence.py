"""What claims are judged by: the evidence of an explanation, and what other measurements add to it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from seqbench.experiments.explain.document import Explanation, Roles
from seqbench.experiments.explain.evidence import Evidence, evidence_of
from seqbench.sessions.session import BenchmarkResult, Failed, Measured, Sample, Session, paired_times
from seqbench.stats.intervals import Ratio, paired_ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One program at one size: medians over its rounds, and the range of what it counted."""

    elapsed_ns: float
    wall_ns: float
    system_ns: float
    result: int
    least: tuple[tuple[str, int], ...]
    """Each line of its ledger: the least of all rounds, and the most."""
    most: tuple[tuple[str, int], ...]

    def least_of(self, key: str) -> int | None:
        """Return the least value of a line of the ledger."""
        return dict(self.least).get(key)

    def most_of(self, key: str) -> int | None:
        """Return the greatest value of a line of the ledger."""
        return dict(self.most).get(key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A benchmark at one size: subject, reference, and subject / reference; None for what is not there."""

    benchmark: str
    parameters: tuple[tuple[str, int], ...]
    is_full: bool
    ratio: Ratio | None
    subject: Figures | None
    reference: Figures | None
    problem: str = ""
    """Why there are no figures of the subject, where it failed."""

    @property
    def size(self) -> str:
        """Write the size."""
        return " ".join(f"{key}={value:,}" for key, value in self.parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimEvidence(Evidence):
    """All that a claim may be judged by; empty or None is what was not measured."""

    roles: Roles
    cores: int = 0
    measurements: tuple[Measurement, ...] = ()
    """In the order of their sizes for each benchmark."""
    reports_itself: bool | None = None
    """The subject told of its work when it was asked."""
    # From a look at running programs:
    stack_unit_bytes: float | None = None
    """What one unit of the variable for the size of a stack stands for."""
    quit_handlers: tuple[tuple[str, bool], ...] = ()
    """By the level of diagnostics: whether a program that was built so handles SIGQUIT."""
    # From `invoke tune`:
    pool_ratio: tuple[tuple[str, Ratio], ...] = ()
    """By benchmark: time with a pool that holds all strands / time with the default one."""
    diagnostics_ratio: tuple[tuple[str, Ratio], ...] = ()
    """By benchmark: time with diagnostics (the default) / time without."""
    # From `invoke sweep --only actors --over messages=...`:
    actors_ratios: tuple[tuple[int, Ratio], ...] = ()
    """Messages for each actor, and subject / reference there, in rising order."""

    def full(self, benchmark: str) -> Measurement | None:
        """Return a benchmark at full size."""
        return next((each for each in self._of(benchmark) if each.is_full), None)

    def largest(self, benchmark: str) -> Measurement | None:
        """Return a benchmark at its largest size with a ratio, or else at which the subject was measured."""
        found = [each for each in self._of(benchmark) if each.ratio is not None]
        found = found or [each for each in self._of(benchmark) if each.subject is not None]
        return found[-1] if found else None

    def problem(self, benchmark: str) -> str:
        """Return why a benchmark has no figures of the subject at any size; empty where it has, or was not run."""
        found = self._of(benchmark)
        return found[-1].problem if found and all(each.problem for each in found) else ""

    def at(self, benchmark: str, **parameters: int) -> Measurement | None:
        """Return a benchmark at a size."""
        return next((each for each in self._of(benchmark) if parameters.items() <= dict(each.parameters).items()), None)

    def _of(self, benchmark: str) -> list[Measurement]:
        return [each for each in self.measurements if each.benchmark == benchmark]


def claim_evidence_of(explanation: Explanation, *others: Session) -> ClaimEvidence:
    """Gather what an explanation shows, and other sessions of the same programs, such as one at full size."""
    roles = explanation.roles
    reports = [each for each in explanation.reports if each.runtime == roles.subject]
    found = evidence_of(explanation)
    return ClaimEvidence(
        costs=found.costs,
        shares=found.shares,
        gaps=found.gaps,
        calls=found.calls,
        roles=roles,
        cores=explanation.large.machine.cores,
        measurements=measurements(roles, explanation.sessions() + others),
        reports_itself=any(each.figures for each in reports) if reports else None,
    )


def measurements(roles: Roles, sessions: Iterable[Session]) -> tuple[Measurement, ...]:
    """Return each benchmark at each size, in rising order of time; of two sessions at one size the later one counts."""
    found: dict[tuple[str, tuple[tuple[str, int], ...]], Measurement] = {}
    for session in sessions:
        for result in session.results:
            found[result.name, result.parameters] = _measurement(roles, result)
    return tuple(sorted(found.values(), key=lambda each: (each.benchmark, *(value for _, value in each.parameters))))


def _measurement(roles: Roles, result: BenchmarkResult) -> Measurement:
    outcomes = [
        program.outcome if (program := result.program(name, "")) else None for name in (roles.subject, roles.reference)
    ]
    sides = [outcome.samples if isinstance(outcome, Measured) else () for outcome in outcomes]
    pairs = paired_times(*sides).values()
    ratio = paired_ratio([first for first, _ in pairs], [second for _, second in pairs]) if pairs else None
    return Measurement(
        benchmark=result.name,
        parameters=result.parameters,
        is_full=result.is_full,
        ratio=ratio,
        subject=_figures(sides[0]),
        reference=_figures(sides[1]),
        problem=outcomes[0].reason if isinstance(outcomes[0], Failed) else "",
    )


def _figures(samples: Sequence[Sample]) -> Figures | None:
    if not samples:
        return None
    keys = dict(samples[0].ledger)
    values = {key: [dict(sample.ledger).get(key, 0) for sample in samples] for key in keys}
    return Figures(
        elapsed_ns=median(sample.elapsed_ns for sample in samples),
        wall_ns=median(sample.wall_ns for sample in samples),
        system_ns=median(sample.system_ns for sample in samples),
        result=samples[0].result,
        least=tuple((key, min(of)) for key, of in values.items()),
        most=tuple((key, max(of)) for key, of in values.items()),
    )
