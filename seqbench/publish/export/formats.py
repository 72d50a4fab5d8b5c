"""From a session to the formats of other tools, each with a sentence on what does not fit. Pure.

docs/EXPORTS.md says which tool reads which.
"""

from collections.abc import Callable
from dataclasses import dataclass

from seqbench.errors import UsageError, require_known
from seqbench.publish.export import bencher, hyperfine, pyperf
from seqbench.publish.export.benchfmt import benchfmt
from seqbench.publish.export.csv import csv_text
from seqbench.publish.export.github_action import github_action
from seqbench.publish.export.programs import measured_programs, without_samples
from seqbench.sessions import report, store
from seqbench.sessions.session import Session
from seqbench.text import writable


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format that a session can be written in; `render` is pure and takes any session."""

    name: str
    title: str
    render: Callable[[Session], str]
    limits: str
    """A sentence on what of a session does not fit; empty where all of it does."""
    holds_failures: bool = False
    """Whether programs without samples are in it too, with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A session in a format; `notes` are what a person should know of it: what did not fit."""

    text: str
    notes: tuple[str, ...]


FORMATS: tuple[Format, ...] = (
    Format(
        name="markdown",
        title="Markdown",
        render=report.markdown,
        limits="Markdown holds the tables as `invoke bench` shows them, and no single samples.",
        holds_failures=True,
    ),
    Format(name="json", title="seqbench's own JSON", render=store.to_json, limits="", holds_failures=True),
    Format(
        name="csv",
        title="CSV",
        render=csv_text,
        limits="CSV holds every sample with its ledger, but no warm-ups and nothing of machine, tools and settings.",
    ),
    Format(
        name="hyperfine",
        title="hyperfine's JSON",
        render=hyperfine.hyperfine,
        limits="hyperfine's JSON holds the own clock, processor time and (unless hidden) peak memory of every sample, "
        "but no rounds, ledgers and counts, and nothing of machine, tools and settings.",
    ),
    Format(
        name="pyperf",
        title="pyperf's JSON",
        render=pyperf.pyperf,
        limits="pyperf's JSON holds every sample with all its figures, but neither seed nor budget.",
    ),
    Format(
        name="benchfmt",
        title="Go's benchmark format",
        render=benchfmt,
        limits="Go's benchmark format holds the times, counts and (unless hidden) peak memory of every sample, "
        "but no rounds, warm-ups and ledgers, and neither seed nor budget.",
    ),
    Format(
        name="bencher",
        title="Bencher Metric Format",
        render=bencher.bencher,
        limits="Bencher Metric Format holds the median time and rate of each program with their intervals, "
        "and nothing else.",
    ),
    Format(
        name="gha",
        title="the JSON of github-action-benchmark",
        render=github_action,
        limits="The JSON of github-action-benchmark holds the median of each program's own clock with its interval, "
        "machine, tools and settings, and nothing else.",
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
    """Write a session in a format, and say what did not fit.

    Raises
    ------
    UsageError : nothing was measured, and the format holds nothing but what was.
    """
    problems = () if wanted.holds_failures else without_samples(session)
    if not wanted.holds_failures and not measured_programs(session):
        reasons = "".join(f"\n  - {problem}" for problem in problems)
        raise UsageError(
            f"no program of this session has samples, and {wanted.title} holds nothing else{reasons}",
            "{invoke} bench, or {invoke} export --format markdown, which tells failures",
        )
    notes = [f"not in {wanted.title}: {problem}" for problem in problems]
    return Exported(text=writable(wanted.render(session)), notes=(*notes, *filter(None, [wanted.limits])))
