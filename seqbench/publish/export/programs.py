"""Prepare a session for the export formats: the programs with samples, each with a unique name. Pure."""

import dataclasses
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from seqbench.sessions.report import problem
from seqbench.sessions.session import BenchmarkResult, Measured, ProgramResult, Sample, Session, State
from seqbench.text import printable


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredProgram:
    """The samples of one program, in the order of the rounds."""

    name: str
    """For example `fanout/runtime=go/variant=idiomatic/workers=100`: unique in its session, ASCII, without spaces.
    It includes the size, because other tools compare results with the same name."""
    benchmark: str
    runtime: str
    variant: str
    parameters: tuple[tuple[str, int], ...]
    rate_count: int | None
    samples: tuple[Sample, ...]
    warm_ups: tuple[Sample, ...]


def measured_programs(session: Session) -> tuple[MeasuredProgram, ...]:
    """Return every program that has samples."""
    seen: Counter[str] = Counter()
    found = []
    for result in session.results:
        for program in result.programs:
            if not isinstance(program.outcome, Measured) or not program.outcome.samples:
                continue
            name = program_name(result, program)
            seen[name] += 1
            found.append(
                MeasuredProgram(
                    name=name if seen[name] == 1 else f"{name}/copy={seen[name]}",
                    benchmark=result.name,
                    runtime=program.runtime,
                    variant=program.variant,
                    parameters=result.parameters,
                    rate_count=result.rate_count,
                    samples=program.outcome.samples,
                    warm_ups=program.outcome.warm_ups,
                )
            )
    return tuple(found)


def has_zero(program: MeasuredProgram) -> bool:
    """Return whether a clock showed a time of zero in a round, which some formats cannot store."""
    return not all(sample.elapsed_ns for sample in program.samples)


def without_samples(session: Session) -> tuple[str, ...]:
    """Return a line for each program without samples, for benchmarks left out, and for an incomplete session."""
    lines = [
        f"{program_name(result, program)}: {problem(program.outcome)}"
        for result in session.results
        for program in result.programs
        if not isinstance(program.outcome, Measured) or not program.outcome.samples
    ]
    if missing := session.missing():
        lines.append(f"{', '.join(missing)}: not run")
    if session.state is not State.COMPLETE:
        lines.append(f"the session is not complete: {session.state}")
    return tuple(one_line(line) for line in lines)


def program_name(result: BenchmarkResult, program: ProgramResult) -> str:
    """Return the name of a program at its size; characters that are special in any format are percent-encoded."""
    pairs = [("runtime", program.runtime), *([("variant", program.variant)] if program.variant else [])]
    pairs += [(key, str(value)) for key, value in result.parameters]
    return "/".join([_encoded(result.name), *(f"{_encoded(key)}={_encoded(value)}" for key, value in pairs)])


def sample_fields(sample: Sample) -> Mapping[str, int | str]:
    """Return all fields of a sample but its ledger, by their names in docs/RESULTS.md."""
    fields = (field.name for field in dataclasses.fields(sample))
    return {name: getattr(sample, name) for name in fields if name != "ledger"}


def seen_peak_bytes(sample: Sample) -> int | None:
    """Return the peak memory of a run in bytes; None if the harness's own peak hides it."""
    return sample.max_rss_bytes if sample.max_rss_bytes > sample.max_rss_floor_bytes else None


def one_line(text: str) -> str:
    """Return any text on one line, in characters that can be written to any file."""
    return " ".join(printable(text).split())


def json_text(document: object) -> str:
    """Return a document as JSON, in ASCII."""
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def _encoded(text: str) -> str:
    # A name that is not UTF-8 has surrogates.
    return quote(text, safe="", errors="surrogatepass")
