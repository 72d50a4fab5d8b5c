"""Work out what a bisection shows so far, and what has to be measured next. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from seqbench.experiments.bisect.document import BisectDocument, Compared
from seqbench.experiments.bisect.search import (
    Design,
    First,
    Nearer,
    StepTimes,
    bounds,
    judge_first,
    judge_step,
    last_look,
    most_rounds,
    next_version,
)
from seqbench.sessions.session import BenchmarkResult, Failed, Session
from seqbench.versions.contrasts import LOOKS, Contrast, contrast
from seqbench.versions.joined import log_ratios, log_times, rounds_of, samples_of
from seqbench.versions.version import Gap


class Status(StrEnum):
    """How far the search of one benchmark has come."""

    OPEN = "open"
    NO_DIFFERENCE = "no difference"
    INCONCLUSIVE = "inconclusive"
    FAILED = "failed"
    SEARCHING = "searching"
    FOUND = "found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the rounds of one version show."""

    version: int
    nearer: Nearer | None
    to_good: Contrast | None
    """Version / good."""
    to_bad: Contrast | None
    rounds: int
    next_look: int | None = None
    relation: str = ""
    """How it differs from both ends; empty if it is like one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """The search of one benchmark."""

    name: str
    """The name of the result."""
    benchmark: str
    title: str
    status: Status
    first: Contrast | None = None
    """Bad / good."""
    failure: Failed | None = None
    """Why good or bad has no time."""
    good: int = 0
    """The last version that is like good."""
    bad: int = 0
    """The first one that is like bad."""
    judged: tuple[Judged, ...] = ()
    gaps: tuple[Gap, ...] = ()
    """Versions without a time that were tried."""

    @property
    def undecided(self) -> tuple[Judged, ...]:
        """Return the versions that are not nearer to one end for certain."""
        return tuple(each for each in self.judged if each.nearer is None and each.next_look is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What has to be measured next."""

    benchmarks: tuple[str, ...]
    version: int | None
    """None: good and bad alone."""
    rounds: int
    """How many more."""
    of: int
    """How many there will then be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What a bisection shows so far."""

    searches: tuple[Search, ...]
    wanted: Wanted | None
    """None at the end."""
    done: int = 0
    """The comparisons that are settled."""
    most: int = 0
    """How many comparisons it takes at most."""
    between: tuple[int, int] = (0, 0)
    """The range in which the searched version lies."""


@dataclass(slots=True)
class _State:
    nearer: dict[int, Nearer] = field(default_factory=dict)
    unusable: set[int] = field(default_factory=set)
    gaps: list[Gap] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)


def analyze(document: BisectDocument) -> Analysis:
    """Return what is known, and what has to be measured next."""
    last = len(document.versions) - 1
    if document.first is None:
        return Analysis(
            searches=(), wanted=Wanted(benchmarks=document.only, version=None, rounds=LOOKS[0], of=LOOKS[0]), most=1
        )
    good, bad = document.first.sessions
    family = max(1, len(good.results))
    design = Design(versions=len(document.versions), benchmarks=family)
    looked = [_first(result, (good, bad), document, design) for result in good.results]
    open_ones = [(result, first) for result, first, _ in looked if first is not None and first.next_look]
    if open_ones:
        look = min(first.next_look or 0 for _, first in open_ones)
        names = tuple(dict.fromkeys(r.benchmark for r, first in open_ones if first.next_look == look))
        had = min(rounds_of(good, result.name) for result, first in open_ones if first.next_look == look)
        searches = tuple(_unsearched(result, first, failed) for result, first, failed in looked)
        wanted = Wanted(benchmarks=names, version=None, rounds=look - had, of=look)
        return Analysis(searches=searches, wanted=wanted, most=1, between=(0, last))
    found: list[Search] = []
    next_one: Wanted | None = None
    done, between = 1, (0, last)
    for result, first, failed in looked:
        search = _unsearched(result, first, failed)
        if first is not None and first.is_different and first.found is not None:
            search, more = _searched(search, first.found.centre, document, design)
            done += sum(each.next_look is None for each in search.judged)
            if more is not None and next_one is None:
                next_one, between = more, (search.good, search.bad)
        found.append(search)
    number = sum(each.status in (Status.SEARCHING, Status.FOUND) for each in found)
    return Analysis(
        searches=tuple(found), wanted=next_one, done=done, most=1 + number * design.most_steps, between=between
    )


def _first(
    result: BenchmarkResult, ends: tuple[Session, Session], document: BisectDocument, design: Design
) -> tuple[BenchmarkResult, First | None, Failed | None]:
    """Return the verdict on good and bad, or the failure of one of them."""
    found = [samples_of(session, result.name, document.runtime) for session in ends]
    for samples in found:
        if isinstance(samples, Failed):
            return result, None, samples
    logs = _ratios(result.name, ends, document.runtime)
    programs = [next((r for r in session.results if r.name == result.name), result) for session in ends]
    digests = {p.executable for r in programs if (p := r.program(document.runtime, ""))}
    settings = {session.settings for session in ends}
    if len(digests) == 1 and len(settings) == 1:
        same = contrast(logs, design.first_error)
        return result, First(found=same, is_same=True), None
    return result, judge_first(logs, design, margin=document.margin, most=last_look(document.runs)), None


def _unsearched(result: BenchmarkResult, first: First | None, failed: Failed | None) -> Search:
    status = Status.FAILED
    if first is not None:
        open_status = Status.OPEN if first.next_look else Status.INCONCLUSIVE
        status = Status.NO_DIFFERENCE if first.is_same else open_status
    return Search(
        name=result.name,
        benchmark=result.benchmark,
        title=result.title,
        status=status,
        first=None if first is None else first.found,
        failure=failed,
    )


def _searched(search: Search, step: float, document: BisectDocument, design: Design) -> tuple[Search, Wanted | None]:
    """Replay the steps of a benchmark, and return the search with what comes next.

    Parameters
    ----------
    step : the log ratio bad / good.
    """
    count = len(document.versions)
    logs = _ratios(search.name, document.ends, document.runtime)
    most = min(most_rounds(logs, step, design), last_look(document.runs))
    state = _State()
    for gap in document.gaps:
        if gap.benchmark in ("", search.benchmark):
            state.unusable.add(gap.version)
            state.gaps.append(gap)
    for compared in document.steps(search.benchmark):
        _replay(compared, search, state, document, step=step, design=design, most=most)
    low, high = bounds(count, state.nearer)
    wanted = None
    # What can be built no more has no next look.
    gone = {gap.version for gap in state.gaps}
    unfinished = next(
        ((each, look) for each in state.judged if (look := each.next_look) and each.version not in gone), None
    )
    if unfinished is not None:
        judged, look = unfinished
        rounds = look - judged.rounds
        wanted = Wanted(benchmarks=(search.benchmark,), version=judged.version, rounds=rounds, of=look)
    elif len(state.judged) < design.most_steps:
        place = next_version(count, state.nearer, state.unusable)
        if place is not None:
            wanted = Wanted(benchmarks=(search.benchmark,), version=place, rounds=LOOKS[0], of=LOOKS[0])
    found = Search(
        name=search.name,
        benchmark=search.benchmark,
        title=search.title,
        status=Status.SEARCHING if wanted else Status.FOUND,
        first=search.first,
        good=low,
        bad=high,
        judged=tuple(state.judged),
        gaps=tuple(sorted(state.gaps, key=lambda gap: gap.version)),
    )
    return found, wanted


def _replay(
    compared: Compared,
    search: Search,
    state: _State,
    document: BisectDocument,
    *,
    step: float,
    design: Design,
    most: int,
) -> None:
    """Add what the rounds of one version show."""
    place = compared.version or 0
    times = []
    for beside, session in zip(
        ("good failed beside it: ", "", "bad failed beside it: "), compared.sessions, strict=True
    ):
        samples = samples_of(session, search.name, document.runtime)
        if isinstance(samples, Failed):
            state.unusable.add(place)
            reason = beside + samples.reason
            state.gaps.append(Gap(version=place, benchmark=search.benchmark, reason=reason, detail=samples.detail))
            return
        times.append(log_times(samples))
    rounds = sorted(set.intersection(*(set(each) for each in times)))
    good, version, bad = ([each[number] for number in rounds] for each in times)
    result = judge_step(StepTimes(good=good, version=version, bad=bad), step, design, most)
    # The rounds choose at which look the step is over, so this has the error of a look. A version can be like one end
    # only, so both ends need not share it.
    error = design.step_error
    to_good = contrast([v - g for v, g in zip(version, good, strict=True)], error)
    to_bad = contrast([v - b for v, b in zip(version, bad, strict=True)], error)
    state.judged.append(
        Judged(
            version=place,
            nearer=result.nearer,
            to_good=to_good,
            to_bad=to_bad,
            rounds=len(rounds),
            next_look=result.next_look,
            relation="" if result.next_look else _relation(to_good, to_bad, document.margin),
        )
    )
    if result.nearer is not None:
        state.nearer[place] = result.nearer
    elif result.next_look is None:
        state.unusable.add(place)


def _relation(to_good: Contrast | None, to_bad: Contrast | None, margin: float) -> str:
    """Return how a version differs from both ends."""
    if to_good is None or to_bad is None:
        return ""
    for each in (to_good, to_bad):
        if not each.sign or abs(each.centre) <= margin:
            return ""
    if to_good.sign != to_bad.sign:
        return "between good and bad: the change came in more than one step"
    slower = "slower" if to_good.sign > 0 else "faster"
    return f"{slower} than both good and bad: another version undoes that"


def _ratios(name: str, ends: Sequence[Session], runtime: str) -> list[float]:
    times = [samples_of(session, name, runtime) for session in ends]
    good, bad = (log_times(samples) if not isinstance(samples, Failed) else {} for samples in times)
    return log_ratios(bad, good)
