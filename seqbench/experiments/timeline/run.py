"""Measure a timeline: all versions in common rounds with the reference, then both sides of what may be a step."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from statistics import median

from seqbench.bench.programs import Side
from seqbench.bench.request import Request
from seqbench.errors import SeqbenchError, ToolchainError, UsageError
from seqbench.events import Listener, Phase, Remark
from seqbench.experiments.timeline.analysis import Wanted, wanted
from seqbench.experiments.timeline.document import OWN_CLOCK, WALL_CLOCK, TimelineDocument
from seqbench.experiments.timeline.steps import FIRST_ROUNDS
from seqbench.runtimes.registry import COMPARED_RUNTIME
from seqbench.sessions.session import Measured, State
from seqbench.suite.benchmarks import Suite
from seqbench.units import NS_PER_S, clock_duration, durations
from seqbench.versions.field import Field, as_stored, field_of
from seqbench.versions.version import Version

Saver = Callable[[TimelineDocument], None]
_START_ROUNDS = 10


class NothingMeasuredError(SeqbenchError):
    """No version, or no reference, can be built."""

    exit_code = ToolchainError.exit_code


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineRequest:
    """What `invoke timeline` adds to a request."""

    versions: tuple[Version, ...]
    runtime: str = COMPARED_RUNTIME
    reference: str = ""
    """The name of another runtime, or a SPEC; empty for the first version that can be measured."""
    margin: float
    step: float
    clock: str = OWN_CLOCK


def run(request: Request, timeline: TimelineRequest, *, listen: Listener, save: Saver) -> TimelineDocument:
    """Measure the versions; `save` receives the timeline after every part, and after an interrupt.

    Raises
    ------
    UsageError
        An unknown benchmark or runtime, or a size that does not fit.
    NothingMeasuredError
        No version can be built, or the reference cannot.
    KeyboardInterrupt
        Interrupted.
    """
    is_runtime = timeline.reference in {runtime.name for runtime in request.load_suite().runtimes}
    document = TimelineDocument(
        runtime=timeline.runtime,
        versions=timeline.versions,
        reference=timeline.reference,
        reference_runtime=timeline.reference if is_runtime else timeline.runtime,
        reference_place=None,
        is_default_runtime=timeline.runtime == COMPARED_RUNTIME,
        only=request.only,
        size=request.size.flag,
        seed=request.seed,
        margin=timeline.margin,
        step=timeline.step,
        clock=timeline.clock,
        runs=request.runs,
        target_cpu=request.target_cpu.choice.value,
        state=State.RUNNING,
    )
    return _measured(request, document, listen=listen, save=save)


def resume(request: Request, document: TimelineDocument, *, listen: Listener, save: Saver) -> TimelineDocument:
    """Continue an interrupted timeline, with its own seed and settings; the budget is that of the request.

    Raises
    ------
    UsageError, NothingMeasuredError, KeyboardInterrupt
        See `run`; or the machine, the sources, a program or the reference has changed.
    """
    asked = as_stored(request, document)
    # Another budget may hold what the earlier one did not.
    return _measured(asked, replace(document, state=State.RUNNING, planned=()), listen=listen, save=save)


def _measured(request: Request, document: TimelineDocument, *, listen: Listener, save: Saver) -> TimelineDocument:
    runtimes = tuple(dict.fromkeys((document.runtime, document.reference_runtime)))
    if document.clock == WALL_CLOCK:
        request = replace(request, suite=_by_wall_clock(request.load_suite()))
    with field_of(request, document.versions, runtimes, listen) as field:
        field.starts_quickly = document.clock == OWN_CLOCK
        field.gaps.extend(document.gaps)
        document, sides = _built(field, document)
        names = tuple(name for name in field.names if any(not field.gap(place, name) for place in sides))
        document = replace(document, only=names, gaps=tuple(field.gaps))
        reference = _reference(field, document, sides)
        _require_unchanged(field, document, reference)
        # Another runtime may be much faster than the versions.
        newest = [sides[max(sides)]] if document.reference_place is None else []
        field.choose_sizes((reference, *newest), names, document.rounds[0] if document.rounds else ())
        if document.clock == WALL_CLOCK and not document.starts:
            document = _with_starts(field, document, reference, sides)
        return _finished(field, document, reference, request=request, save=save)


def _built(field: Field, document: TimelineDocument) -> tuple[TimelineDocument, dict[int, Side]]:
    """Build every version, and choose the reference."""
    count = len(document.versions)
    sides: dict[int, Side] = {}
    for place, version in enumerate(document.versions):
        field.listen(Phase(text=f"version {place + 1} of {count}: {version.text}"))
        side = field.side(place)
        if side is not None:
            sides[place] = side
    usable = [place for place in sides if any(not field.gap(place, name) for name in field.names)]
    if not usable:
        first = field.gaps[0]
        raise NothingMeasuredError(
            f"no version can be measured: {document.versions[first.version].label} {first.reason}: {first.detail}",
            "choose other versions, or write NAME@VERSION sources for the language of these",
        )
    if not document.reference:
        # The one that most benchmarks have, of these the first.
        best = max(usable, key=lambda place: (sum(not field.gap(place, name) for name in field.names), -place))
        document = replace(document, reference_place=best)
    elif document.reference_runtime == document.runtime:
        places = [i for i, each in enumerate(document.versions) if document.reference in (each.label, each.spec)]
        document = replace(document, reference_place=next(iter(places), None))
    return document, {place: sides[place] for place in usable}


def _reference(field: Field, document: TimelineDocument, sides: dict[int, Side]) -> Side:
    """Return the side that runs in every round."""
    if document.reference_place is not None:
        side = sides.get(document.reference_place)
        if side is None:
            raise NothingMeasuredError(
                f"the reference {document.reference} cannot be measured", "choose another --reference"
            )
        return side
    is_other = document.reference_runtime != document.runtime
    spec = "" if is_other else document.reference
    version = Version(label=document.reference, spec=spec)
    try:
        return field.build(version, document.reference_runtime)
    except ToolchainError as error:
        message = f"the reference {document.reference} cannot be built: {error.message}"
        raise NothingMeasuredError(message, error.fix or "choose another --reference") from error


def _by_wall_clock(suite: Suite) -> Suite:
    """Return the suite with the whole processes as the times of its programs."""
    return replace(
        suite,
        benchmarks=tuple(
            replace(
                benchmark,
                programs=tuple(
                    replace(program, output=replace(program.output, is_wall=True)) for program in benchmark.programs
                ),
            )
            for benchmark in suite.benchmarks
        ),
    )


def _with_starts(field: Field, document: TimelineDocument, reference: Side, sides: dict[int, Side]) -> TimelineDocument:
    """Measure how long each version takes to start and end, which is taken off its wall clock."""
    places = [None if document.reference_place is None else document.reference_place]
    places += [place for place in sides if place != document.reference_place]
    field.listen(Phase(text=f"the start of {len(places)} programs, in {_START_ROUNDS} rounds"))
    sessions = field.starts(
        (reference, *(sides[place] for place in places[1:] if place is not None)), field.names, _START_ROUNDS
    )
    starts = []
    for place, session in zip(places, sessions, strict=bool(sessions)):
        for result in session.results:
            for program in result.programs:
                if isinstance(program.outcome, Measured) and program.outcome.samples:
                    start_ns = round(median(sample.wall_ns for sample in program.outcome.samples))
                    starts.append((result.benchmark, -1 if place is None else place, start_ns))
    return replace(document, starts=tuple(starts))


def _require_unchanged(field: Field, document: TimelineDocument, reference: Side) -> None:
    """Make sure that more rounds of every part may follow its stored ones.

    Raises
    ------
    UsageError
        A version has changed since or cannot be built any more, or see `Field.require_unchanged`.
    """
    for part in document.parts:
        field.require_unchanged(part.sessions[0], reference, reference.name, "timeline")
        for place, session in zip(part.places, part.sessions[1:], strict=True):
            side = field.side(place)
            if side is None:
                version, gap = document.versions[place], field.gap(place, "")
                detail = f": {gap.detail}" if gap else ""
                raise UsageError(
                    f"cannot resume this timeline: {version.label} cannot be built any more{detail}",
                    "start a new one, without --resume",
                )
            field.require_unchanged(session, side, side.name, "timeline")


def _finished(
    field: Field, document: TimelineDocument, reference: Side, *, request: Request, save: Saver
) -> TimelineDocument:
    """Measure what is missing, as far as the budget holds it."""
    limit_ns, began_ns = request.limit_s * NS_PER_S, time.monotonic_ns()
    each_ns = dict(field.costs_ns)
    try:
        while (next_part := wanted(document)) is not None:
            left_ns = limit_ns - (time.monotonic_ns() - began_ns)
            cost_ns = sum(each_ns.get(name, 0.0) for name in next_part.names) * (1 + len(next_part.places))
            rounds = next_part.rounds
            if cost_ns and limit_ns < inf:
                # Without its first rounds a timeline would show nothing.
                least = 0 if document.parts else min(rounds, FIRST_ROUNDS)
                rounds = max(least, min(rounds, int(next_part.share * left_ns / cost_ns) - 1))
                if not document.parts:
                    _warn_beyond(field, (rounds + 1) * cost_ns, left_ns)
            if rounds < next_part.rounds:
                what = f"a possible step of {next_part.benchmark}" if next_part.benchmark else "all versions"
                more = f"the budget is enough for {rounds} of {next_part.rounds} planned rounds of {what}"
                field.listen(Remark(text=more))
            document = _planned(document, next_part, rounds)
            if rounds <= 0:
                continue
            started_ns = time.monotonic_ns()
            about = f", about {clock_duration(cost_ns * (rounds + 1) / NS_PER_S)}" if cost_ns else ""
            _announce(field, next_part, rounds, about)
            document = _part(field, document, reference, next_part, rounds)
            took_ns = time.monotonic_ns() - started_ns
            runs = (rounds + 1) * (1 + len(next_part.places)) * len(next_part.names)
            each_ns |= dict.fromkeys(next_part.names, took_ns / runs)
            save(document)
    except KeyboardInterrupt:
        if document.parts:
            save(replace(document, state=State.INTERRUPTED))
        raise
    document = replace(document, state=State.COMPLETE)
    save(document)
    return document


def _warn_beyond(field: Field, part_ns: float, left_ns: float) -> None:
    """Report that the first part, which is measured in any case, takes longer than the budget."""
    if part_ns > left_ns:
        takes, left = durations((part_ns, max(0.0, left_ns)))
        text = f"the first rounds of all versions take about {takes}, and the budget has {left}"
        field.listen(Remark(text=f"{text}; a smaller --size, fewer versions or benchmarks (--only) take less"))


def _planned(document: TimelineDocument, part: Wanted, rounds: int) -> TimelineDocument:
    """Return the timeline with the rounds that this part will have, so that they are not planned again."""
    had = document.part(part.benchmark)
    before = had.sessions[0].results[0].rounds if had is not None and had.sessions[0].results else 0
    if before == 0 and not part.benchmark and document.runs is None:
        return document  # the first rounds of all versions, from which the others are planned
    others = tuple(each for each in document.planned if each[0] != part.benchmark)
    return replace(document, planned=(*others, (part.benchmark, before + rounds)))


def _announce(field: Field, part: Wanted, rounds: int, about: str) -> None:
    what = f"{part.benchmark}: a possible step" if part.benchmark else "all versions"
    several = "1 version" if len(part.places) == 1 else f"{len(part.places)} versions"
    field.listen(Phase(text=f"{what}: {several} and the reference in {rounds} rounds{about}"))


def _part(field: Field, document: TimelineDocument, reference: Side, part: Wanted, rounds: int) -> TimelineDocument:
    sides = {place: side for place in part.places if (side := field.side(place)) is not None}
    seed = 1 + sum(result.rounds for sessions in document.rounds for result in sessions[0].results)
    sessions = field.measure((reference, *sides.values()), part.names, rounds, seed=seed)
    return document.with_rounds(part.benchmark, tuple(sides), sessions)
