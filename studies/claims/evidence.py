"""Collect the evidence for claims: that of an explanation, and figures of other measurements. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from seqbench.experiments.explain.document import Explanation, Roles
from seqbench.experiments.explain.evidence import Evidence, evidence_of
from seqbench.sessions.session import BenchmarkResult, Failed, Measured, Sample, Session, paired_times
from seqbench.stats.intervals import Ratio, paired_ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramFigures:
    """One program at one size: medians over the rounds, and the range of its ledger."""

    elapsed_ns: float
    wall_ns: float
    system_ns: float
    result: int
    least: tuple[tuple[str, int], ...]
    """The least and the greatest value over all rounds of each entry of the ledger."""
    most: tuple[tuple[str, int], ...]

    def least_of(self, key: str) -> int | None:
        """Return the least value of an entry of the ledger; None if there is no such entry."""
        return dict(self.least).get(key)

    def most_of(self, key: str) -> int | None:
        """Return the greatest value of an entry of the ledger; None if there is no such entry."""
        return dict(self.most).get(key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A benchmark at one size: subject, reference, and their ratio; None for a program without figures."""

    benchmark: str
    parameters: tuple[tuple[str, int], ...]
    is_full: bool
    ratio: Ratio | None
    subject: ProgramFigures | None
    reference: ProgramFigures | None
    problem: str = ""
    """Why the subject failed; empty if it did not."""

    @property
    def size(self) -> str:
        """Return the size as text."""
        return " ".join(f"{key}={value:,}" for key, value in self.parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimEvidence(Evidence):
    """The evidence for all claims; empty or None if it was not measured."""

    roles: Roles
    cores: int = 0
    measurements: tuple[Measurement, ...] = ()
    """Sorted by benchmark and size."""
    reports_itself: bool | None = None
    """Whether the subject reported on itself on request."""
    # From running programs:
    stack_unit_bytes: float | None = None
    """The bytes of one unit of SEQ_STACK_SIZE."""
    quit_handlers: tuple[tuple[str, bool], ...] = ()
    """By level of diagnostics: whether a program of that build handles SIGQUIT."""
    # From `invoke tune`:
    pool_ratio: tuple[tuple[str, Ratio], ...] = ()
    """By benchmark: time with the largest pool / time with the default pool."""
    diagnostics_ratio: tuple[tuple[str, Ratio], ...] = ()
    """By benchmark: time with diagnostics (the default) / time without."""
    # From `invoke sweep --only actors --over messages=...`:
    actors_ratios: tuple[tuple[int, Ratio], ...] = ()
    """Messages per actor, and the ratio subject / reference there, in rising order."""

    def full(self, benchmark: str) -> Measurement | None:
        """Return a benchmark at full size."""
        return next((each for each in self._of(benchmark) if each.is_full), None)

    def largest(self, benchmark: str) -> Measurement | None:
        """Return a benchmark at its largest size with a ratio, or else with figures of the subject."""
        found = [each for each in self._of(benchmark) if each.ratio is not None]
        found = found or [each for each in self._of(benchmark) if each.subject is not None]
        return found[-1] if found else None

    def problem(self, benchmark: str) -> str:
        """Return why the subject failed at every size; empty if it has figures, or was not run."""
        found = self._of(benchmark)
        return found[-1].problem if found and all(each.problem for each in found) else ""

    def at(self, benchmark: str, **parameters: int) -> Measurement | None:
        """Return a benchmark at a size."""
        return next((each for each in self._of(benchmark) if parameters.items() <= dict(each.parameters).items()), None)

    def _of(self, benchmark: str) -> list[Measurement]:
        return [each for each in self.measurements if each.benchmark == benchmark]


def claim_evidence_of(explanation: Explanation, *others: Session) -> ClaimEvidence:
    """Collect the evidence of an explanation and of other sessions, such as one at full size."""
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
    """Return each benchmark at each size; of two sessions at one size, the later one counts."""
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


def _figures(samples: Sequence[Sample]) -> ProgramFigures | None:
    if not samples:
        return None
    keys = dict(samples[0].ledger)
    values = {key: [dict(sample.ledger).get(key, 0) for sample in samples] for key in keys}
    return ProgramFigures(
        elapsed_ns=median(sample.elapsed_ns for sample in samples),
        wall_ns=median(sample.wall_ns for sample in samples),
        system_ns=median(sample.system_ns for sample in samples),
        result=int(samples[0].result),
        least=tuple((key, min(of)) for key, of in values.items()),
        most=tuple((key, max(of)) for key, of in values.items()),
    )
