"""Export every sample as pyperf's JSON. Pure.

The time of a sample is the program's own clock, as in the tables of `invoke bench`.
"""

from collections.abc import Mapping

from seqbench.publish.export.programs import (
    has_zero,
    json_text,
    measured_programs,
    one_line,
    sample_fields,
    seen_peak_bytes,
)
from seqbench.sessions.session import Sample, Session
from seqbench.units import NS_PER_S, iso_utc


def pyperf(session: Session) -> str:
    """Return pyperf's JSON, version 1.0.

    A run is one process with one value; a warm-up is a calibration run. The metadata of a run have the whole sample,
    in the units of docs/RESULTS.md.
    """
    benchmarks = [
        {
            "metadata": {"name": program.name},
            "runs": [
                *(
                    {"warmups": [[1, s.elapsed_ns / NS_PER_S]], "metadata": _pyperf_warm_up(s)}
                    for s in program.warm_ups
                ),
                *({"values": [s.elapsed_ns / NS_PER_S], "metadata": _pyperf_run(s)} for s in program.samples),
            ],
        }
        for program in measured_programs(session)
        # `export` names the others.
        if not has_zero(program)
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
    # pyperf rejects a text that is empty or has more than one line.
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
        "duration": sample.wall_ns / NS_PER_S,
        **({} if peak is None else {"command_max_rss": peak}),
        **sample_fields(sample),
        **{f"ledger_{one_line(key)}": value for key, value in sample.ledger},
    }


def _pyperf_warm_up(sample: Sample) -> Mapping[str, object]:
    return {**_pyperf_run(sample), "calibrate_loops": 1}
