"""Convert sessions to rows of the history, and rows back to points of series. Pure.

Characters that a database cannot store, such as those of a variable that is not UTF-8, are escaped.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from math import inf
from typing import Any

from seqbench.publish.history.series import Point, Series
from seqbench.runtimes.base import Run
from seqbench.runtimes.registry import RUNTIMES
from seqbench.sessions.interference import InterferenceCounts, counts_of, of_result
from seqbench.sessions.session import (
    BenchmarkResult,
    Failed,
    Measured,
    ProgramResult,
    Sample,
    Session,
    Skipped,
    ToolIdentity,
)
from seqbench.stats.intervals import Interval, summarize
from seqbench.system.facts import Machine, Target
from seqbench.text import writable
from seqbench.units import iso_utc, parse_iso

Row = dict[str, Any]

_COMPILERS = {runtime.name: runtime.compiler for runtime in RUNTIMES}
_PLACES = {runtime.name: place for place, runtime in enumerate(RUNTIMES)}
_SAMPLE_COLUMNS = tuple(each.name for each in fields(Sample) if each.name not in ("position", "result", "ledger"))


def machine_row(machine: Machine) -> Row:
    """Return the row of the table `machine`."""
    return _escaped(asdict(machine))


def tool_row(tool: ToolIdentity) -> Row:
    """Return the row of the table `tool`."""
    return _escaped(asdict(tool))


def session_row(session: Session) -> Row:
    """Return the row of the table `session`, without its machine."""
    return _escaped(
        {
            "started_at": iso_utc(session.started_at, timespec="microseconds"),
            "finished_at": iso_utc(session.finished_at, timespec="microseconds"),
            "seed": session.seed,
            "commit_id": session.commit,
            "is_dirty": session.dirty,
            "is_default_suite": session.is_default_suite,
            "sources_digest": session.sources,
            "size": session.size,
            "load_before": session.load_before,
            "wall_ns": session.wall_ns,
            "programs_ns": session.programs_ns,
            "build_ns": session.build_ns,
            "seqbench_version": session.seqbench_version,
            "system": session.machine.system,
            "host": session.machine.host,
        }
    )


def series_row(session: Session, result: BenchmarkResult, program: ProgramResult) -> Row:
    """Return the row of the table `series` for the times of a program, without its machine."""
    titles = {column.name: column.title for column in session.runtimes}
    return _escaped(
        {
            "is_default_suite": session.is_default_suite,
            "benchmark": result.name,
            "parameters": _object(result.parameters),
            "runtime": program.runtime,
            "variant": program.variant,
            "settings": _object(settings_of(session, program.runtime)),
            "title": result.title,
            "size_label": result.size_label,
            "runtime_title": titles.get(program.runtime, program.runtime),
            "variant_label": dict(result.variant_labels).get(program.variant, program.variant),
        }
    )


def compiler_of(program: ProgramResult, session: Session) -> ToolIdentity | None:
    """Return the compiler of a program; None if the session does not have it."""
    return _compiler(program.runtime, session)


def _compiler(runtime: str, session: Session) -> ToolIdentity | None:
    recorded = {column.name: column.compiler for column in session.runtimes if column.compiler}
    name = recorded.get(runtime) or _COMPILERS.get(runtime)
    return next((tool for tool in session.toolchain if tool.name == name), None)


def program_row(session: Session, result: BenchmarkResult, program: ProgramResult) -> Row:
    """Return the row of the table `program`, without its references."""
    row: Row = {
        "started_at": iso_utc(session.started_at, timespec="microseconds"),
        "executable_digest": program.executable,
        "outcome": "skipped",
        "stage": "",
        "reason": "",
        "rounds": 0,
        "elapsed_ns": None,
        "elapsed_low_ns": None,
        "elapsed_high_ns": None,
        # Of the rounds, in which all programs of the benchmark ran.
        **asdict(counts_of((of_result(result, session.machine.cores),))),
    }
    match program.outcome:
        case Failed(stage=stage, reason=reason):
            row |= {"outcome": "failed", "stage": str(stage), "reason": reason}
        case Skipped(reason=reason):
            row |= {"reason": reason}
        case Measured(samples=samples) if samples:
            times = summarize([sample.elapsed_ns for sample in samples])
            row |= {"outcome": "measured", "rounds": times.count, "elapsed_ns": times.median}
            if times.interval is not None:
                row |= {"elapsed_low_ns": times.interval.low, "elapsed_high_ns": times.interval.high}
    return _escaped(row)


def sample_rows(program: ProgramResult) -> Iterator[Row]:
    """Yield the rows of the table `sample`, without the program."""
    if isinstance(program.outcome, Measured):
        for samples, is_warm_up in ((program.outcome.samples, False), (program.outcome.warm_ups, True)):
            for sample in samples:
                yield {"is_warm_up": is_warm_up, **{name: getattr(sample, name) for name in _SAMPLE_COLUMNS}}


def machine_of(row: Mapping[str, Any]) -> Machine:
    """Build a machine from its row, without a host name: that is one of a session.

    Raises
    ------
    ValueError, TypeError
        The row has a value that no machine has.
    """
    quota, limit = row["cpu_quota"], row["memory_limit_bytes"]
    return Machine(
        cpu=str(row["cpu"]),
        cores=int(row["cores"]),
        memory_bytes=int(row["memory_bytes"]),
        system=str(row["system"]),
        identity=str(row["identity"]),
        cpu_quota=None if quota is None else float(quota),
        memory_limit_bytes=None if limit is None else int(limit),
        earlier_identity=str(row["earlier_identity"]),
    )


def series_of(row: Mapping[str, Any], points: Sequence[Mapping[str, Any]], counts: Mapping[str, int]) -> Series:
    """Build a series.

    Parameters
    ----------
    row : mapping
        The row of the series, joined with its machine.
    points : sequence of mapping
        The rows of its points, the latest one first.
    counts : mapping
        The number of sessions by outcome.
    """
    return Series(
        machine=machine_of(row),
        benchmark=str(row["benchmark"]),
        title=str(row["title"]),
        parameters=tuple(json.loads(row["parameters"]).items()),
        size_label=str(row["size_label"]),
        runtime=str(row["runtime"]),
        runtime_title=str(row["runtime_title"]),
        variant=str(row["variant"]),
        label=str(row["variant_label"]),
        settings=tuple(json.loads(row["settings"]).items()),
        points=tuple(_point(each) for each in reversed(points)),
        sessions=counts.get("measured", 0),
        failures=counts.get("failed", 0),
    )


def in_order(found: Sequence[Series]) -> tuple[Series, ...]:
    """Sort series: the last used machine first, then by benchmark, size, variant and runtime."""
    used: dict[str, float] = {}
    for each in found:
        last = each.points[-1].started_at.timestamp() if each.points else 0.0
        used[each.machine.identity] = max(last, used.get(each.machine.identity, last))

    def place(each: Series) -> tuple[object, ...]:
        identity = each.machine.identity
        size = tuple(number for _, number in each.parameters)
        runtime = (_PLACES.get(each.runtime, len(_PLACES)), each.runtime)
        return -used[identity], identity, each.benchmark, size, each.parameters, each.variant, runtime, each.settings

    return tuple(sorted(found, key=place))


def _point(row: Mapping[str, Any]) -> Point:
    """Build a point from its row.

    Raises
    ------
    ValueError, TypeError
        The row has a value that no session has.
    """
    low, high = (None if row[name] is None else _time(row[name]) for name in ("elapsed_low_ns", "elapsed_high_ns"))
    return Point(
        started_at=parse_iso(row["started_at"]),
        elapsed_ns=_time(row["elapsed_ns"]),
        interval=None if low is None or high is None else Interval(low=low, high=high),
        rounds=row["rounds"],
        commit=row["commit_id"],
        dirty=bool(row["is_dirty"]),
        tool=row["tool"] or "",
        tool_version=row["version"] or "",
        tool_digest=row["digest"] or "",
        sources=row["sources_digest"],
        system=str(row["system"]),
        host=str(row["host"]),
        interference=InterferenceCounts(**{field.name: row[field.name] for field in fields(InterferenceCounts)}),
    )


def _time(value: float) -> float:
    if not 0 <= value < inf:
        raise ValueError(f"{value} is not a time")
    return float(value)


def settings_of(session: Session, runtime: str) -> tuple[tuple[str, str], ...]:
    """Return the settings that may affect this runtime's programs: all but those of other runtimes.

    A target CPU other than the default one and the flags of a SPEC are among them, so that their times make a series of
    their own.
    """
    reads = {each.name: each.run for each in RUNTIMES}
    reads |= {each.name: Run(settings=each.reads) for each in session.runtimes if each.reads}

    def affects(variable: str) -> bool:
        readers = [name for name, run in reads.items() if run.reads(variable)]
        return not readers or runtime in readers

    target = (("target-cpu", session.target_cpu),) if session.target_cpu not in ("", Target.BASELINE) else ()
    compiler = _compiler(runtime, session)
    flags = (("build-flags", compiler.flags),) if compiler is not None and compiler.flags else ()
    return (*(each for each in session.settings if affects(each[0])), *target, *flags)


def _object(pairs: Iterable[tuple[str, str | int]]) -> str:
    """Return pairs as a JSON object, in their order."""
    return json.dumps({_text(key): _text(value) for key, value in pairs})


def _escaped(row: Row) -> Row:
    return {key: _text(value) for key, value in row.items()}


def _text(value: Any) -> Any:  # noqa: ANN401 - the value of any column
    """Escape what a database cannot store as text: unpaired surrogates and NUL."""
    return writable(value).replace("\0", "\\0") if isinstance(value, str) else value
