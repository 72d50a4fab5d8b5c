"""Write the findings that the evidence supports, each with its figures. Pure."""

from collections.abc import Iterator

from seqbench.experiments.explain.document import Explanation
from seqbench.experiments.explain.evidence import Evidence
from seqbench.experiments.explain.gap import GapSplit
from seqbench.experiments.explain.unit_cost import MAPPING, SystemShare, Unit, UnitCost, excludes
from seqbench.sessions.report import problem, ratio_text
from seqbench.sessions.session import Measured
from seqbench.stats.growth import Estimate
from seqbench.units import duration, percent, short_bytes

_HALF = 0.5


def finding_lines(explanation: Explanation, evidence: Evidence) -> tuple[str, ...]:
    """Return every finding. Where a kind of finding is missing, one line says why."""
    return tuple(
        line for kind in (_gaps, _system_shares, _strands, _switches) for line in kind(explanation, evidence)
    ) or ("none: no difference is larger than the noise",)


def _gaps(explanation: Explanation, evidence: Evidence) -> Iterator[str]:
    for split in evidence.gaps:
        yield _gap(explanation, split)
    if reason := _no_library(explanation):
        yield reason


def _gap(explanation: Explanation, split: GapSplit) -> str:
    subject, reference, library = _titles(explanation)
    times = (
        f"{subject} / {reference} {ratio_text(split.ratio)}, {library} / {subject} {ratio_text(split.library_ratio)}"
    )
    return f"{split.benchmark}: {times}; {cause_of_gap(explanation, split)}"


def _titles(explanation: Explanation) -> tuple[str, str, str]:
    roles = explanation.roles
    return explanation.title(roles.subject), explanation.title(roles.reference), explanation.title(roles.library)


def cause_of_gap(explanation: Explanation, split: GapSplit) -> str:
    """Return in words where a gap comes from."""
    subject, reference, library = _titles(explanation)
    interval = split.library.interval
    if interval is not None and interval.high <= 0:
        # A share below 0 is no share of a gap.
        return f"{library} is no slower than {reference}: the whole gap comes from {subject}"
    parts = (
        f"{split.library.text(percent)} of the gap comes from {library}, "
        f"{split.own.text(percent)} from {subject} itself"
    )
    most = ""
    if interval is not None and interval.low > _HALF:
        most = f": {library} causes most of it"
    elif interval is not None and interval.high < _HALF:
        most = f": {subject} itself causes most of it"
    return f"{parts}{most}"


def _no_library(explanation: Explanation) -> str:
    """Return why a gap could not be attributed; empty if the library was measured in every benchmark."""
    roles = explanation.roles
    title = explanation.title(roles.library)
    if roles.library not in {column.name for column in explanation.large.runtimes}:
        return f"the gap could not be attributed: {roles.library} was not run; fix: add it to --runtimes"
    reasons = []
    for result in explanation.large.results:
        program = result.program(roles.library, "")
        if program is None:
            reasons.append(f"{result.name} has no program for it")
        elif not isinstance(program.outcome, Measured):
            reasons.append(f"{result.name}: {problem(program.outcome)}")
    if not reasons:
        return ""
    missing = f"because {title} was not measured: {'; '.join(reasons)}"
    return f"the gap could not be attributed for every benchmark, {missing}"


def _system_shares(explanation: Explanation, evidence: Evidence) -> Iterator[str]:
    roles = explanation.roles
    for result in explanation.large.results:
        known = [
            (explanation.title(runtime), share)
            for runtime in (roles.subject, roles.library, roles.reference)
            if (share := evidence.share(result.name, runtime)) is not None and excludes(share.of_processor, 0)
        ]
        if any(title == explanation.title(roles.subject) for title, _ in known):
            yield f"{result.name}: the kernel's share of the CPU time, without the start, is {_shares(known)}"


def _shares(known: list[tuple[str, SystemShare]]) -> str:
    (first, share), *others = known
    of_elapsed = f"({share.of_elapsed.text(percent)} of elapsed)"
    rest = "".join(f", {other.of_processor.text(percent)} in {title}" for title, other in others)
    return f"{share.of_processor.text(percent)} in {first} {of_elapsed}{rest}"


def _strands(explanation: Explanation, evidence: Evidence) -> Iterator[str]:
    roles = explanation.roles
    for result in explanation.large.results:
        for runtime in (roles.subject, roles.library, roles.reference):
            cost = evidence.cost(result.name, runtime, Unit.STRAND)
            if cost is not None and (figures := [*_strand_figures(cost), *_maps(evidence, cost)]):
                yield f"{result.name}: each additional strand costs {explanation.title(runtime)} {', '.join(figures)}"


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
    each = [f"{calls.per_unit_of(name):.2f} {name}" for name in MAPPING]
    yield f"{', '.join(each)} (plus {dict(calls.at_small).get('mmap', 0):,} mmap at the start)"


def _switches(explanation: Explanation, evidence: Evidence) -> Iterator[str]:
    """Compare the context switches per message, where their intervals do not overlap."""
    roles = explanation.roles
    for result in explanation.large.results:
        sides = [_per_message(evidence, result.name, runtime) for runtime in (roles.subject, roles.reference)]
        subject, reference = sides
        if subject is None or reference is None or not _are_disjoint(subject, reference):
            continue
        titles = [explanation.title(name) for name in (roles.subject, roles.reference)]
        figures = " and ".join(
            f"{title} {side.text(lambda value: f'{value:.4f}')}"
            for title, side in zip(titles, (subject, reference), strict=True)
        )
        yield f"{result.name}: context switches per message: {figures}"


def _per_message(evidence: Evidence, benchmark: str, runtime: str) -> Estimate | None:
    """Return the switches per message; where only strands are counted, each strand sends one message."""
    cost = evidence.cost(benchmark, runtime, Unit.MESSAGE) or evidence.cost(benchmark, runtime, Unit.STRAND)
    return None if cost is None else cost.switches


def _are_disjoint(first: Estimate, second: Estimate) -> bool:
    if first.interval is None or second.interval is None:
        return False
    return first.interval.low > second.interval.high or first.interval.high < second.interval.low
