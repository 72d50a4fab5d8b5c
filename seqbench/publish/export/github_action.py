"""Export medians for github-action-benchmark (`customSmallerIsBetter`). Pure."""

from collections.abc import Mapping

from seqbench.publish.export.programs import MeasuredProgram, json_text, measured_programs, one_line
from seqbench.sessions.session import Session
from seqbench.stats.intervals import summarize

_NS_PER_MS = 1e6


def github_action(session: Session) -> str:
    """Return the JSON that github-action-benchmark reads as `customSmallerIsBetter`, in milliseconds."""
    return json_text([_entry(session, program) for program in measured_programs(session)])


def _entry(session: Session, program: MeasuredProgram) -> Mapping[str, object]:
    summary = summarize([sample.elapsed_ns for sample in program.samples])
    ends = () if summary.interval is None else (summary.interval.low, summary.interval.high)
    extra = (
        f"{summary.count} rounds",
        *(tool.sentence() for tool in session.toolchain),
        *(f"{key}={value}" for key, value in session.settings),
        session.machine.sentence(),
    )
    return {
        "name": program.name,
        "unit": "ms",
        "value": summary.median / _NS_PER_MS,
        **({"range": str([end / _NS_PER_MS for end in ends])} if ends else {}),
        "extra": "\n".join(one_line(line) for line in extra),
    }
