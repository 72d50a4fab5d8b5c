"""Gather the contents of a report from stored files: sessions, sections, and the files that could not be read.

A new kind of document needs a function that makes its `Section`, and a line in `_READERS`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from seqbench.compare import report
from seqbench.compare.comparison import compare
from seqbench.compare.document import COMPARISON_SCHEMA, load_comparison
from seqbench.compare.gate import judge_gate
from seqbench.compare.metrics import ONLY_TIME
from seqbench.compare.stored import is_resumable
from seqbench.errors import UsageError
from seqbench.events import Listener, ignore
from seqbench.experiments.bisect import report as bisect_report
from seqbench.experiments.bisect.analysis import analyze as analyze_bisect
from seqbench.experiments.bisect.document import BISECT_SCHEMA, load_bisect
from seqbench.experiments.explain import report as explain_report
from seqbench.experiments.explain.document import EXPLANATION_SCHEMA, load_explanation
from seqbench.experiments.sweep import report as sweep_report
from seqbench.experiments.sweep.analysis import analyze_sweep
from seqbench.experiments.sweep.document import SWEEP_SCHEMA, load_sweep
from seqbench.experiments.timeline import report as timeline_report
from seqbench.experiments.timeline.analysis import analyze as analyze_timeline
from seqbench.experiments.timeline.document import TIMELINE_SCHEMA, load_timeline
from seqbench.experiments.tune import report as tune_report
from seqbench.experiments.tune.document import TUNE_SCHEMA, confirmed, load_tune
from seqbench.publish.history.trend import Trend
from seqbench.publish.html.history import read_history
from seqbench.publish.html.plots.of_documents import change_plot, growth_plots
from seqbench.publish.html.plots.of_versions import course_plots, search_plots
from seqbench.publish.html.section import Section, Unread
from seqbench.sessions import store
from seqbench.sessions.document import schema_of
from seqbench.sessions.session import Session, State
from seqbench.units import iso_utc

_OURS = "seqbench/"
_FIX = "run it again, or remove the file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The contents of a report."""

    sessions: tuple[Session, ...]
    sections: tuple[Section, ...]
    unread: tuple[Unread, ...]
    trends: tuple[Trend, ...] = ()
    """Those of the history."""


def gather(
    folder: Path, named: Sequence[Path] = (), *, history: Path | None = None, listen: Listener = ignore
) -> Material:
    """Read the named files, or the last session of the folder, and every other document of the folder.

    The history at the path `history`, if there is one, comes before the other documents. `listen` receives a remark if
    its lock takes long. Files that cannot be read are listed in `unread`; they do not prevent the report.

    Raises
    ------
    UsageError
        No file could be read.
    """
    sessions: list[Session] = []
    sections: list[Section] = []
    unread: list[Unread] = []
    if not named:
        try:
            path, _, passed_over = store.load_latest(folder)
            unread += [Unread(problem=problem, fix=_FIX) for problem in passed_over]
            named = (path,)
        except UsageError as error:
            unread.append(Unread(problem=error.message, fix=error.fix))
    documents = [path for path in _documents(folder) if path.resolve() not in {each.resolve() for each in named}]
    for path in dict.fromkeys((*named, *documents)):
        try:
            if reader := _READERS.get(schema_of(path)):
                with _naming_file(path):
                    sections.append(reader(path, f"d{len(sections) + 1}"))
            elif (session := store.load(path)) not in sessions:
                sessions.append(session)
        except UsageError as error:
            unread.append(Unread(problem=error.message, fix=error.fix))
    trends: tuple[Trend, ...] = ()
    if history is not None:
        try:
            here = tuple(name for session in sessions for name in session.machine.identities)
            with _naming_file(history):
                past = read_history(history, here, listen)
            sections[:0], trends = past.sections, past.trends
        except UsageError as error:
            unread.append(Unread(problem=error.message, fix=error.fix))
    if not sessions and not sections:
        raise UsageError("\n".join(each.problem for each in unread), unread[0].fix)
    return Material(sessions=tuple(sessions), sections=tuple(sections), unread=tuple(unread), trends=trends)


def _documents(folder: Path) -> Sequence[Path]:
    """Return seqbench's documents that are not sessions, by kind, the newest first; unknown kinds come last."""
    kinds = list(_READERS)
    found = {path: schema_of(path) for path in folder.glob("*.json")}
    others = [path for path, schema in found.items() if schema.startswith(_OURS) and schema != store.SCHEMA]
    newest = sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)
    return sorted(newest, key=lambda path: kinds.index(found[path]) if found[path] in kinds else len(kinds))


_Reader = Callable[[Path, str], Section]


@contextmanager
def _naming_file(path: Path) -> Iterator[None]:
    """Turn errors of arithmetic with the figures of a file into a UsageError that names the file."""
    try:
        yield
    except (ArithmeticError, ValueError, LookupError) as error:
        raise UsageError(f"{path}: cannot compute with its figures: {error}", _FIX) from error


def _comparison(path: Path, ident: str) -> Section:
    stored = load_comparison(path)
    base, head = stored.base_spec, stored.head_spec
    kind = "Comparisons" if len(stored.sessions) == _SIDES else "Gates"
    first = stored.sessions[0]
    title = f"{base} against {head}"
    if any(session.state is not State.COMPLETE for session in stored.sessions):
        task = "compare" if kind == "Comparisons" else "gate"
        text = f"It was interrupted. To resume it: invoke {task} --resume {path}"
        if stored.hosts:
            text = "It was interrupted, and cannot be resumed: it ran on another machine."
        elif not is_resumable(stored):
            text = "It was interrupted before its rounds were planned, and cannot be resumed."
        return Section(kind=kind, title=title, about=_about(path, first), text=text)
    runtime = first.runtimes[0].name
    if len(stored.sessions) == _SIDES:
        found = compare(*stored.sessions, runtime=runtime, paired=True, margin=stored.margin, metrics=stored.metrics)
        text = report.full_text(found, base, head, flags=stored.flags())
    else:
        gate = judge_gate(*stored.sessions, runtime=runtime, margin=stored.margin, metrics=stored.metrics)
        # A host is no gate of its own where several of them are one.
        is_of_all = stored.hosts > 1 and stored.metrics == ONLY_TIME
        write = report.gate_tables if is_of_all else report.gate_text
        found, text = gate.comparison, write(gate, base, head, flags=stored.flags())
    if stored.hosts > 1:
        text += f"\n\nOne of {stored.hosts} hosts, whose times are judged together."
    return Section(kind=kind, title=title, about=_about(path, first), text=text, plots=change_plot(found, ident))


def _sweep(path: Path, ident: str) -> Section:
    document = load_sweep(path)
    found = analyze_sweep(document)
    return Section(
        kind="Sweeps",
        title=f"Over {document.over}",
        about=_about(path, document.session),
        text=sweep_report.full_text(document, found),
        plots=growth_plots(found, ident),
    )


def _tuning(path: Path, ident: str) -> Section:
    document = load_tune(path)
    comparison = confirmed(document)
    stages = document.stages()
    return Section(
        kind="Tuning",
        title=f"Settings of {document.spec}",
        about=_about(path, stages[0][0]) if stages else str(path),
        text=tune_report.full_text(document),
        plots=() if comparison is None else change_plot(comparison, ident),
    )


def _explanation(path: Path, _ident: str) -> Section:
    document = load_explanation(path)
    subject, reference = (document.title(name) for name in (document.roles.subject, document.roles.reference))
    return Section(
        kind="Findings",
        title=f"Where the time of {subject} goes, against {reference}",
        about=_about(path, document.large),
        text=explain_report.full_text(document),
    )


def _timeline(path: Path, ident: str) -> Section:
    document = load_timeline(path)
    found = analyze_timeline(document)
    every = document.part("")
    return Section(
        kind="Timelines",
        title=f"{document.versions[0].label} to {document.versions[-1].label}",
        about=str(path) if every is None else _about(path, every.sessions[0]),
        text=timeline_report.full_text(document, found),
        plots=course_plots(found, document, ident),
    )


def _bisection(path: Path, ident: str) -> Section:
    document = load_bisect(path)
    found = analyze_bisect(document)
    return Section(
        kind="Bisections",
        title=f"{document.versions[0].label} good, {document.versions[-1].label} bad",
        about=str(path) if document.first is None else _about(path, document.first.sessions[0]),
        text=bisect_report.full_text(document, found),
        plots=search_plots(found.searches, document, ident),
    )


def _about(path: Path, session: Session) -> str:
    """Return file, time and machine of a document, because its machine may differ from that of the sessions."""
    return f"{path.name}, {iso_utc(session.started_at)}, {session.machine.sentence()}"


_SIDES = 2
_READERS: dict[str, _Reader] = {
    EXPLANATION_SCHEMA: _explanation,
    TUNE_SCHEMA: _tuning,
    TIMELINE_SCHEMA: _timeline,
    BISECT_SCHEMA: _bisection,
    SWEEP_SCHEMA: _sweep,
    COMPARISON_SCHEMA: _comparison,
}
