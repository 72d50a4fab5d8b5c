"""From a session to the formats of other tools, and to what each of these has no place for. Pure.

docs/EXPORTS.md says which tool reads which.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from seqbench.errors import UsageError, require_known
from seqbench.publish.export import bencher, hyperfine, pyperf
from seqbench.publish.export.benchfmt import benchfmt
from seqbench.publish.export.csv import csv_text
from seqbench.publish.export.github_action import github_action
from seqbench.publish.export.programs import measured_programs, seen_peak_bytes, without_samples
from seqbench.sessions import report, store
from seqbench.sessions.session import Session
from seqbench.text import writable


class Part(StrEnum):
    """Something of a session that a format may have no place for, in the words that a person is told."""

    UNMEASURED = "programs that have no samples"
    SAMPLES = "the single samples"
    ORDER = "round and place of each sample"
    WARM_UPS = "warm-ups"
    LEDGER = "results and ledgers"
    OUTSIDE_CLOCK = "the outside clock"
    CPU = "processor time"
    MEMORY = "peak memory"
    HIDDEN_MEMORY = "peak memory where the harness's own hides it"
    COUNTS = "page faults and context switches"
    MACHINE = "the machine"
    TOOLS = "compilers, settings and commit"
    REQUEST = "seed and budget"


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format that a session can be written in; `render` is pure and takes any session."""

    name: str
    title: str
    render: Callable[[Session], str]
    leaves_out: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A session in a format; `notes` are what a person should know of it: what it has no place for."""

    text: str
    notes: tuple[str, ...]


_OF_A_MEDIAN = (
    Part.UNMEASURED,
    Part.SAMPLES,
    Part.ORDER,
    Part.WARM_UPS,
    Part.LEDGER,
    Part.OUTSIDE_CLOCK,
    Part.CPU,
    Part.MEMORY,
    Part.COUNTS,
    Part.REQUEST,
)

FORMATS: tuple[Format, ...] = (
    Format(
        name="markdown",
        title="Markdown",
        render=report.markdown,
        leaves_out=(Part.SAMPLES, Part.ORDER, Part.WARM_UPS, Part.LEDGER),
    ),
    Format(name="json", title="seqbench's own JSON", render=store.to_json, leaves_out=()),
    Format(
        name="csv",
        title="CSV",
        render=csv_text,
        leaves_out=(Part.UNMEASURED, Part.WARM_UPS, Part.MACHINE, Part.TOOLS, Part.REQUEST),
    ),
    Format(
        name="hyperfine",
        title="hyperfine's JSON",
        render=hyperfine.hyperfine,
        leaves_out=(
            Part.UNMEASURED,
            Part.ORDER,
            Part.WARM_UPS,
            Part.LEDGER,
            Part.OUTSIDE_CLOCK,
            Part.HIDDEN_MEMORY,
            Part.COUNTS,
            Part.MACHINE,
            Part.TOOLS,
            Part.REQUEST,
        ),
    ),
    Format(
        name="pyperf",
        title="pyperf's JSON",
        render=pyperf.pyperf,
        leaves_out=(Part.UNMEASURED, Part.REQUEST),
    ),
    Format(
        name="benchfmt",
        title="Go's benchmark format",
        render=benchfmt,
        leaves_out=(Part.UNMEASURED, Part.ORDER, Part.WARM_UPS, Part.LEDGER, Part.HIDDEN_MEMORY, Part.REQUEST),
    ),
    Format(
        name="bencher",
        title="Bencher Metric Format",
        render=bencher.bencher,
        leaves_out=(*_OF_A_MEDIAN, Part.MACHINE, Part.TOOLS),
    ),
    Format(
        name="gha",
        title="the JSON of github-action-benchmark",
        render=github_action,
        leaves_out=_OF_A_MEDIAN,
    ),
)


def find_format(name: str | None) -> Format:
    """Give the format of this name.

    Raises
    ------
    UsageError : there is none; the error names those that there are, and what is near.
    """
    known = tuple(each.name for each in FORMATS)
    if not name:
        raise UsageError(f"--format is missing: there are {', '.join(known)}", "{invoke} export --format csv")
    require_known(name, known, "format", "--format")
    return next(each for each in FORMATS if each.name == name)


def export(session: Session, wanted: Format) -> Exported:
    """Write a session in a format, and say what that has no place for.

    Raises
    ------
    UsageError : nothing was measured, and the format holds nothing but what was.
    """
    tells_failures = Part.UNMEASURED not in wanted.leaves_out
    problems = without_samples(session)
    if not tells_failures and not measured_programs(session):
        reasons = "".join(f"\n  - {problem}" for problem in problems)
        raise UsageError(
            f"no program of this session has samples, and {wanted.title} holds nothing else{reasons}",
            "{invoke} bench, or {invoke} export --format markdown, which tells failures",
        )
    notes = [f"not in {wanted.title}: {problem}" for problem in problems if not tells_failures]
    if missing := [part for part in wanted.leaves_out if part is not Part.UNMEASURED and _has(session, part)]:
        notes.append(f"{wanted.title} has no place for: {'; '.join(missing)}")
    return Exported(text=writable(wanted.render(session)), notes=tuple(notes))


def _has(session: Session, part: Part) -> bool:
    """Say whether there is any of this in the session."""
    programs = measured_programs(session)
    if part is Part.WARM_UPS:
        return any(each.warm_ups for each in programs)
    if part is Part.HIDDEN_MEMORY:
        return any(seen_peak_bytes(sample) is None for each in programs for sample in each.samples)
    return True
