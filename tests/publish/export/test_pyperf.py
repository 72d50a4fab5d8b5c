from collections.abc import Mapping

import pyperf
import pytest
from hypothesis import given

from seqbench.publish.export import pyperf as export_samples
from seqbench.publish.export.programs import measured_programs, sample_fields, seen_peak_bytes
from seqbench.sessions.session import Measured, Session
from tests.support.exported import GO, SEQ, SESSION
from tests.support.laws import FEW
from tests.support.strategies import a_program, a_result, a_sample, a_session, sessions

# --- pyperf


def _suite(session: Session) -> pyperf.BenchmarkSuite:
    return pyperf.BenchmarkSuite.loads(export_samples.pyperf(session))


def test_pyperf_has_a_run_for_each_process_and_calibrates_with_the_warm_ups() -> None:
    seq, go = _suite(SESSION).get_benchmarks()
    assert (seq.get_name(), go.get_name()) == (SEQ, GO)
    assert seq.get_values() == (0.4, 0.5)
    assert [run.warmups for run in seq.get_runs()] == [((1, 0.9),), (), ()]
    assert seq.get_runs()[0].get_metadata()["calibrate_loops"] == 1
    assert seq.get_unit() == "second"
    # The processes, from outside.
    assert seq.get_total_duration() == pytest.approx(1.8 + 0.8 + 1.0)
    metadata = seq.get_metadata()
    assert (metadata["cpu_model_name"], metadata["cpu_count"], metadata["platform"]) == (
        "A processor",
        8,
        "Linux 6 x86_64",
    )
    assert metadata["tool_go"].startswith("go 1.27.3 (a wheel; ")
    assert metadata["session_started_at"] == "2026-03-01T12:00:00Z"


@FEW
@given(sessions)
def test_pyperf_reads_back_every_sample_of_every_session(session: Session) -> None:
    if not measured_programs(session):
        return
    for benchmark, program in zip(_suite(session).get_benchmarks(), measured_programs(session), strict=True):
        assert benchmark.get_name() == program.name
        runs = [run for run in benchmark.get_runs() if run.values]
        for run, sample in zip(runs, program.samples, strict=True):
            metadata: Mapping[str, object] = run.get_metadata()
            assert {key: metadata[key] for key in sample_fields(sample)} == sample_fields(sample)
            assert run.values == (sample.elapsed_ns / 1e9,)
            assert metadata.get("command_max_rss") == seen_peak_bytes(sample)
        assert [run.warmups[0][1] for run in benchmark.get_runs() if run.warmups] == [
            sample.elapsed_ns / 1e9 for sample in program.warm_ups
        ]


def test_pyperf_takes_a_warm_up_of_zero() -> None:
    outcome = Measured(samples=(a_sample(5),), warm_ups=(a_sample(0, round_number=0),))
    (benchmark,) = _suite(a_session(a_result(a_program(outcome)))).get_benchmarks()
    assert benchmark.get_values() == (0.005,)
