"""Measure all parts of docs/FINDINGS.md, store each part, and reuse the stored parts that are still valid.

No claim is assessed before everything is measured: the imports of the assessment would hide the peak memory of small
programs.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from seqbench.bench.prepare import prepared
from seqbench.bench.request import Request
from seqbench.errors import UsageError
from seqbench.events import Listener, Phase, Remark
from seqbench.experiments.explain import run as explain
from seqbench.experiments.explain.document import Explanation, explanation_to_json, load_explanation
from seqbench.experiments.sweep import run as sweep
from seqbench.experiments.sweep.document import SweepDocument, load_sweep, sweep_to_json
from seqbench.experiments.sweep.ranges import Over
from seqbench.experiments.timeline.document import TIMELINE_SCHEMA, TimelineDocument, load_timeline
from seqbench.experiments.tune import run as tune
from seqbench.experiments.tune.document import TuneDocument, is_complete, load_tune, tune_to_json
from seqbench.runtimes.registry import COMPARED_RUNTIME
from seqbench.sessions import store
from seqbench.sessions.document import schema_of
from seqbench.sessions.session import Session, State, changed_since
from seqbench.suite.size_request import SizeName, SizeRequest
from seqbench.system.files import write_atomically
from studies.claims import program_facts
from studies.claims.page import Investigation
from studies.claims.program_facts import ProgramFacts, facts_to_json, load_facts, request_of

# The sweeps of the page.
SWEEPS = (
    ("skynet", Over(name="strands", low=10, high=1_000_000)),
    ("fanout", Over(name="workers", low=1, high=1_000)),
    ("fanout", Over(name="messages", low=1_000, high=1_000_000)),
    ("actors", Over(name="messages", low=1, high=10_000)),
)
# Shares of the budget; the rest is for tuning. Explaining needs six rounds at 100,000 strands for an interval.
EXPLAIN_SHARE = 0.16
SWEEP_SHARE = 0.12
# The runtimes of the page: what runs by default, and the library under Seq with its nearest relative.
_EVERY = ("seq", "go", "may", "tokio")
_REDUCED = SizeRequest(name=SizeName.REDUCED)

_Kept = TypeVar("_Kept", Explanation, SweepDocument, TuneDocument, ProgramFacts)


def run(
    request: Request, folder: Path, probes: Path, *, margin: float, is_resumed: bool, listen: Listener
) -> Investigation:
    """Explain, sweep, tune and run `probes`, and store each part in `folder`; `is_resumed` reuses the stored parts.

    A part is reused only if machine, sources, tools and settings are the same. An interrupted sweep is resumed; the
    other parts are measured again.

    Raises
    ------
    UsageError, ToolchainError
        The same as for the commands; the parts that were measured stay stored.
    KeyboardInterrupt
        Interrupted; the parts that were measured stay stored.
    """
    parts = _Parts(request=request, folder=folder, is_resumed=is_resumed, listen=listen)
    return Investigation(
        explanation=parts.explanation(),
        sweeps=tuple(parts.sweep(name, over) for name, over in SWEEPS),
        tuning=parts.tuning(margin),
        facts=parts.facts(probes),
        bench=parts.bench(),
        releases=parts.releases(),
    )


@dataclass(slots=True, kw_only=True)
class _Parts:
    """The parts, each read from its file or measured now."""

    request: Request
    folder: Path
    is_resumed: bool
    listen: Listener
    _now: dict[tuple[Path, tuple[str, ...]], Session] = field(default_factory=dict)

    def explanation(self) -> Explanation:
        path = self.folder / "findings-explain.json"
        kept = self._kept(path, load_explanation, lambda document: document.large, self._every())
        if kept is None:
            self.listen(Phase(text="explaining"))
            kept = explain.run(replace(self._asked(EXPLAIN_SHARE), size=_REDUCED), listen=self.listen)
            write_atomically(path, explanation_to_json(kept).encode())
        return kept

    def sweep(self, name: str, over: Over) -> SweepDocument:
        path = self.folder / f"findings-sweep-{name}-{over.name}.json"

        def save(document: SweepDocument) -> None:
            write_atomically(path, sweep_to_json(document).encode())

        kept = self._kept(path, load_sweep, lambda document: document.session, self._every())
        if kept is None:
            self.listen(Phase(text=f"sweeping {name} over {over.text}"))
            return sweep.run(replace(self._asked(SWEEP_SHARE), only=(name,)), over, listen=self.listen, save=save)
        if kept.session.state is State.COMPLETE:
            return kept
        return sweep.resume(self.request, kept, listen=self.listen, save=save)

    def tuning(self, margin: float) -> TuneDocument:
        path = self.folder / "findings-tune.json"
        kept = self._kept(path, load_tune, _default_session, replace(self.request, runtimes=(COMPARED_RUNTIME,)))
        if kept is not None and _is_whole(kept):
            return kept
        self.listen(Phase(text="tuning"))
        share = 1 - EXPLAIN_SHARE - SWEEP_SHARE * len(SWEEPS)
        return tune.run(
            replace(self._asked(share), size=_REDUCED, runtimes=()),
            margin=margin,
            listen=self.listen,
            save=lambda document: write_atomically(path, tune_to_json(document).encode()),
        )

    def facts(self, probes: Path) -> ProgramFacts:
        # `invoke report` reads the other parts, which are documents of tasks, and would not know this one.
        path = self.folder / "claims" / "programs.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        asked = request_of(self.request, probes)
        kept = self._kept(path, load_facts, lambda document: document.probes, asked)
        if kept is None:
            self.listen(Phase(text="running the small programs"))
            kept = program_facts.run(asked, listen=self.listen)
            write_atomically(path, facts_to_json(kept).encode())
        return kept

    def bench(self) -> Session | None:
        """Find the last complete session at full size of this machine and these sources."""
        now = self._prepared(self._every())
        found = []
        for path in self.folder.glob("*.json"):
            if schema_of(path) != store.SCHEMA:
                continue
            try:
                session = store.load(path)
            except UsageError as error:
                self.listen(Remark(text=f"not used: {error.message}"))
                continue
            is_whole = session.state is State.COMPLETE and session.is_default_suite and session.is_every_runtime
            is_full = not session.missing() and all(result.is_full for result in session.results)
            is_same = (session.machine.identity, session.sources) == (now.machine.identity, now.sources)
            if is_whole and is_full and is_same:
                found.append(session)
        return max(found, key=lambda session: session.started_at, default=None)

    def releases(self) -> TimelineDocument | None:
        """Find the timeline of most versions, which `invoke timeline` stored; it is not measured here."""
        found = []
        for path in self.folder.glob("*.json"):
            if schema_of(path) == TIMELINE_SCHEMA:
                document = load_timeline(path)
                if document.runtime == COMPARED_RUNTIME:
                    found.append(document)
        return max(found, key=lambda document: len(document.versions), default=None)

    def _every(self) -> Request:
        return replace(self.request, runtimes=_EVERY)

    def _asked(self, share: float) -> Request:
        return replace(self._every(), budget_s=self.request.budget_s * share)

    def _kept(
        self,
        path: Path,
        load: Callable[[Path], _Kept],
        session_of: Callable[[_Kept], Session | None],
        asked: Request,
    ) -> _Kept | None:
        """Read a stored part; None if there is none, or, with a remark, if it is not valid any more."""
        if not self.is_resumed or not path.exists():
            return None
        try:
            document = load(path)
        except UsageError as error:
            problem = error.message
        else:
            session = session_of(document)
            problem = "it has no session" if session is None else self._problem(session, asked)
            if not problem:
                return document
        self.listen(Remark(text=f"measuring {path.name} again: {problem}"))
        return None

    def _problem(self, session: Session, asked: Request) -> str:
        return changed_since(session, self._prepared(asked), "a compiler")

    def _prepared(self, asked: Request) -> Session:
        """Return an empty session with the tools and settings that a request would use now."""
        key = (asked.suite_folder, asked.runtimes)
        if key not in self._now:
            with prepared(asked, self.listen) as ready:
                self._now[key] = ready.blank_session(ready.side)
        return self._now[key]


def _default_session(document: TuneDocument) -> Session | None:
    """Return the session of the default; None before the pilot."""
    return document.pilot.sessions[0] if document.pilot is not None else None


def _is_whole(document: TuneDocument) -> bool:
    """Return whether a tuning is complete, which its document does not store."""
    if document.screening is None or not is_complete(document.screening.sessions):
        return False
    if document.chosen is None:
        return True
    return bool(document.confirmation) and is_complete(document.confirmation)
