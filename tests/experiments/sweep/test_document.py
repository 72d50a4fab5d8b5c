from seqbench.experiments.sweep.document import SweptBenchmark
from seqbench.sessions.session import Failed, Stage
from tests.support.strategies import a_limit, a_point, a_program, a_sweep, measured

TIMED_OUT = Failed(stage=Stage.RUN, reason="timed out", detail="no end after 2 min")


def only(points: SweptBenchmark, *values: int) -> SweptBenchmark:
    return SweptBenchmark(
        name="skynet", parameter="leaves", unit="strands", fixed=(), values=values, points=points.points
    )


def test_what_has_no_point_yet_is_missing_in_the_order_of_the_values() -> None:
    document = a_sweep(a_point(100, a_program(measured(1))))
    assert list(document.missing()) == []
    assert only(document.benchmarks[0], 10, 100, 1000).missing() == (10, 1000)


def test_a_point_is_added_to_its_own_benchmark() -> None:
    document = a_sweep()
    assert not document.has_points()
    point = a_point(10, a_program(measured(1)))

    assert document.with_point("skynet", point).benchmarks[0].points == (point,)
    assert document.with_point("skynet", point).has_points()
    assert document.with_point("other", point) == document


def test_the_first_failure_of_a_runtime_is_told_and_a_limit_is_no_failure() -> None:
    document = a_sweep(
        a_point(10, a_program(measured(1)), a_program(measured(1), "go")),
        a_point(100, a_program(TIMED_OUT), a_program(measured(1), "go")),
        a_point(1000, a_program(measured(1), "go"), limits=(a_limit(),)),
        a_point(10_000, limits=(a_limit(), a_limit("go"))),
    )
    (swept,) = document.benchmarks
    assert swept.failure_of("seq") == (100, TIMED_OUT)
    assert swept.failure_of("go") is None
    assert swept.failure_of("may") is None
    assert swept.is_measured("seq")
    assert not swept.is_measured("may")
    # It could be run once.
    assert document.failed_throughout() == ()


def test_a_program_that_never_ran_rightly_failed_throughout() -> None:
    points = (a_point(10, a_program(TIMED_OUT), a_program(measured(1), "go")), a_point(100, limits=(a_limit(),)))
    assert a_sweep(*points).failed_throughout() == (("skynet", "seq", TIMED_OUT),)
