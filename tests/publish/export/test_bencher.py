import json
from dataclasses import replace

from hypothesis import given

from seqbench.publish.export import bencher
from seqbench.publish.export.github_action import github_action
from seqbench.publish.export.programs import measured_programs
from seqbench.sessions.session import Session
from seqbench.stats.intervals import summarize
from tests.support.strategies import FEW, a_program, a_result, a_session, measured, sessions

_TIMES_MS = (502, 500, 503, 502, 501, 504)
_RESULT = replace(a_result(a_program(measured(*_TIMES_MS)), a_program(measured(217), "go")), rate_count=2_000_000)
_SEQ = "pingpong/runtime=seq/round_trips=1000000"
_GO = "pingpong/runtime=go/round_trips=1000000"


def test_bencher_has_latency_in_nanoseconds_and_throughput_a_second_each_with_its_interval() -> None:
    document = json.loads(bencher.bencher(a_session(_RESULT)))
    assert document == {
        _SEQ: {
            "latency": {"value": 502e6, "lower_value": 500e6, "upper_value": 504e6},
            "throughput": {"value": 2e6 / 0.502, "lower_value": 2e6 / 0.504, "upper_value": 2e6 / 0.500},
        },
        # One round has no interval.
        _GO: {"latency": {"value": 217e6}, "throughput": {"value": 2e6 / 0.217}},
    }


def test_bencher_has_no_throughput_where_nothing_is_counted() -> None:
    session = a_session(replace(_RESULT, rate_count=None))
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


def test_the_github_action_gets_milliseconds_with_a_range_and_what_it_was_measured_with() -> None:
    session = replace(a_session(_RESULT), settings=(("SEQ_A", "1"),))
    seq, go = json.loads(github_action(session))
    assert seq == {
        "name": _SEQ,
        "unit": "ms",
        "value": 502.0,
        "range": "[500.0, 504.0]",
        "extra": "6 rounds\ngo 1.27.3 (a wheel; sha256:cccccccccccc)\nSEQ_A=1\n"
        "A processor, 8 cores, 16.0 GiB, Linux 6 x86_64",
    }
    assert go["name"] == _GO
    assert "range" not in go


@FEW
@given(sessions)
def test_the_github_action_gets_a_number_and_texts_for_every_program(session: Session) -> None:
    entries = json.loads(github_action(session))
    assert [entry["name"] for entry in entries] == [program.name for program in measured_programs(session)]
    for entry in entries:
        assert entry.keys() - {"range"} == {"name", "unit", "value", "extra"}
        assert isinstance(entry["value"], float)
        assert all(isinstance(entry[key], str) for key in entry.keys() - {"value"})
