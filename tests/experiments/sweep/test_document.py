import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given

from seqbench.errors import UsageError
from seqbench.experiments.sweep.document import SweepDocument, SweptBenchmark, load_sweep, sweep_to_json
from seqbench.sessions.session import Failed, Stage
from seqbench.sessions.store import to_json
from tests.support.laws import FEW
from tests.support.strategies import a_program, a_session, measured
from tests.support.sweeps import a_limit, a_point, a_sweep, sweeps

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


@FEW
@given(sweeps)
def test_every_sweep_survives_the_way_out_and_back(document: SweepDocument) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "sweep-1.json"
        path.write_text(sweep_to_json(document))
        assert load_sweep(path) == document


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text: text[: len(text) // 2], "not JSON, or cut short"),
        (lambda _text: "", "not JSON, or cut short"),
        (lambda _text: to_json(a_session()), "not a sweep of seqbench"),
        (lambda text: text.replace('"schema_version": 1', '"schema_version": 2', 1), "schema version 2"),
        (lambda text: text.replace('"budget_s": 600.0', '"budget_s": "much"', 1), "budget_s"),
        (lambda text: text.replace('"over"', '"under"', 1), "over"),
    ],
)
def test_a_file_that_is_no_whole_sweep_of_this_version_is_refused_by_name(
    tmp_path: Path, spoil: Callable[[str], str], said: str
) -> None:
    path = tmp_path / "sweep-1.json"
    path.write_text(spoil(sweep_to_json(a_sweep())))
    with pytest.raises(UsageError, match=re.escape(said)) as caught:
        load_sweep(path)
    assert str(path) in caught.value.message
    assert caught.value.remedy
