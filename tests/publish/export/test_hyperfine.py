import json
from dataclasses import replace
from statistics import fmean, median
from typing import Any

import pytest
from hypothesis import given

from seqbench.publish.export import hyperfine
from seqbench.publish.export.programs import measured_programs
from seqbench.sessions.session import Measured, Session
from tests.support.laws import FEW
from tests.support.strategies import a_program, a_result, a_sample, a_session, measured, sessions

# A time in seconds holds every nanosecond of up to thirteen days.
_EXACT_NS = 1 << 50

_SESSION = a_session(
    replace(
        a_result(a_program(measured(400, 500)), a_program(measured(100), "go", "idiomatic")),
        name="fanout",
        parameters=(("workers", 100),),
    )
)
_SEQ = "fanout/runtime=seq/workers=100"
_GO = "fanout/runtime=go/variant=idiomatic/workers=100"


def _hyperfine(session: Session) -> list[dict[str, Any]]:
    results = json.loads(hyperfine.hyperfine(session))["results"]
    assert isinstance(results, list)
    return results


def test_hyperfine_has_what_version_2_writes() -> None:
    document = json.loads(hyperfine.hyperfine(_SESSION))
    assert (document["schema_version"], document["primary_metric"]) == (2, "time_wall_clock")
    assert document["metadata"] == {
        "seqbench_version": "0.1.0",
        "start_time": "2026-03-01T12:00:00Z",
        "platform": {"os": "Linux", "architecture": "x86_64"},
    }
    seq, go = document["results"]
    assert (seq["command"], go["command"]) == (_SEQ, _GO)
    assert seq["parameters"] == {"workers": {"value": "100"}}
    assert seq["measurements"][1] == {
        "time_wall_clock": {"value": 0.5, "unit": "second"},
        "time_cpu": {"value": 2.0, "unit": "second"},
        "time_user": {"value": 1.5, "unit": "second"},
        "time_system": {"value": 0.5, "unit": "second"},
        "memory_peak_resident": {"value": 197 << 20, "unit": "byte"},
        "exit_code": 0,
    }
    assert seq["summary"].keys() == seq["measurements"][1].keys() - {"exit_code"}
    assert seq["summary"]["time_wall_clock"] == {
        "unit": "second",
        "count": 2,
        "mean": pytest.approx(0.45),
        "stddev": pytest.approx(0.0707106781),
        "median": 0.45,
        "min": 0.4,
        "max": 0.5,
    }
    assert go["summary"]["time_user"] == {
        "unit": "second",
        "count": 1,
        "mean": 0.3,
        "stddev": None,
        "median": 0.3,
        "min": 0.3,
        "max": 0.3,
    }


def test_hyperfine_has_what_version_1_wrote_too() -> None:
    result = _hyperfine(_SESSION)[0]
    assert {key: value for key, value in result.items() if key not in ("measurements", "summary", "parameters")} == {
        "command": _SEQ,
        "mean": pytest.approx(0.45),
        "stddev": pytest.approx(0.0707106781),
        "median": 0.45,
        "user": pytest.approx(1.35),
        "system": pytest.approx(0.45),
        "min": 0.4,
        "max": 0.5,
        "times": [0.4, 0.5],
        "memory_usage_byte": [197 << 20, 197 << 20],
        "exit_codes": [0, 0],
    }


def test_hyperfine_has_no_memory_where_a_sample_hides_it() -> None:
    hidden = replace(a_sample(500), max_rss_floor_bytes=1 << 40)
    (result,) = _hyperfine(
        a_session(a_result(a_program(Measured(samples=(a_sample(400), hidden, a_sample(400)), warm_ups=()))))
    )
    assert "memory_usage_byte" not in result
    assert "memory_peak_resident" not in result["summary"]
    assert ["memory_peak_resident" in measurement for measurement in result["measurements"]] == [True, False, True]


@FEW
@given(sessions)
def test_hyperfine_read_back_has_the_same_times(session: Session) -> None:
    for result, program in zip(_hyperfine(session), measured_programs(session), strict=True):
        times = [sample.elapsed_ns for sample in program.samples]
        summary = result["summary"]["time_wall_clock"]
        assert [row["time_wall_clock"]["value"] for row in result["measurements"]] == result["times"]
        assert [round(time * 1e9) for time in result["times"] if time < _EXACT_NS / 1e9] == [
            time for time in times if time < _EXACT_NS
        ]
        for found in (result, summary):
            assert found["median"] == pytest.approx(median(times) / 1e9)
            assert found["mean"] == pytest.approx(fmean(times) / 1e9)
            assert (found["min"], found["max"]) == (min(result["times"]), max(result["times"]))
        assert len(result["exit_codes"]) == summary["count"] == len(times)
        assert [row["time_system"]["value"] for row in result["measurements"]] == [
            sample.system_ns / 1e9 for sample in program.samples
        ]
