"""Export samples in Go's benchmark format, for benchstat. Pure."""

from collections.abc import Iterable, Iterator

from seqbench.publish.export.programs import MeasuredProgram, measured_programs, one_line, seen_peak_bytes
from seqbench.sessions.session import Sample, Session
from seqbench.units import iso_utc

_GOARCH = {"x86_64": "amd64", "aarch64": "arm64"}


def benchfmt(session: Session) -> str:
    """Return Go's benchmark format: one line per sample, each with one iteration.

    benchstat compares only results with the same configuration. So the configuration has the machine, and the tools
    that users compare are in comments.
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


def _seconds(time_ns: int) -> str:
    """Return a time in the unit of benchstat's tables.

    benchstat converts `user-ns/op` to it, but leaves a value of 0 as it is: zeros would make tables of their own.
    """
    seconds, rest_ns = divmod(time_ns, 1_000_000_000)
    return f"{seconds}.{rest_ns:09}"


def _benchmark_line(program: MeasuredProgram, sample: Sample) -> str:
    values = {
        "ns/op": sample.elapsed_ns,
        "wall-sec/op": _seconds(sample.wall_ns),
        "user-sec/op": _seconds(sample.user_ns),
        "sys-sec/op": _seconds(sample.system_ns),
        "peak-RSS-bytes": seen_peak_bytes(sample),
        "page-faults/op": sample.minor_faults + sample.major_faults,
        "context-switches/op": sample.voluntary_switches + sample.involuntary_switches,
    }
    pairs = " ".join(f"{value} {unit}" for unit, value in values.items() if value is not None)
    # The format requires a capital letter after the word Benchmark.
    return f"Benchmark{program.name[:1].upper()}{program.name[1:]} 1 {pairs}"
