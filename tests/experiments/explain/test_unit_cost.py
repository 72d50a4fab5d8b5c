from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.experiments.explain.document import Explanation
from seqbench.experiments.explain.unit_cost import (
    Unit,
    UnitCalls,
    UnitCost,
    excludes,
    system_shares,
    unit_calls,
    unit_costs,
)
from seqbench.sessions.session import Failed, Sample, Stage
from tests.support.explanations import (
    a_measured_result,
    a_run,
    an_explanation,
    an_instrumented_run,
    at,
    at_two_sizes,
    ran,
)
from tests.support.strategies import a_session

START_NS = 50_000_000


def works(
    each_ns: int,
    *,
    strands: Callable[[int], int] | None = None,
    system_ns: int = 0,
    faults: int = 0,
    rss_bytes: int = 0,
) -> Callable[[int], Sample]:
    """Build a program that has a start, and then costs so much for each leaf."""

    def run(size: int) -> Sample:
        return a_run(
            elapsed_ns=size * each_ns,
            user_ns=START_NS + size * each_ns,
            system_ns=START_NS + size * system_ns,
            minor_faults=20_000 + size * faults,
            major_faults=0,
            voluntary_switches=10 + 3 * size,
            involuntary_switches=7,
            max_rss_bytes=(80 << 20) + size * rss_bytes,
            max_rss_floor_bytes=50 << 20,
            ledger={"tasks": strands(size) if strands else size, "messages": size},
        )

    return run


def costs(explanation: Explanation) -> tuple[UnitCost, ...]:
    return unit_costs(explanation.small, explanation.large)


def the_cost(explanation: Explanation) -> UnitCost:
    (found,) = costs(explanation)
    return found


def test_the_start_is_no_part_of_what_one_more_costs() -> None:
    program = works(10_000, system_ns=2_000, faults=3, rss_bytes=4096)
    cost = the_cost(at_two_sizes("skynet", (1_000, 100_000), {"seq": program}))

    assert (cost.benchmark, cost.runtime, cost.unit, cost.extra_units) == ("skynet", "seq", Unit.STRAND, 99_000)
    assert cost.time.value == pytest.approx(10_000)
    assert cost.user.value == pytest.approx(10_000)
    assert cost.system.value == pytest.approx(2_000)
    assert (cost.faults.value, cost.switches.value, cost.memory_bytes.value) == (3, 3, 4096)
    assert not cost.is_memory_hidden
    assert cost.time.interval is not None
    assert cost.time.interval.low < 10_000 < cost.time.interval.high


@given(st.integers(1, 10**6), st.integers(1, 10**4), st.integers(1, 10**4))
def test_what_is_planted_is_found_whatever_the_start(each_ns: int, first: int, more: int) -> None:
    program = works(each_ns)
    cost = the_cost(at_two_sizes("skynet", (first, first + more), {"seq": program}))

    # The samples have whole nanoseconds.
    assert cost.time.value == pytest.approx(each_ns, abs=1)
    assert cost.faults.value == 0
    assert not excludes(cost.faults, 0)


def test_where_the_strands_are_the_same_at_both_sizes_there_are_only_messages() -> None:
    cost = the_cost(at_two_sizes("fanout", (1_000, 10_000), {"seq": works(100, strands=lambda _size: 101)}))

    assert (cost.unit, cost.extra_units) == (Unit.MESSAGE, 9_000)
    assert cost.time.value == pytest.approx(100)


def test_strands_and_messages_that_grow_otherwise_are_two_units() -> None:
    found = costs(at_two_sizes("actors", (1_000, 3_000), {"seq": works(100, strands=lambda size: size // 10)}))

    assert [(cost.unit, cost.extra_units) for cost in found] == [(Unit.STRAND, 200), (Unit.MESSAGE, 2_000)]


@pytest.mark.parametrize("sizes", [(1_000, 1_000), (1_000, 100)])
def test_of_sizes_of_which_none_is_larger_nothing_is_said(sizes: tuple[int, int]) -> None:
    assert costs(at_two_sizes("skynet", sizes, {"seq": works(100)})) == ()


def test_memory_below_the_floor_is_at_most_the_peak() -> None:
    def hidden_at_first(size: int) -> Sample:
        return a_run(
            max_rss_bytes=(40 if size == 1_000 else 60) << 20,
            max_rss_floor_bytes=50 << 20,
            ledger={"tasks": size},
        )

    cost = the_cost(at_two_sizes("skynet", (1_000, 2_000), {"go": hidden_at_first}))
    assert cost.is_memory_hidden
    assert cost.memory_bytes.value == (60 << 20) / 1_000
    assert cost.memory_bytes.interval is None


def test_fewer_than_six_rounds_have_no_interval_and_so_exclude_nothing() -> None:
    sides = [
        a_session(a_measured_result("skynet", {"seq": ran(works(100)(size), wobble=(0,) * 5)}, leaves=size))
        for size in (10, 100)
    ]
    cost = the_cost(an_explanation(*sides))

    assert cost.time.value == pytest.approx(100)
    assert cost.time.interval is None
    assert not excludes(cost.time, 0)


def test_a_program_that_failed_or_is_missing_at_one_size_has_no_cost() -> None:
    failed = Failed(stage=Stage.RUN, reason="timed out", detail="")
    small = a_session(a_measured_result("skynet", {"seq": failed, "go": ran(works(1)(10))}, leaves=10))
    large = a_session(
        a_measured_result(
            "skynet", {"seq": ran(works(1)(100)), "go": ran(works(1)(100)), "may": ran(works(1)(100))}, leaves=100
        ),
        a_measured_result("pingpong", {"go": ran(works(1)(100))}, round_trips=100),
    )

    assert [(cost.benchmark, cost.runtime) for cost in costs(an_explanation(small, large))] == [("skynet", "go")]


def test_the_kernels_share_is_that_of_the_work_alone() -> None:
    explanation = at_two_sizes("skynet", (1_000, 100_000), {"seq": works(3_000, system_ns=1_000), "go": works(1_000)})
    shares = {share.runtime: share for share in system_shares(explanation.small, explanation.large)}

    assert shares["seq"].of_processor.value == pytest.approx(0.25, abs=0.01)
    assert shares["seq"].of_elapsed.value == pytest.approx(1 / 3, abs=0.01)
    assert excludes(shares["seq"].of_processor, 0)
    assert not excludes(shares["go"].of_processor, 0)


def test_there_is_no_share_where_there_may_be_no_more_work() -> None:
    def shrinks(size: int) -> Sample:
        return a_run(elapsed_ns=10**9 - size, ledger={"tasks": size})

    explanation = at_two_sizes("skynet", (1_000, 2_000), {"seq": shrinks})
    assert system_shares(explanation.small, explanation.large) == ()


def the_calls(*runs: object) -> UnitCalls:
    (found,) = unit_calls(runs)  # type: ignore[arg-type]
    return found


def test_calls_of_the_start_are_no_part_of_those_for_one_more() -> None:
    small = an_instrumented_run(mmap=10_016, futex=50)
    calls = the_calls(small, at(small, 11_000, mmap=30_016, write=10_000, futex=40))

    assert calls.per_unit == (("mmap", 2.0), ("write", 1.0), ("futex", -0.001))
    assert calls.at_small == (("mmap", 10_016), ("futex", 50))
    assert (calls.unit, calls.extra_units) == (Unit.STRAND, 10_000)
    assert calls.per_unit_of("mmap", "write", "munmap") == 3.0
    assert calls.per_unit_of() == pytest.approx(2.999)
    # Fewer than at the start are noise.
    assert calls.per_unit_of("futex") == 0


def test_a_program_that_was_not_traced_at_both_sizes_says_nothing() -> None:
    small = an_instrumented_run(mmap=1)
    untold = an_instrumented_run(runtime="go")

    assert unit_calls([small]) == ()
    assert unit_calls([small, at(untold, 2_000, mmap=5)]) == ()
    assert unit_calls([]) == ()
