"""From evidence to sentences, each with its figures and only where these support it. Pure."""

from collections.abc import Iterator

from seqbench.experiments.explain.document import Explanation
from seqbench.experiments.explain.evidence import Evidence
from seqbench.experiments.explain.gap import GapSplit
from seqbench.experiments.explain.unit_cost import MAPPING, SystemShare, Unit, UnitCost, excludes
from seqbench.sessions.report import problem, ratio_text
from seqbench.sessions.session import Measured
from seqbench.stats.growth import Estimate
from seqbench.units import duration, short_bytes

_HALF = 0.5


def finding_lines(explanation: Explanation, evidence: Evidence) -> tuple[str, ...]:
    """Return every finding, and once why a kind of them is missing."""
    return tuple(
        line for kind in (_gaps, _system_shares, _strands, _switches) for line in kind(explanation, evidence)
    ) or ("none: no figure could be told from another",)


def _gaps(explanation: Explanation, evidence: Evidence) -> Iterator[str]:
    for split in evidence.gaps:
        yield _gap(explanation, split)
    if reason := _no_library(explanation):
        yield reason


def _gap(explanation: Explanation, split: GapSplit) -> str:
    roles = explanation.roles
    subject, reference, library = (explanation.title(name) for name in (roles.subject, roles.reference, roles.library))
    times = (
        f"{subject} / {reference} {ratio_text(split.ratio)}, {library} / {subject} {ratio_text(split.library_ratio)}"
    )
    interval = split.library.interval
    if interval is not None and interval.high <= 0:
        # A share below 0 is no share of a gap.
        whose = f"{library} is no slower than {reference}: the whole gap is {subject}'s own layer"
        return f"{split.benchmark}: {times}; {whose}"
    parts = (
        f"{split.library.text(_percent)} of the gap is there in {library}, {split.own.text(_percent)} {subject} adds"
    )
    most = ""
    if interval is not None and interval.low > _HALF:
        most = f": most of it is {library}'s"
    elif interval is not None and interval.high < _HALF:
        most = f": most of it is {subject}'s own layer"
    return f"{split.benchmark}: {times}; {parts}{most}"


def _no_library(explanation: Explanation) -> str:
    """Return why no gap could be split; empty where the library was measured in all benchmarks."""
    roles = explanation.roles
    title = explanation.title(roles.library)
    if roles.library not in {column.name for column in explanation.large.runtimes}:
        return f"whose the gap is cannot be told: {roles.library} was not run; add it to --runtimes"
    reasons = []
    for result in explanation.large.results:
        program = result.program(roles.library, "")
        if program is None:
            reasons.append(f"{result.name} has no program for it")
        elif not isinstance(program.outcome, Measured):
            reasons.append(f"{result.name}: {problem(program.outcome)}")
    return f"whose the gap is cannot be told everywhere, for want of {title}: {'; '.join(reasons)}" if reasons else ""


def _system_shares(explanation: Explanation, evidence: Evidence) -> Iterator[str]:
    roles = explanation.roles
    for result in explanation.large.results:
        told = [
            (explanation.title(runtime), share)
            for runtime in (roles.subject, roles.library, roles.reference)
            if (share := evidence.share(result.name, runtime)) is not None and excludes(share.of_processor, 0)
        ]
        if any(title == explanation.title(roles.subject) for title, _ in told):
            yield f"{result.name}: of the processor time beyond the start, the kernel has {_shares(told)}"


def _shares(told: list[tuple[str, SystemShare]]) -> str:
    (first, share), *others = told
    of_elapsed = f"({share.of_elapsed.text(_percent)} of elapsed)"
    rest = "".join(f", in {title} {other.of_processor.text(_percent)}" for title, other in others)
    return f"in {first} {share.of_processor.text(_percent)} {of_elapsed}{rest}"


def _strands(explanation: Explanation, evidence: Evidence) -> Iterator[str]:
    roles = explanation.roles
    for result in explanation.large.results:
        for runtime in (roles.subject, roles.library, roles.reference):
            cost = evidence.cost(result.name, runtime, Unit.STRAND)
            if cost is not None and (figures := [*_strand_figures(cost), *_maps(evidence, cost)]):
                yield f"{result.name}: one more strand costs {explanation.title(runtime)} {', '.join(figures)}"


def _strand_figures(cost: UnitCost) -> Iterator[str]:
    if excludes(cost.time, 0):
        yield cost.time.text(duration)
    if excludes(cost.faults, 0):
        yield f"{cost.faults.text(lambda value: f'{value:.2g}')} page faults"
    if not cost.is_memory_hidden and excludes(cost.memory_bytes, 0):
        yield cost.memory_bytes.text(short_bytes)


def _maps(evidence: Evidence, cost: UnitCost) -> Iterator[str]:
    calls = evidence.call(cost.benchmark, cost.runtime, Unit.STRAND)
    if calls is None:
        return
    each = [f"{calls.each_of(name):.2f} {name}" for name in MAPPING]
    yield f"{', '.join(each)} (and {dict(calls.at_small).get('mmap', 0):,} mmap of the start)"


def _switches(explanation: Explanation, evidence: Evidence) -> Iterator[str]:
    """Compare the context switches for each message, where the two can be told apart."""
    roles = explanation.roles
    for result in explanation.large.results:
        sides = [_per_message(evidence, result.name, runtime) for runtime in (roles.subject, roles.reference)]
        subject, reference = sides
        if subject is None or reference is None or not _apart(subject, reference):
            continue
        titles = [explanation.title(name) for name in (roles.subject, roles.reference)]
        figures = " and ".join(
            f"{title} {side.text(lambda value: f'{value:.4f}')}"
            for title, side in zip(titles, (subject, reference), strict=True)
        )
        yield f"{result.name}: context switches for each message, {figures}"


def _per_message(evidence: Evidence, benchmark: str, runtime: str) -> Estimate | None:
    """Return the switches for each message; a strand of a benchmark that says no more sends one."""
    cost = evidence.cost(benchmark, runtime, Unit.MESSAGE) or evidence.cost(benchmark, runtime, Unit.STRAND)
    return None if cost is None else cost.switches


def _apart(first: Estimate, second: Estimate) -> bool:
    if first.interval is None or second.interval is None:
        return False
    return first.interval.low > second.interval.high or first.interval.high < second.interval.low


def _percent(share: float) -> str:
    return f"{share:.0%}"
