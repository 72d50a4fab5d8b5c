import json
from dataclasses import replace

from hypothesis import given

from seqbench.publish.export import bencher
from seqbench.publish.export.programs import measured_programs
from seqbench.sessions.session import Session
from seqbench.stats.intervals import summarize
from tests.support.exported import COUNTED
from tests.support.laws import FEW
from tests.support.strategies import a_program, a_session, measured, sessions

_SEQ = "pingpong/runtime=seq/round_trips=1000000"

_GO = "pingpong/runtime=go/round_trips=1000000"


def test_bencher_has_latency_in_nanoseconds_and_throughput_a_second_each_with_its_interval() -> None:
    document = json.loads(bencher.bencher(a_session(COUNTED)))
    assert document == {
        _SEQ: {
            "latency": {"value": 502e6, "lower_value": 500e6, "upper_value": 504e6},
            "throughput": {"value": 2e6 / 0.502, "lower_value": 2e6 / 0.504, "upper_value": 2e6 / 0.500},
        },
        # One round has no interval.
        _GO: {"latency": {"value": 217e6}, "throughput": {"value": 2e6 / 0.217}},
    }


def test_bencher_has_no_throughput_where_nothing_is_counted() -> None:
    session = a_session(replace(COUNTED, rate_count=None))
    assert list(json.loads(bencher.bencher(session))[_SEQ]) == ["latency"]


@FEW
@given(sessions)
def test_bencher_has_the_median_and_the_interval_of_every_program_in_numbers_alone(session: Session) -> None:
    document = json.loads(bencher.bencher(session))
    assert list(document) == [program.name for program in measured_programs(session)]
    for program in measured_programs(session):
        summary = summarize([sample.elapsed_ns for sample in program.samples])
        assert document[program.name]["latency"]["value"] == summary.median
        for metric in document[program.name].values():
            assert metric.keys() in ({"value"}, {"value", "lower_value", "upper_value"})
            assert all(isinstance(value, int | float) for value in metric.values())
            assert metric.get("lower_value", 0) <= metric["value"] <= metric.get("upper_value", float("inf"))


def test_bencher_has_no_throughput_of_a_program_whose_clock_shows_zero() -> None:
    zeros = replace(COUNTED, programs=(a_program(measured(0, 0, 1)), COUNTED.programs[1]))
    document = json.loads(bencher.bencher(a_session(zeros)))

    assert document[_SEQ] == {"latency": {"value": 0}}
    assert list(document[_GO]) == ["latency", "throughput"]
