from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from seqbench.experiments.explain.gap import GapSplit, gap_split
from seqbench.sessions.session import BenchmarkResult, Failed, Measured, Outcome, Stage
from tests.support.explanations import ROLES, a_measured_result
from tests.support.laws import FEW
from tests.support.strategies import measured

# Of each round: the reference in ms, how much slower the subject is, and the library, which may be anything.
_times = st.tuples(st.floats(1, 1e3), st.floats(1, 1e3), st.floats(1, 1e4))
rounds = st.lists(_times, min_size=6, max_size=12)


def result(seq: Outcome, go: Outcome, may: Outcome) -> BenchmarkResult:
    return a_measured_result("skynet", {"seq": seq, "go": go, "may": may}, leaves=100)


def split(seq: Outcome, go: Outcome, may: Outcome) -> GapSplit | None:
    return gap_split(result(seq, go, may), ROLES, seed=1)


def test_a_library_that_takes_most_of_the_time_has_most_of_the_gap() -> None:
    found = split(measured(*[1000] * 6), measured(*[200] * 6), measured(*[800] * 6))

    assert found is not None
    assert (found.library.value, found.own.value) == (0.75, 0.25)
    assert (found.ratio.median, found.library_ratio.median) == (5.0, 0.8)
    assert found.parameters == (("leaves", 100),)
    assert found.library.interval is not None
    assert (found.library.interval.low, found.library.interval.high) == (0.75, 0.75)


def test_a_library_that_is_faster_than_the_reference_has_less_than_nothing_of_the_gap() -> None:
    found = split(measured(*[300] * 6), measured(*[200] * 6), measured(*[150] * 6))

    assert found is not None
    assert (found.library.value, found.own.value) == (-0.5, 1.5)


def split_of(rounds: list[tuple[float, float, float]], scale: float = 1.0) -> GapSplit:
    """Split the gap of these rounds, of which there is one in each."""
    seq, go, may = (
        measured(*(scale * time for time in times))
        for times in zip(*((first + more, first, library) for first, more, library in rounds), strict=True)
    )
    found = split(seq, go, may)
    # In single draws the slowest reference may come before the fastest subject.
    assume(found is not None)
    assert found is not None
    return found


@FEW
@given(rounds)
def test_the_shares_add_up_to_one(rounds: list[tuple[float, float, float]]) -> None:
    found = split_of(rounds)

    assert found.library.value + found.own.value == pytest.approx(1)
    library, own = found.library.interval, found.own.interval
    assert library is not None
    assert own is not None
    # Each draw adds up to one, so that the ends of one interval are those of the other.
    assert library.low + own.high == pytest.approx(1, rel=1e-6, abs=1e-6 * abs(library.low))
    assert library.high + own.low == pytest.approx(1, rel=1e-6, abs=1e-6 * abs(library.high))


@FEW
@given(rounds, st.floats(min_value=0.1, max_value=10))
def test_the_unit_of_time_does_not_matter(rounds: list[tuple[float, float, float]], scale: float) -> None:
    # Whole nanoseconds are what is left of a time.
    assert split_of(rounds, scale).library.value == pytest.approx(split_of(rounds).library.value, rel=1e-2, abs=1e-2)


@pytest.mark.parametrize(
    ("seq", "go", "why"),
    [
        ([100] * 6, [100] * 6, "there is no gap"),
        ([90] * 6, [100] * 6, "the subject is faster"),
        ([200] * 5, [100] * 5, "too few rounds for an interval"),
        ([200, 200, 200, 200, 200, 90], [100] * 6, "there may be no gap"),
    ],
)
def test_a_gap_that_is_not_sure_is_not_split(seq: list[float], go: list[float], why: str) -> None:
    assert split(measured(*seq), measured(*go), measured(*[100] * len(seq))) is None, why


def test_without_one_of_the_three_there_is_nothing_to_split() -> None:
    failed = Failed(stage=Stage.BUILD, reason="no compiler", detail="")
    slow, fast = measured(*[200] * 6), measured(*[100] * 6)

    assert split(slow, fast, failed) is None
    assert split(failed, fast, slow) is None
    assert split(slow, Measured(samples=(), warm_ups=()), slow) is None
    assert gap_split(a_measured_result("skynet", {"seq": slow, "go": fast}), ROLES, seed=1) is None


def test_only_rounds_that_all_three_ran_in_count() -> None:
    slow, fast = measured(*[200] * 7), measured(*[100] * 7)
    # What this one did in the seventh round no other one can be held against.
    library = measured(*[150] * 7)
    shifted = Measured(samples=tuple(replace(s, round_number=s.round_number + 1) for s in library.samples), warm_ups=())
    found = split(slow, fast, shifted)

    assert found is not None
    assert (found.ratio.count, found.library.value) == (6, 0.5)


@pytest.mark.parametrize("zero_of", ["seq", "go", "may"])
def test_gap_of_times_with_a_zero_has_no_parts(zero_of: str) -> None:
    times = {
        name: measured(*[ms] * 5, 0 if name == zero_of else ms) for name, ms in (("seq", 9), ("go", 2), ("may", 8))
    }
    assert split(**times) is None
