"""Work out the course of each benchmark from the common rounds, and what has to be measured next. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import exp
from statistics import median

from seqbench.experiments.timeline.document import Part, TimelineDocument
from seqbench.experiments.timeline.steps import (
    FIRST_ROUNDS,
    candidate_error,
    confirmed,
    is_candidate,
    rounds_of_all,
    rounds_of_candidate,
    share_of_look,
)
from seqbench.sessions.session import BenchmarkResult, Failed, Session, Stage
from seqbench.stats.signed_rank import fewest_values
from seqbench.versions.contrasts import Contrast, contrast
from seqbench.versions.joined import log_ratios, log_times, rounds_of, samples_of
from seqbench.versions.version import Gap

# Of the interval of each point: 95 %.
_POINT_ERROR = 0.05
# Of the budget: the rest is for what may be a step.
_SHARE_OF_ALL = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One version of a benchmark: its time, or why it has none."""

    version: int
    gap: Gap | None = None
    median_ns: float = 0.0
    to_reference: Contrast | None = None
    """Version / reference with a 95 % interval; None for a gap, for the reference itself, and with too few rounds."""
    is_reference: bool = False
    rounds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedStep:
    """A step between two neighbouring versions that were measured, from fresh rounds."""

    before: int
    after: int
    size: Contrast
    """After / before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The course of one benchmark through the versions."""

    name: str
    benchmark: str
    title: str
    points: tuple[Point, ...]
    steps: tuple[MarkedStep, ...]
    open_candidates: tuple[tuple[int, int], ...]
    """What may be a step, and has too few fresh rounds to decide it."""
    whole: Contrast | None
    """The last version that was measured / the first one."""
    rounds_needed: int = 0
    """The fewest rounds in which a step can be found, if the versions have fewer; else 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What has to be measured next."""

    benchmark: str
    """Empty: all benchmarks and versions."""
    names: tuple[str, ...]
    """The benchmarks to run."""
    places: tuple[int, ...]
    rounds: int
    """How many more."""
    share: float
    """Of the time that is left."""


def wanted(document: TimelineDocument) -> Wanted | None:
    """Return what has to be measured next; None at the end."""
    every = document.part("")
    planned = dict(document.planned)
    if every is None:
        places = tuple(place for place in range(len(document.versions)) if place != document.reference_place)
        rounds = document.runs or FIRST_ROUNDS
        return Wanted(benchmark="", names=document.only, places=places, rounds=rounds, share=_SHARE_OF_ALL)
    names = _names(every)
    had = max((rounds_of(every.sessions[0], name) for name in names), default=0)
    if document.runs is None:
        total = planned.get("", max((_rounds_of_all(document, every, name) for name in names), default=0))
        if total > had:
            rounds = total - had
            return Wanted(benchmark="", names=document.only, places=every.places, rounds=rounds, share=_SHARE_OF_ALL)
    candidates = {name: _candidates(document, every, name) for name in names}
    number = sum(len(each) for each in candidates.values())
    by_benchmark: dict[str, dict[str, Sequence[tuple[int, int]]]] = {}
    for name, found in candidates.items():
        if found:
            by_benchmark.setdefault(name.partition("/")[0], {})[name] = found
    waiting = [more for each in by_benchmark.items() if (more := _fresh(document, every, *each, candidates=number))]
    return replace(waiting[0], share=1 / len(waiting)) if waiting else None


def _fresh(
    document: TimelineDocument,
    every: Part,
    benchmark: str,
    found: Mapping[str, Sequence[tuple[int, int]]],
    *,
    candidates: int,
) -> Wanted | None:
    """Return the fresh rounds that the candidates of a benchmark are missing; None if they have all.

    All rounds of a part have the same versions. So candidates beside other versions, which appeared after it began,
    stay open.

    Parameters
    ----------
    found : the candidates of each test of the benchmark, by its name.
    """
    close = document.part(benchmark)
    if close is not None:
        measured = {*close.places, document.reference_place}
        found = {name: [pair for pair in pairs if set(pair) <= measured] for name, pairs in found.items()}
    near = {place for pairs in found.values() for pair in pairs for place in pair} - {document.reference_place}
    if not near:
        return None
    times = {name: _logs(document, every, name) for name in found}
    needed = max(
        rounds_of_candidate(_between(times[name], *pair), candidates, document.step)
        for name, pairs in found.items()
        for pair in pairs
    )
    had = max(rounds_of(close.sessions[0], name) for name in found) if close is not None else 0
    rounds = dict(document.planned).get(benchmark, needed) - had
    if rounds <= 0:
        return None
    places = close.places if close is not None else tuple(sorted(near))
    return Wanted(benchmark=benchmark, names=(benchmark,), places=places, rounds=rounds, share=1.0)


def analyze(document: TimelineDocument) -> tuple[Course, ...]:
    """Return the course of every benchmark."""
    every = document.part("")
    if every is None:
        return ()
    number = sum(len(_candidates(document, every, name)) for name in _names(every))
    return tuple(_course(document, every, result, number) for result in every.sessions[0].results)


def _course(document: TimelineDocument, every: Part, result: BenchmarkResult, candidates: int) -> Course:
    name, benchmark = result.name, result.benchmark
    close = document.part(benchmark)
    steps, left = [], []
    for before, after in _candidates(document, every, name):
        times = _logs(document, close, name) if close is not None else {}
        has_both = before in times and after in times
        fresh = _between(times, before, after) if has_both else []
        seen = _between(_logs(document, every, name), before, after)
        is_last = len(fresh) >= rounds_of_candidate(seen, candidates, document.step)
        share = share_of_look(close.looks if close is not None else 1, is_last=is_last)
        size = confirmed(fresh, candidates, document.margin, share=share)
        if size is not None:
            steps.append(MarkedStep(before=before, after=after, size=size))
        elif not is_last:
            left.append((before, after))
    points = tuple(_point(document, place, result) for place in range(len(document.versions)))
    times = _logs(document, every, name)
    ends = sorted(times.keys() - {-1})
    return Course(
        name=name,
        benchmark=benchmark,
        title=result.title,
        points=points,
        steps=tuple(steps),
        open_candidates=tuple(left),
        whole=contrast(_between(times, ends[0], ends[-1]), _POINT_ERROR) if len(ends) > 1 else None,
        rounds_needed=_rounds_needed(every, times),
    )


def _point(document: TimelineDocument, place: int, result: BenchmarkResult) -> Point:
    name, benchmark = result.name, result.benchmark
    is_reference = place == document.reference_place
    logs: list[float] = []
    own: list[float] = []
    known = next((gap for gap in document.gaps if gap.version == place and gap.benchmark in ("", benchmark)), None)
    for part in document.parts:
        if part.benchmark not in ("", benchmark) or (not is_reference and place not in part.places):
            continue
        session = part.sessions[0 if is_reference else 1 + part.places.index(place)]
        times = _own_logs(document, session, name, place)
        if isinstance(times, Failed):
            known = known or Gap(version=place, benchmark=benchmark, reason=times.reason, detail=times.detail)
            continue
        own += times.values()
        reference = _own_logs(document, part.sessions[0], name, document.reference_place)
        if not isinstance(reference, Failed):
            logs += log_ratios(times, reference)
    if known is not None or not own:
        return Point(version=place, gap=known or Gap(version=place, benchmark=benchmark, reason="not measured"))
    return Point(
        version=place,
        median_ns=exp(median(own)),
        to_reference=None if is_reference else contrast(logs, _POINT_ERROR),
        is_reference=is_reference,
        rounds=len(own),
    )


def _names(part: Part) -> tuple[str, ...]:
    return tuple(result.name for result in part.sessions[0].results)


def _own_logs(document: TimelineDocument, session: Session, name: str, place: int | None) -> dict[int, float] | Failed:
    """Return the log times of a version in each round; those of the reference where `place` is that of it, or None."""
    is_reference = place == document.reference_place
    samples = samples_of(session, name, document.reference_runtime if is_reference else document.runtime)
    if isinstance(samples, Failed):
        return samples
    start_ns = document.start_ns(name.partition("/")[0], place)
    if start_ns and median(sample.elapsed_ns for sample in samples) <= start_ns:
        return Failed(stage=Stage.CHECK, reason="takes no longer than its start", detail="use a larger --size")
    return log_times(samples, less_ns=start_ns)


def _logs(document: TimelineDocument, part: Part, name: str) -> dict[int, dict[int, float]]:
    """Return the log times of every version that was measured in a part, by its place and the round.

    The reference is at -1, or at its place among the versions.
    """
    found = {}
    for place, session in zip((document.reference_place, *part.places), part.sessions, strict=True):
        logs = _own_logs(document, session, name, place)
        if not isinstance(logs, Failed):
            found[-1 if place is None else place] = logs
    return found


def _between(times: dict[int, dict[int, float]], before: int, after: int) -> list[float]:
    return log_ratios(times[after], times[before])


def _boundaries(times: dict[int, dict[int, float]]) -> list[tuple[int, int]]:
    return list(pairwise(sorted(times.keys() - {-1})))


def _candidates(document: TimelineDocument, every: Part, name: str) -> Sequence[tuple[int, int]]:
    """Return the neighbours between which there may be a step."""
    times = _logs(document, every, name)
    pairs = _boundaries(times)
    number = len(pairs) * len(every.sessions[0].results)
    return [pair for pair in pairs if is_candidate(_between(times, *pair), number, document.margin)]


def _rounds_needed(every: Part, times: dict[int, dict[int, float]]) -> int:
    """Return the fewest rounds in which a boundary can be a candidate, if all boundaries have fewer; else 0."""
    pairs = _boundaries(times)
    least = fewest_values(candidate_error(len(pairs) * len(every.sessions[0].results)))
    return least if pairs and all(len(_between(times, *pair)) < least for pair in pairs) else 0


def _rounds_of_all(document: TimelineDocument, every: Part, name: str) -> int:
    """Return the planned rounds of all versions, from the first ones alone."""
    times = _logs(document, every, name)
    first = {place: {n: t for n, t in each.items() if n <= FIRST_ROUNDS} for place, each in times.items()}
    return rounds_of_all([_between(first, *pair) for pair in _boundaries(times)], document.step)
