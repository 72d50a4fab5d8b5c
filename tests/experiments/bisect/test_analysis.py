from dataclasses import replace

import pytest

from seqbench.experiments.bisect.analysis import Status, Wanted, analyze
from seqbench.experiments.bisect.document import BisectDocument, Compared
from seqbench.experiments.bisect.search import Nearer
from seqbench.sessions.session import Failed, Outcome, Skipped, Stage
from seqbench.versions.version import Gap
from tests.support.bisections import ROUNDS, bisection, ends, searching, side, step, times, together
from tests.support.strategies import measured

WRONG = Failed(stage=Stage.CHECK, reason="wrong result", detail="7")
WILD = measured(*(100 * (1.5 if n % 2 else 0.7) for n in range(ROUNDS)))


def _wanted(version: int | None, rounds: int, of: int, benchmark: str = "pingpong") -> Wanted:
    return Wanted(benchmarks=(benchmark,), version=version, rounds=rounds, of=of)


def test_good_and_bad_come_first() -> None:
    found = analyze(bisection())
    assert (found.searches, found.wanted, found.most) == ((), _wanted(None, ROUNDS, ROUNDS), 1)


def test_a_difference_begins_the_search_in_the_middle() -> None:
    found = analyze(searching(versions=9))
    (search,) = found.searches
    assert (search.status, search.good, search.bad) == (Status.SEARCHING, 0, 8)
    assert (found.wanted, found.done, found.between) == (_wanted(4, ROUNDS, ROUNDS), 1, (0, 8))
    assert found.most == 1 + 4 + 2


def test_good_and_bad_in_noise_get_more_rounds_until_the_last_look() -> None:
    document = bisection(ends(times(), WILD))
    found = analyze(document)
    assert (found.searches[0].status, found.wanted) == (Status.OPEN, _wanted(None, ROUNDS, 2 * ROUNDS))
    assert found.between == (0, 3)
    found = analyze(replace(document, runs=ROUNDS))
    assert (found.searches[0].status, found.wanted) == (Status.INCONCLUSIVE, None)


@pytest.mark.parametrize(("runs", "of"), [(31, None), (32, 32), (63, 32), (None, 32)])
def test_no_comparison_has_more_rounds_than_it_may(runs: int | None, of: int | None) -> None:
    """Rounds between two looks would be measured and never looked at."""
    for document in (
        bisection(ends(times(), WILD), runs=runs),
        bisection(ends(times(), times(1.1)), step(1, times(), WILD, times(1.1)), runs=runs, versions=3),
    ):
        wanted = analyze(document).wanted
        assert (wanted.of if wanted else None) == of


def test_rounds_of_the_second_look_follow_those_of_the_first_one() -> None:
    document = bisection(ends(times(), WILD))
    more = document.with_rounds("", None, ends(times(), WILD).sessions)
    assert analyze(more).wanted == _wanted(None, 2 * ROUNDS, 4 * ROUNDS)


@pytest.mark.parametrize("outcomes", [(WRONG, times()), (times(), WRONG)])
def test_end_without_a_time_is_not_comparable(outcomes: tuple[Outcome, Outcome]) -> None:
    found = analyze(bisection(ends(*outcomes)))
    assert (found.searches[0].status, found.searches[0].failure, found.wanted) == (Status.FAILED, WRONG, None)


def test_equal_executables_are_the_same_whatever_their_times_are() -> None:
    sessions = tuple(side(outcome, executable="sha256:same") for outcome in (times(), times(1.1)))
    document = bisection(Compared(benchmark="", version=None, sessions=sessions))
    assert analyze(document).searches[0].status is Status.NO_DIFFERENCE
    # The same program with another setting may be slower.
    set_ = (sessions[0], replace(sessions[1], settings=(("SEQ_POOL_CAPACITY", "10"),)))
    document = bisection(Compared(benchmark="", version=None, sessions=set_))
    assert analyze(document).searches[0].status is Status.SEARCHING


def _two(*bad: Outcome) -> BisectDocument:
    """Return the first comparison of two benchmarks."""
    names = ("pingpong", "skynet")
    good = together(*(side(times(), name) for name in names))
    other = together(*(side(outcome, name) for outcome, name in zip(bad, names, strict=True)))
    return bisection(Compared(benchmark="", version=None, sessions=(good, other)))


def test_only_the_open_benchmarks_get_more_rounds() -> None:
    found = analyze(_two(times(1.1), WILD))
    assert found.wanted == _wanted(None, ROUNDS, 2 * ROUNDS, "skynet")
    assert found.searches[1].status is Status.OPEN


def test_benchmarks_are_searched_one_after_another() -> None:
    found = analyze(_two(times(1.1), times(1.2)))
    assert [search.status for search in found.searches] == [Status.SEARCHING] * 2
    assert found.wanted == _wanted(2, ROUNDS, ROUNDS)
    assert found.most == 1 + 2 * (2 + 2)


@pytest.mark.parametrize(
    ("factor", "nearer", "between", "next_one"),
    [(1.0, Nearer.GOOD, (2, 4), 3), (1.1, Nearer.BAD, (0, 2), 1)],
)
def test_version_that_is_like_an_end_halves_the_range(
    factor: float, nearer: Nearer, between: tuple[int, int], next_one: int
) -> None:
    document = bisection(ends(times(), times(1.1)), step(2, times(), times(factor), times(1.1)), versions=5)
    found = analyze(document)
    (judged,) = found.searches[0].judged
    assert (judged.nearer, judged.relation, judged.next_look) == (nearer, "", None)
    assert (found.wanted, found.between, found.done) == (_wanted(next_one, ROUNDS, ROUNDS), between, 2)


def test_version_in_noise_gets_more_rounds_and_is_at_last_left_undecided() -> None:
    document = bisection(ends(times(), times(1.1)), step(1, times(), WILD, times(1.1)), versions=3)
    found = analyze(document)
    assert found.wanted == _wanted(1, ROUNDS, 2 * ROUNDS)
    assert (found.done, found.searches[0].undecided) == (1, ())

    (search,) = analyze(replace(document, runs=ROUNDS)).searches
    assert (search.status, search.good, search.bad) == (Status.FOUND, 0, 2)
    assert [each.version for each in search.undecided] == [1]


@pytest.mark.parametrize(
    ("outcomes", "reason"),
    [
        ((times(), WRONG, times(1.1)), "wrong result"),
        ((WRONG, times(), times(1.1)), "good failed beside it: wrong result"),
        ((times(), times(), WRONG), "bad failed beside it: wrong result"),
        ((times(), Skipped(reason="no time", remedy=""), times(1.1)), "was not run"),
    ],
)
def test_version_without_a_time_is_a_gap_that_names_who_failed(outcomes: tuple[Outcome, ...], reason: str) -> None:
    found = analyze(bisection(ends(times(), times(1.1)), step(2, *outcomes), versions=5))
    (search,) = found.searches
    assert [(gap.version, gap.reason) for gap in search.gaps] == [(2, reason)]
    assert (search.judged, found.wanted) == ((), _wanted(3, ROUNDS, ROUNDS))


@pytest.mark.parametrize(("benchmark", "next_one"), [("", 3), ("pingpong", 3), ("skynet", 2)])
def test_what_could_not_be_built_is_stepped_around(benchmark: str, next_one: int) -> None:
    gap = Gap(version=2, benchmark=benchmark, reason="does not build")
    found = analyze(replace(searching(versions=5), gaps=(gap,)))
    assert found.wanted == _wanted(next_one, ROUNDS, ROUNDS)
    assert found.searches[0].gaps == ((gap,) if next_one == 3 else ())


def test_version_that_can_be_built_no_more_is_stepped_around_between_two_looks() -> None:
    document = bisection(ends(times(), times(1.1)), step(2, times(), WILD, times(1.1)), versions=5)
    assert analyze(document).wanted == _wanted(2, ROUNDS, 2 * ROUNDS)
    gone = replace(document, gaps=(Gap(version=2, benchmark="", reason="does not build"),))
    assert analyze(gone).wanted == _wanted(3, ROUNDS, ROUNDS)


@pytest.mark.parametrize(
    ("factor", "relation"),
    [
        (1.05, "between good and bad"),
        (1.2, "slower than both good and bad"),
        (0.9, "faster than both good and bad"),
        # Another ratio than that of both ends, but within the margin.
        (1.01, ""),
        (1.115, ""),
    ],
)
def test_version_that_is_like_neither_end_is_said(factor: float, relation: str) -> None:
    (judged,) = analyze(searching(factor, versions=3, runs=ROUNDS)).searches[0].judged
    assert judged.relation.startswith(relation)
    assert bool(judged.relation) is bool(relation)


def test_search_ends_after_its_last_comparison() -> None:
    """As many as halving takes and two more, even if versions are left."""
    undecided = [step(number, times(), WILD, times(1.1)) for number in (4, 3, 5, 2, 6, 1)]
    document = bisection(ends(times(), times(1.1)), *undecided, versions=9, runs=ROUNDS)
    found = analyze(document)
    assert (found.wanted, found.searches[0].status) == (None, Status.FOUND)
    fewer = replace(document, comparisons=document.comparisons[:-1])
    assert analyze(fewer).wanted == _wanted(7, ROUNDS, ROUNDS)
