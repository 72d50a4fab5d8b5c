"""Export every sample as hyperfine's JSON, with the fields of both version 1 and version 2. Pure.

The time of a sample is the program's own clock, as in the tables of `invoke bench`.
"""

from collections.abc import Mapping, Sequence
from statistics import fmean, median, stdev

from seqbench.publish.export.programs import MeasuredProgram, json_text, measured_programs, one_line, seen_peak_bytes
from seqbench.sessions.session import Sample, Session
from seqbench.units import NS_PER_S, iso_utc


def hyperfine(session: Session) -> str:
    """Return the JSON of `hyperfine --export-json` (schema version 2, of hyperfine 2.0).

    A command is the name of a program. Each result also has the fields of hyperfine 1, which many tools still read;
    `parameters` has the form of version 2.
    """
    system = one_line(session.machine.system).split() or [""]
    return json_text(
        {
            "schema_version": 2,
            "primary_metric": "time_wall_clock",
            "metadata": {
                "seqbench_version": one_line(session.seqbench_version),
                "start_time": iso_utc(session.started_at),
                "platform": {"os": system[0], "architecture": system[-1]},
            },
            "results": [
                {"command": program.name, **_version_2(program), **_version_1(program)}
                for program in measured_programs(session)
            ],
        }
    )


def _version_2(program: MeasuredProgram) -> Mapping[str, object]:
    rows = [_measurement(sample) for sample in program.samples]
    # hyperfine summarizes only the metrics that every run has.
    summary = {
        metric: _statistics([row[metric] for row in rows]) for metric in rows[0] if all(metric in r for r in rows)
    }
    units = {metric: "byte" if metric.startswith("memory") else "second" for row in rows for metric in row}
    parameters = {one_line(key): {"value": str(value)} for key, value in program.parameters}
    return {
        "measurements": [
            {**{metric: {"value": value, "unit": units[metric]} for metric, value in row.items()}, "exit_code": 0}
            for row in rows
        ],
        **({"parameters": parameters} if parameters else {}),
        "summary": {metric: {"unit": units[metric], **each} for metric, each in summary.items()},
    }


def _measurement(sample: Sample) -> Mapping[str, float]:
    peak = seen_peak_bytes(sample)
    return {
        "time_wall_clock": sample.elapsed_ns / NS_PER_S,
        "time_cpu": (sample.user_ns + sample.system_ns) / NS_PER_S,
        "time_user": sample.user_ns / NS_PER_S,
        "time_system": sample.system_ns / NS_PER_S,
        **({} if peak is None else {"memory_peak_resident": peak}),
    }


def _statistics(values: Sequence[float]) -> Mapping[str, float | None]:
    return {
        "count": len(values),
        "mean": fmean(values),
        "stddev": stdev(values) if len(values) > 1 else None,
        "median": median(values),
        "min": min(values),
        "max": max(values),
    }


def _version_1(program: MeasuredProgram) -> Mapping[str, object]:
    times = [sample.elapsed_ns / NS_PER_S for sample in program.samples]
    peaks = [seen_peak_bytes(sample) for sample in program.samples]
    statistics = {key: value for key, value in _statistics(times).items() if key != "count"}
    return {
        **statistics,
        "user": fmean(sample.user_ns for sample in program.samples) / NS_PER_S,
        "system": fmean(sample.system_ns for sample in program.samples) / NS_PER_S,
        "times": times,
        # hyperfine requires one value per time, or no field.
        **({} if None in peaks else {"memory_usage_byte": peaks}),
        # A program with a failed run has no samples.
        "exit_codes": [0] * len(times),
    }
