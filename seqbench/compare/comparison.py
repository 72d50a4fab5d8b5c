"""From two sessions to a comparison: may they be compared, and what does each benchmark say? Pure.

Sessions of one comparison share their rounds and are judged in pairs. Sessions that were stored at different times
are not: the machine may have been another machine in the other hour, and nothing in the samples tells that from a
change of the compiler. Of those only the ratio of the medians is given.
"""

from dataclasses import dataclass
from statistics import median

from seqbench.compare.verdict import Judgement, Verdict, judge
from seqbench.sessions.session import BenchmarkResult, Failed, Measured, Sample, Session, State, paired_times


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One benchmark of a comparison: judged, or the reason why it cannot be."""

    name: str
    title: str
    size_label: str
    judgement: Judgement | None
    """None where it is not comparable, and in an unpaired comparison."""
    unpaired_ratio: float | None
    reason: str
    """Why there is no judgement."""
    base: tuple[Sample, ...]
    head: tuple[Sample, ...]

    @property
    def verdict(self) -> Verdict:
        """Return the verdict."""
        return self.judgement.verdict if self.judgement else Verdict.NOT_COMPARABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What two sessions say of each other."""

    base: Session
    head: Session
    paired: bool
    margin: float
    benchmarks: tuple[Compared, ...]


def obstacles(base: Session, head: Session) -> tuple[str, ...]:
    """Return every reason why these two sessions may not be compared at all; none when they may."""
    found = []
    if base.machine.identity != head.machine.identity:
        found.append(f"another machine: {base.machine.sentence()} and {head.machine.sentence()}")
    if base.sources != head.sources:
        found.append("other benchmark sources: the programs do not do the same work")
    for side, session in (("base", base), ("head", head)):
        if session.state is not State.COMPLETE:
            found.append(f"{side} is {session.state}: its rounds are not whole")
    for result in base.results:
        other = next((each for each in head.results if each.name == result.name), None)
        if other is not None and other.parameters != result.parameters:
            sizes = (" ".join(f"{key}={value:,}" for key, value in each.parameters) for each in (result, other))
            found.append(f"other sizes of {result.name}: {' and '.join(sizes)}")
    return tuple(found)


def compare(base: Session, head: Session, *, runtime: str, paired: bool, margin: float) -> Comparison:
    """Compare what two sessions say of a runtime's plain programs; `paired` when they share their rounds.

    Raises
    ------
    ValueError
        The margin is not above zero, or too few rounds (as `judge`).
    """
    names = dict.fromkeys(result.name for session in (base, head) for result in session.results)
    family = len(names)
    return Comparison(
        base=base,
        head=head,
        paired=paired,
        margin=margin,
        benchmarks=tuple(
            _compared(
                _result(base, name),
                _result(head, name),
                runtime,
                paired=paired,
                margin=margin,
                family=family,
                same_settings=base.settings == head.settings,
            )
            for name in names
        ),
    )


def times(compared: Compared) -> tuple[list[float], list[float]]:
    """Return the own times of base and head in the rounds that both have, in nanoseconds."""
    pairs = paired_times(compared.base, compared.head).values()
    return [before for before, _ in pairs], [after for _, after in pairs]


def samples_of(session: Session, name: str, runtime: str) -> tuple[Sample, ...]:
    """Return the samples of a benchmark's plain program; none where it was not measured."""
    return _samples(_result(session, name), runtime)


def _result(session: Session, name: str) -> BenchmarkResult | None:
    return next((result for result in session.results if result.name == name), None)


def _compared(
    base: BenchmarkResult | None,
    head: BenchmarkResult | None,
    runtime: str,
    *,
    paired: bool,
    margin: float,
    family: int,
    same_settings: bool,
) -> Compared:
    shown = base or head
    if shown is None:
        raise ValueError("a benchmark that neither side has")
    reasons = [
        reason for side, result in (("base", base), ("head", head)) if (reason := _obstacle(side, result, runtime))
    ]
    samples = (_samples(base, runtime), _samples(head, runtime))
    judgement = None
    unpaired = None
    if not reasons and paired:
        pairs = paired_times(*samples).values()
        judgement = judge(
            [before for before, _ in pairs],
            [after for _, after in pairs],
            margin=margin,
            family=family,
            identical=same_settings and _identity(base, runtime) == _identity(head, runtime),
        )
    elif not reasons:
        unpaired = median(s.elapsed_ns for s in samples[1]) / median(s.elapsed_ns for s in samples[0])
        reasons.append("measured at different times: the ratio may be the machine's as well as the compiler's")
    return Compared(
        name=shown.name,
        title=shown.title,
        size_label=shown.size_label,
        judgement=judgement,
        unpaired_ratio=unpaired,
        reason="; ".join(reasons),
        base=samples[0],
        head=samples[1],
    )


def _obstacle(side: str, result: BenchmarkResult | None, runtime: str) -> str:
    program = result.program(runtime, "") if result else None
    if program is None:
        return f"{side} has no such program"
    if isinstance(program.outcome, Failed):
        return f"{side} failed ({program.outcome.stage}): {program.outcome.reason}"
    if not isinstance(program.outcome, Measured) or not program.outcome.samples:
        return f"{side} has no samples"
    return ""


def _samples(result: BenchmarkResult | None, runtime: str) -> tuple[Sample, ...]:
    program = result.program(runtime, "") if result else None
    return program.outcome.samples if program and isinstance(program.outcome, Measured) else ()


def _identity(result: BenchmarkResult | None, runtime: str) -> str:
    program = result.program(runtime, "") if result else None
    return program.executable if program else ""
