"""List the export formats, each with a sentence on the data that it cannot store. Pure.

docs/EXPORTS.md lists the tools that read each format.
"""

from collections.abc import Callable
from dataclasses import dataclass

from seqbench.errors import UsageError, require_known
from seqbench.publish.export import bencher, hyperfine, pyperf
from seqbench.publish.export.benchfmt import benchfmt
from seqbench.publish.export.csv import csv_text
from seqbench.publish.export.github_action import github_action
from seqbench.publish.export.programs import has_zero, measured_programs, without_samples
from seqbench.sessions import report, store
from seqbench.sessions.session import Session
from seqbench.text import writable


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """An export format; `render` is pure and accepts any session."""

    name: str
    title: str
    render: Callable[[Session], str]
    limits: str
    """A sentence on the data of a session that the format does not store; empty if it stores everything."""
    holds_failures: bool = False
    """Whether it stores programs without samples too, with the reason."""
    holds_zeros: bool = True
    """Whether it stores a program with a time of zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A session in a format; `notes` are sentences for the user on the data that were not stored."""

    text: str
    notes: tuple[str, ...]


FORMATS: tuple[Format, ...] = (
    Format(
        name="markdown",
        title="Markdown",
        render=report.markdown,
        limits="Markdown has the tables as `invoke bench` prints them, without single samples.",
        holds_failures=True,
    ),
    Format(name="json", title="seqbench's own JSON", render=store.to_json, limits="", holds_failures=True),
    Format(
        name="csv",
        title="CSV",
        render=csv_text,
        limits="CSV has every sample with its ledger, without warm-ups, machine, tools and settings.",
    ),
    Format(
        name="hyperfine",
        title="hyperfine's JSON",
        render=hyperfine.hyperfine,
        limits="hyperfine's JSON has the own clock, CPU time and (unless hidden) peak memory of every sample, "
        "without rounds, ledgers, counts, machine, tools and settings.",
    ),
    Format(
        name="pyperf",
        title="pyperf's JSON",
        render=pyperf.pyperf,
        limits="pyperf's JSON has every sample with all its figures, without seed and budget.",
        holds_zeros=False,
    ),
    Format(
        name="benchfmt",
        title="Go's benchmark format",
        render=benchfmt,
        limits="Go's benchmark format has the times, counts and (unless hidden) peak memory of every sample, "
        "without rounds, warm-ups, ledgers, seed and budget.",
    ),
    Format(
        name="bencher",
        title="Bencher Metric Format",
        render=bencher.bencher,
        limits="Bencher Metric Format has only the median time and rate of each program, with their intervals.",
    ),
    Format(
        name="gha",
        title="the JSON of github-action-benchmark",
        render=github_action,
        limits="The JSON of github-action-benchmark has only the median of each program's own clock with its interval, "
        "machine, tools and settings.",
    ),
)


def find_format(name: str | None) -> Format:
    """Return the format of this name.

    Raises
    ------
    UsageError
        No format has this name; the message lists the formats and suggests a similar one.
    """
    known = tuple(each.name for each in FORMATS)
    if not name:
        raise UsageError(f"--format is missing: expected one of: {', '.join(known)}", "{invoke} export --format csv")
    require_known(name, known, "format", "--format")
    return next(each for each in FORMATS if each.name == name)


def export(session: Session, chosen: Format) -> Exported:
    """Return a session in a format, with notes on the data that it does not store.

    Raises
    ------
    UsageError
        The session has no samples that the format can store, and the format stores nothing else.
    """
    problems = () if chosen.holds_failures else without_samples(session)
    programs = measured_programs(session)
    if not chosen.holds_zeros:
        zeros = [program.name for program in programs if has_zero(program)]
        problems += tuple(f"{name}: its clock showed a time of zero" for name in zeros)
        programs = tuple(program for program in programs if program.name not in zeros)
    if not chosen.holds_failures and not programs:
        reasons = "".join(f"\n  - {problem}" for problem in problems)
        raise UsageError(
            f"no program of this session has samples for {chosen.title}, which stores nothing else{reasons}",
            "{invoke} bench, or {invoke} export --format markdown, which shows failures",
        )
    notes = [f"not in {chosen.title}: {problem}" for problem in problems]
    return Exported(text=writable(chosen.render(session)), notes=(*notes, *filter(None, [chosen.limits])))
