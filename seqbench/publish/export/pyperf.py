"""The formats that hold every sample: CSV, pyperf's JSON, and Go's benchmark format. Pure.

The time of a sample is the program's own clock, as in the tables of `invoke bench`.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping

from seqbench.publish.export.programs import (
    MeasuredProgram,
    json_text,
    measured_programs,
    one_line,
    sample_fields,
    seen_peak_bytes,
)
from seqbench.sessions.session import Sample, Session
from seqbench.units import iso_utc

_NS = 1e9
_GOARCH = {"x86_64": "amd64", "aarch64": "arm64"}


def csv_text(session: Session) -> str:
    """Give a line a sample; the columns are the fields of a sample, its benchmark's parameters and its ledger."""
    rows = [
        {
            "benchmark": one_line(program.benchmark),
            "runtime": one_line(program.runtime),
            "variant": one_line(program.variant),
            **{f"parameter.{one_line(key)}": value for key, value in program.parameters},
            **sample_fields(sample),
            **{f"ledger.{one_line(key)}": value for key, value in sample.ledger},
        }
        for program in measured_programs(session)
        for sample in program.samples
    ]
    columns = dict.fromkeys(key for row in rows for key in row)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def pyperf(session: Session) -> str:
    """Give pyperf's JSON, version 1.0: a run is a process with one value, and a warm-up a run that calibrates.

    Its metadata hold the whole sample, in the units of docs/RESULTS.md.
    """
    benchmarks = [
        {
            "metadata": {"name": program.name},
            "runs": [
                *({"warmups": [[1, s.elapsed_ns / _NS]], "metadata": _pyperf_warm_up(s)} for s in program.warm_ups),
                *({"values": [s.elapsed_ns / _NS], "metadata": _pyperf_run(s)} for s in program.samples),
            ],
        }
        for program in measured_programs(session)
    ]
    return json_text({"version": "1.0", "metadata": _pyperf_session(session), "benchmarks": benchmarks})


def _pyperf_session(session: Session) -> Mapping[str, object]:
    texts = {
        "cpu_model_name": session.machine.cpu,
        "platform": session.machine.system,
        "machine_identity": session.machine.identity,
        "commit": session.commit,
        "session_started_at": iso_utc(session.started_at),
        "seqbench_version": session.seqbench_version,
        **{f"tool_{one_line(tool.name)}": tool.sentence() for tool in session.toolchain},
        **{f"setting_{one_line(key)}": value for key, value in session.settings},
    }
    # pyperf refuses a text that is empty or has more than one line.
    lines = {key: one_line(value) for key, value in texts.items()}
    return {
        "unit": "second",
        "cpu_count": session.machine.cores,
        "load_avg_1min": session.load_before,
        **{key: value for key, value in lines.items() if value},
    }


def _pyperf_run(sample: Sample) -> Mapping[str, object]:
    peak = seen_peak_bytes(sample)
    return {
        "duration": sample.wall_ns / _NS,
        **({} if peak is None else {"command_max_rss": peak}),
        **sample_fields(sample),
        **{f"ledger_{one_line(key)}": value for key, value in sample.ledger},
    }


def _pyperf_warm_up(sample: Sample) -> Mapping[str, object]:
    return {**_pyperf_run(sample), "calibrate_loops": 1}


def benchfmt(session: Session) -> str:
    """Give Go's benchmark format: a line a sample, each one iteration.

    benchstat compares only what has the same configuration, so that holds the machine; what one compares, such as
    compilers, stands in comments.
    """
    lines = [
        *_configuration(session),
        "",
        *(f"# {one_line(text)}" for text in _provenance(session)),
        "",
        *(_benchmark_line(program, sample) for program in measured_programs(session) for sample in program.samples),
    ]
    return "\n".join(lines) + "\n"


def _configuration(session: Session) -> Iterator[str]:
    words = one_line(session.machine.system).split() or [""]
    values = {
        "goos": words[0].lower(),
        "goarch": _GOARCH.get(words[-1], words[-1]),
        "pkg": "seqbench",
        "cpu": one_line(session.machine.cpu),
        "cores": str(session.machine.cores),
        "machine": one_line(session.machine.identity),
    }
    return (f"{key}: {value}" for key, value in values.items() if value)


def _provenance(session: Session) -> Iterable[str]:
    changes = " with changes" if session.dirty else ""
    return (
        f"seqbench {session.seqbench_version}, {iso_utc(session.started_at)}, commit {session.commit}{changes}",
        *(tool.sentence() for tool in session.toolchain),
        *(f"{key}={value}" for key, value in session.settings),
    )


def _benchmark_line(program: MeasuredProgram, sample: Sample) -> str:
    values = {
        "ns/op": sample.elapsed_ns,
        "wall-ns/op": sample.wall_ns,
        "user-ns/op": sample.user_ns,
        "sys-ns/op": sample.system_ns,
        "peak-RSS-bytes": seen_peak_bytes(sample),
        "page-faults/op": sample.minor_faults + sample.major_faults,
        "context-switches/op": sample.voluntary_switches + sample.involuntary_switches,
    }
    pairs = " ".join(f"{value} {unit}" for unit, value in values.items() if value is not None)
    # A name begins with a capital letter after the word.
    return f"Benchmark{program.name[:1].upper()}{program.name[1:]} 1 {pairs}"
