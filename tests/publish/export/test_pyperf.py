import csv
import io
import re
from collections.abc import Mapping
from dataclasses import replace

import pyperf
import pytest
from hypothesis import given

from seqbench.publish.export import pyperf as export_samples
from seqbench.publish.export.benchfmt import benchfmt
from seqbench.publish.export.csv import csv_text
from seqbench.publish.export.programs import measured_programs, one_line, sample_fields, seen_peak_bytes
from seqbench.sessions.session import Measured, Sample, Session
from seqbench.text import writable
from tests.support.strategies import FEW, a_program, a_result, a_sample, a_session, measured, sessions

_FANOUT = replace(
    a_result(
        a_program(
            Measured(
                samples=(
                    replace(a_sample(400), ledger=(("tasks", 101),)),
                    replace(a_sample(500, round_number=2), ledger=(("tasks", 101),)),
                ),
                warm_ups=(a_sample(900, round_number=0),),
            )
        ),
        a_program(measured(100), "go", "idiomatic"),
    ),
    name="fanout",
    parameters=(("workers", 100),),
)
_SESSION = a_session(_FANOUT)
_SEQ = "fanout/runtime=seq/workers=100"
_GO = "fanout/runtime=go/variant=idiomatic/workers=100"


def _all_samples(session: Session) -> list[Sample]:
    return [sample for program in measured_programs(session) for sample in program.samples]


# --- CSV


def _rows(session: Session) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_text(session), newline="")))


def test_csv_has_a_line_a_sample_with_the_columns_of_its_benchmark_and_its_ledger() -> None:
    lines = csv_text(_SESSION).splitlines()
    assert lines[0] == (
        "benchmark,runtime,variant,parameter.workers,round_number,position,result,elapsed_ns,wall_ns,user_ns,system_ns,"
        "max_rss_bytes,max_rss_floor_bytes,minor_faults,major_faults,voluntary_switches,involuntary_switches,ledger.tasks"
    )
    assert lines[1:] == [
        "fanout,seq,,100,1,0,1,400000000,800000000,1200000000,400000000,206569472,31457280,1000,234,5000,678,101",
        "fanout,seq,,100,2,0,1,500000000,1000000000,1500000000,500000000,206569472,31457280,1000,234,5000,678,101",
        "fanout,go,idiomatic,100,1,0,1,100000000,200000000,300000000,100000000,206569472,31457280,1000,234,5000,678,",
    ]


@FEW
@given(sessions)
def test_csv_read_back_has_the_same_numbers(session: Session) -> None:
    rows = _rows(session)
    assert len(rows) == len(_all_samples(session))
    for row, sample in zip(rows, _all_samples(session), strict=True):
        assert {key: int(row[key]) for key in sample_fields(sample)} == sample_fields(sample)
        ledger = {one_line(key): value for key, value in sample.ledger}
        assert {key: int(row[f"ledger.{key}"]) for key in ledger} == ledger


# --- pyperf


def _suite(session: Session) -> pyperf.BenchmarkSuite:
    return pyperf.BenchmarkSuite.loads(export_samples.pyperf(session))


def test_pyperf_has_a_run_for_each_process_and_calibrates_with_the_warm_ups() -> None:
    seq, go = _suite(_SESSION).get_benchmarks()
    assert (seq.get_name(), go.get_name()) == (_SEQ, _GO)
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


# --- Go's benchmark format

_LINE = re.compile(r"Benchmark(?P<name>\S+) 1(?P<pairs>( \d+ [A-Za-z/-]+)+)")


def _benchmark_lines(text: str) -> list[tuple[str, dict[str, int]]]:
    """Read the lines of results as the format's description says: a name, iterations, and pairs of value and unit."""
    found = []
    for line in text.splitlines():
        if line.startswith("Benchmark"):
            match = _LINE.fullmatch(line)
            assert match is not None, line
            words = match["pairs"].split()
            found.append(
                (match["name"], {unit: int(value) for value, unit in zip(words[::2], words[1::2], strict=True)})
            )
    return found


def test_benchfmt_has_configuration_and_comments_and_a_line_a_sample() -> None:
    text = benchfmt(replace(_SESSION, settings=(("SEQ_A", "1"),)))
    first, second, third = text.removesuffix("\n").split("\n\n")
    assert first.splitlines() == [
        "goos: linux",
        "goarch: amd64",
        "pkg: seqbench",
        "cpu: A processor",
        "cores: 8",
        "machine: ab12",
    ]
    assert second.splitlines() == [
        "# seqbench 0.1.0, 2026-03-01T12:00:00Z, commit 0123456789abcdef",
        "# go 1.27.3 (a wheel; sha256:cccccccccccc)",
        "# SEQ_A=1",
    ]
    assert third.splitlines()[0] == (
        "BenchmarkFanout/runtime=seq/workers=100 1 400000000 ns/op 800000000 wall-ns/op 1200000000 user-ns/op "
        "400000000 sys-ns/op 206569472 peak-RSS-bytes 1234 page-faults/op 5678 context-switches/op"
    )
    assert len(third.splitlines()) == 3


@pytest.mark.parametrize(
    ("system", "first", "second"),
    [
        ("Linux 6.1 aarch64", "goos: linux", "goarch: arm64"),
        ("Darwin 25 arm64", "goos: darwin", "goarch: arm64"),
        ("", "pkg: seqbench", "cpu: A processor"),
    ],
)
def test_benchfmt_names_system_and_architecture_as_go_does(system: str, first: str, second: str) -> None:
    session = replace(_SESSION, machine=replace(_SESSION.machine, system=system))
    assert benchfmt(session).splitlines()[:2] == [first, second]


def test_benchfmt_leaves_out_a_peak_that_is_hidden() -> None:
    hidden = replace(a_sample(500), max_rss_floor_bytes=1 << 40)
    text = benchfmt(a_session(a_result(a_program(Measured(samples=(hidden,), warm_ups=())))))
    assert "peak-RSS-bytes" not in text


@FEW
@given(sessions)
def test_benchfmt_read_back_has_the_same_numbers_and_no_line_that_means_something_else(session: Session) -> None:
    text = writable(benchfmt(session))
    found = _benchmark_lines(text)
    samples = _all_samples(session)
    assert [values["ns/op"] for _, values in found] == [sample.elapsed_ns for sample in samples]
    assert [values["sys-ns/op"] for _, values in found] == [sample.system_ns for sample in samples]
    assert [values.get("peak-RSS-bytes") for _, values in found] == [seen_peak_bytes(sample) for sample in samples]
    others = [line for line in text.split("\n") if line and not line.startswith(("Benchmark", "# "))]
    assert all(re.match("(goos|goarch|pkg|cpu|cores|machine): .", line) for line in others)
