"""Render sessions as one self-contained HTML page, without scripts, network access or other files. Pure.

The template is `templates/report.html.jinja`. Every value is converted twice: `text.printable` writes out characters
that a page cannot show, and Jinja escapes markup. Only the drawings, which this package makes, are not escaped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from typing import TYPE_CHECKING

from seqbench.errors import filled
from seqbench.events import Detail, Listener, ignore
from seqbench.publish.history.trend import Trend
from seqbench.publish.html import reproduce
from seqbench.publish.html.answers import Answer, answers
from seqbench.publish.html.glossary import Tooltips
from seqbench.publish.html.plots.of_session import benchmark_plots, overview
from seqbench.publish.html.plots.parts import Plot
from seqbench.publish.html.section import Section, Unread
from seqbench.sessions.report import COST_HEADER, HeadlineRow, cost_rows, headline_rows, problem, ratio_text
from seqbench.sessions.session import BenchmarkResult, Failed, Session, Skipped, State
from seqbench.sessions.table_notes import harness_share, how_to_read, program_title, size_lines, warnings
from seqbench.text import printable
from seqbench.units import iso_utc, short_ratio

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATE = "report.html.jinja"
_DIGEST_SHOWN = 12
_TWO_SIDES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Notice:
    """A notice above the figures; `detail` is output of a program."""

    is_failure: bool
    text: str
    lines: tuple[str, ...] = ()
    detail: str = ""
    fixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ratio:
    """A ratio, split into the parts that are styled differently."""

    value: str
    interval: str
    bands: tuple[str, ...]
    is_unsure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    row: HeadlineRow
    ratio: _Ratio | None
    others: tuple[str, ...]
    """By column: the ratio to the reference as text; empty for the first two runtimes, whose ratio has a column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Benchmark:
    result: BenchmarkResult
    sizes: str
    problems: tuple[str, ...]
    plots: tuple[Plot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """A session in the form that the template needs."""

    session: Session
    ident: str
    title: str
    when: str
    answers: tuple[Answer, ...]
    notices: tuple[_Notice, ...]
    rows: tuple[_Row, ...]
    overview: Plot | None
    benchmarks: tuple[_Benchmark, ...]
    cost_header: tuple[str, ...]
    cost_rows: tuple[tuple[str, ...], ...]
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    how_to_read: tuple[str, ...]
    commands: tuple[str, ...]
    remarks: tuple[str, ...]


def render(
    sessions: Sequence[Session],
    sections: Sequence[Section] = (),
    unread: Sequence[Unread] = (),
    trends: Sequence[Trend] = (),
    *,
    listen: Listener = ignore,
) -> str:
    """Return the page. Each session has its own part; no row and no plot mixes two sessions.

    `trends` are those of the history, from which a session's part says since when its times are as they are.
    """
    template = _environment().get_template(_TEMPLATE)
    views = [_view(session, number, trends, listen) for number, session in enumerate(sessions, start=1)]
    kinds = dict.fromkeys(section.kind for section in sections)
    groups = [(kind, [section for section in sections if section.kind == kind]) for kind in kinds]
    page = template.render(views=views, groups=groups, unread=unread, title=_title(sessions), tooltips=Tooltips())
    return filled(page)


@cache
def _environment() -> "Environment":
    # Large modules: imported only to render a page, after the measurement.
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415
    from markupsafe import Markup  # noqa: PLC0415

    def written(value: object) -> object:
        return value if isinstance(value, Markup) else printable(str(value))

    return Environment(
        loader=PackageLoader("seqbench.publish.html"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=written,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _title(sessions: Sequence[Session]) -> str:
    titles = [*dict.fromkeys(column.title for session in sessions for column in session.runtimes)]
    if len(titles) == _TWO_SIDES:
        return " against ".join(titles)
    return " and ".join([", ".join(titles[:-1]), titles[-1]]) if len(titles) > 1 else "".join(titles)


def _view(session: Session, number: int, trends: Sequence[Trend], listen: Listener) -> _View:
    ident = f"s{number}"
    started = session.started_at.astimezone(UTC)
    benchmarks = []
    for place, result in enumerate(session.results, start=1):
        listen(Detail(text=result.title))
        plots = benchmark_plots(session, result, f"{ident}-b{place}")
        benchmarks.append(
            _Benchmark(
                result=result,
                sizes=", ".join(f"{key} = {value:,}" for key, value in result.parameters),
                problems=tuple(_problems(session, result)),
                plots=plots,
            )
        )
    return _View(
        session=session,
        ident=ident,
        title=f"{started.day} {started:%B} {started.year}, {started:%H:%M:%S} UTC",
        when=iso_utc(session.started_at),
        answers=answers(session, trends),
        notices=tuple(_notices(session)),
        rows=tuple(_Row(row=row, ratio=_ratio(row), others=_others(row)) for row in headline_rows(session)),
        overview=overview(session, f"{ident}-overview"),
        benchmarks=tuple(benchmarks),
        cost_header=COST_HEADER,
        cost_rows=tuple(tuple(row) for row in cost_rows(session)),
        facts=tuple(_facts(session)),
        how_to_read=tuple(how_to_read(session)),
        commands=reproduce.commands(session),
        remarks=reproduce.remarks(session),
    )


def _notices(session: Session) -> Sequence[_Notice]:
    """Return the notices: failed and skipped programs first, then warnings and reduced sizes."""
    found = []
    for result in session.results:
        for program in result.programs:
            label = f"{result.title}, {program_title(session, result, program)}"
            match program.outcome:
                case Failed(stage=stage, reason=reason, detail=detail):
                    text = f"{label}: {stage} failed: {reason}"
                    found.append(_Notice(is_failure=True, text=text, detail=detail))
                case Skipped(reason=reason, remedy=remedy):
                    fixes = (remedy,) if remedy else ()
                    found.append(_Notice(is_failure=True, text=f"{label}: skipped: {reason}", fixes=fixes))
    if session.state is State.RUNNING:
        found.append(_Notice(is_failure=True, text="NOT COMPLETE: it is still running, or its process died"))
    found += [_Notice(is_failure=False, text=line) for line in warnings(session)]
    remedies = tuple(dict.fromkeys(remedy for result in session.results for remedy in result.remedies))
    if sizes := tuple(size_lines(session)):
        found.append(_Notice(is_failure=False, text="Not at full size:", lines=sizes, fixes=remedies))
    return found


def _problems(session: Session, result: BenchmarkResult) -> Sequence[str]:
    return [
        f"{program_title(session, result, program)}: {problem(program.outcome)}"
        for program in result.programs
        if isinstance(program.outcome, Failed | Skipped) or not program.outcome.samples
    ]


def _ratio(row: HeadlineRow) -> _Ratio | None:
    if row.ratio is None:
        return None
    interval = row.ratio.interval
    ends = [short_ratio(end).removesuffix("x") for end in (interval.low, interval.high)] if interval else []
    return _Ratio(
        value=short_ratio(row.ratio.median),
        interval=" to ".join(ends),
        bands=tuple(band.value for band in row.ratio.bands()),
        is_unsure=interval is None,
    )


def _others(row: HeadlineRow) -> tuple[str, ...]:
    found = ["" if ratio is None else f"{ratio_text(ratio)} {' or '.join(ratio.bands())}" for ratio in row.others]
    return (*[""] * (len(row.cells) - len(found)), *found)


def _asked(session: Session) -> str:
    """Return what decided how long the session measured."""
    if session.budget_s is None:
        return "rounds given by --runs"
    return f"a budget of {session.budget_s:g} s" if session.keeps_budget else "no budget"


def _facts(session: Session) -> Sequence[tuple[str, tuple[str, ...]]]:
    """Return machine, tools, target CPU and settings of a session, as pairs of a name and its lines."""
    settings = (*session.setting_texts, *session.setting_notes) or ("none",)
    host = (f"host {session.machine.host}",) if session.machine.host else ()
    commit = session.commit[:_DIGEST_SHOWN] or "none: not in a repository"
    return (
        ("Machine", (session.machine.sentence(), *host, f"load {session.load_before:.2f} at the start")),
        ("Tools", tuple(tool.sentence() for tool in session.toolchain) or ("none",)),
        ("Target CPU", (session.target_cpu or "not recorded",)),
        ("Commit", (f"{commit}{reproduce.uncommitted(session)}",)),
        ("Sources", (session.sources,)),
        ("Size", (f"{session.size}, {_asked(session)}",)),
        ("Settings", settings),
        ("Seed", (str(session.seed),)),
        ("Time", (f"{iso_utc(session.started_at)} to {iso_utc(session.finished_at)}", harness_share(session))),
        ("seqbench", (session.seqbench_version,)),
    )
