"""Measure a bisection: good and bad first, then one version after another between them, each in rounds with both."""

import time
from collections.abc import Callable
from dataclasses import replace

from seqbench.bench.programs import Side
from seqbench.bench.request import Request
from seqbench.errors import SeqbenchError, ToolchainError, UsageError
from seqbench.events import Event, Listener, Measuring, Phase, Remark
from seqbench.experiments.bisect.analysis import Analysis, Wanted, analyze
from seqbench.experiments.bisect.document import BisectDocument
from seqbench.runtimes.registry import COMPARED_RUNTIME
from seqbench.sessions.session import State
from seqbench.units import NS_PER_S, clock_duration
from seqbench.versions.contrasts import LOOKS
from seqbench.versions.field import Field, as_stored, field_of
from seqbench.versions.version import Version

Saver = Callable[[BisectDocument], None]


class EndError(SeqbenchError):
    """Good or bad cannot be measured, so that there is nothing to compare with."""

    exit_code = ToolchainError.exit_code


def run(
    request: Request, versions: tuple[Version, ...], *, runtime: str, margin: float, listen: Listener, save: Saver
) -> BisectDocument:
    """Bisect the versions, of which the first one is good and the last one is bad.

    Parameters
    ----------
    save : receives the bisection after every part of a comparison, and after an interrupt.

    Raises
    ------
    UsageError
        An unknown benchmark or runtime, a size that does not fit, or too few rounds.
    EndError
        Good or bad cannot be built, or no benchmark can be built with both.
    KeyboardInterrupt
        Interrupted.
    """
    if request.runs is not None and request.runs < LOOKS[0]:
        raise UsageError(
            f"--runs {request.runs} are too few to compare versions: the first look is after {LOOKS[0]} rounds",
            f"use --runs {LOOKS[0]} or more, or leave out --runs",
        )
    document = BisectDocument(
        runtime=runtime,
        versions=versions,
        is_default_runtime=runtime == COMPARED_RUNTIME,
        only=request.only,
        size=request.size.flag,
        seed=request.seed,
        margin=margin,
        runs=request.runs,
        target_cpu=request.target_cpu.choice.value,
        state=State.RUNNING,
    )
    return _measured(request, document, listen=listen, save=save)


def resume(request: Request, document: BisectDocument, *, listen: Listener, save: Saver) -> BisectDocument:
    """Continue an interrupted bisection, with its own seed and settings; the budget is that of the request.

    Raises
    ------
    UsageError, EndError, KeyboardInterrupt
        See `run`; or the machine, the sources, a tool or a program has changed.
    """
    asked = as_stored(request, document)
    return _measured(asked, replace(document, state=State.RUNNING), listen=listen, save=save)


def _measured(request: Request, document: BisectDocument, *, listen: Listener, save: Saver) -> BisectDocument:
    with field_of(request, document.versions, (document.runtime,), listen) as field:
        field.gaps.extend(document.gaps)
        ends = _end(field, 0, "good"), _end(field, len(document.versions) - 1, "bad")
        names = _comparable(field)
        document = replace(document, only=names, gaps=tuple(field.gaps))
        for side, session in zip(ends, document.ends, strict=False):
            field.require_unchanged(session, side, side.name, "bisection")
        field.choose_sizes(ends, names, document.ends)
        return _Bisection(field=field, ends=ends, request=request, listen=listen, save=save).finish(document)


class _Bisection:
    """A bisection while it is measured."""

    def __init__(
        self, *, field: Field, ends: tuple[Side, Side], request: Request, listen: Listener, save: Saver
    ) -> None:
        self._field = field
        self._ends = ends
        self._limit_ns = request.limit_s * NS_PER_S
        self._listen = listen
        self._save = save
        self._spent_ns = 0
        self._run_ns = dict(field.costs_ns)
        field.listen = self._with_comparison
        self._text = ""

    def finish(self, document: BisectDocument) -> BisectDocument:
        """Measure what is missing, as far as the budget holds it."""
        try:
            while (found := analyze(document)).wanted is not None:
                if document.comparisons and not self._holds(found.wanted):
                    self._listen(Remark(text="the budget is used up before the end; --resume continues"))
                    document = replace(document, state=State.INTERRUPTED)
                    break
                document = self._step(document, found, found.wanted)
                self._save(document)
        except KeyboardInterrupt:
            if document.comparisons:
                self._save(replace(document, state=State.INTERRUPTED, gaps=tuple(self._field.gaps)))
            raise
        if document.state is State.RUNNING:
            document = replace(document, state=State.COMPLETE)
        self._save(document)
        return document

    def _step(self, document: BisectDocument, found: Analysis, wanted: Wanted) -> BisectDocument:
        self._report(document, found, wanted)
        names = wanted.benchmarks or self._field.names
        good, bad = self._ends
        sides: tuple[Side, ...] = (good, bad)
        key = ""
        if wanted.version is not None:
            side = self._field.side(wanted.version)
            document = replace(document, gaps=tuple(self._field.gaps))
            if side is None or self._field.gap(wanted.version, names[0]):
                return document
            sides, key = (good, side, bad), names[0]
            for compared in document.steps(key):
                if compared.version == wanted.version:
                    self._field.require_unchanged(compared.sessions[1], side, side.name, "bisection")
        began_ns = time.monotonic_ns()
        seed = 1 + sum(result.rounds for sessions in document.rounds for result in sessions[0].results)
        sessions = self._field.measure(sides, names, wanted.rounds, seed=seed)
        took_ns = time.monotonic_ns() - began_ns
        self._spent_ns += took_ns
        self._run_ns |= dict.fromkeys(names, took_ns / (wanted.rounds + 1) / len(sides) / len(names))
        return document.with_rounds(key, wanted.version, sessions)

    def _holds(self, wanted: Wanted) -> bool:
        """Return whether the budget holds these rounds, as far as their time is known."""
        sides = 2 if wanted.version is None else 3
        each_ns = sum(self._run_ns.get(name, 0.0) for name in wanted.benchmarks or self._field.names)
        return self._spent_ns + (wanted.rounds + 1) * sides * each_ns <= self._limit_ns

    def _report(self, document: BisectDocument, found: Analysis, wanted: Wanted) -> None:
        versions = document.versions
        if wanted.version is None:
            text = f"comparison 1: {versions[0].label} with {versions[-1].label}"
        else:
            low, high = found.between
            left = high - low
            text = (
                f"comparison {found.done + 1} of at most {found.most}, {wanted.benchmarks[0]}: "
                f"{versions[wanted.version].text} ({place_text(wanted.version, low, high)}); "
                f"{left} versions left, after {versions[low].label} and up to {versions[high].label}"
            )
        if text != self._text:
            self._listen(Phase(text=text))
        self._text = text
        if self._spent_ns and wanted.of > wanted.rounds:
            so_far = clock_duration(self._spent_ns / NS_PER_S)
            more = f"{wanted.rounds} more rounds, {wanted.of} in all"
            self._listen(Remark(text=f"not settled yet: {more} ({so_far} measured so far)"))

    def _with_comparison(self, event: Event) -> None:
        self._listen(event if not isinstance(event, Measuring) else replace(event, fraction_done=0.0))


def place_text(place: int, low: int, high: int) -> str:
    """Return where a version lies in a range: `3 after, 4 before`."""
    return f"{place - low} after the last good one, {high - place} before the first bad one"


def _end(field: Field, place: int, name: str) -> Side:
    side = field.side(place)
    if side is not None:
        return side
    gap = field.gap(place, "")
    detail = gap.detail if gap else ""
    raise EndError(f"{name} {field.versions[place].label} cannot be built: {detail}", f"choose another --{name}")


def _comparable(field: Field) -> tuple[str, ...]:
    """Return the benchmarks that both ends have a program of."""
    last = len(field.versions) - 1
    names = tuple(name for name in field.names if not field.gap(0, name) and not field.gap(last, name))
    if names:
        return names
    first = next(gap for gap in field.gaps if gap.version in (0, last))
    which = "good" if first.version == 0 else "bad"
    raise EndError(
        f"no benchmark can be built with both ends: {first.benchmark} {first.reason} with {which} "
        f"{field.versions[first.version].label}\n{first.detail}",
        f"choose another --{which}, or write {first.benchmark}@VERSION{field.prepared.runtimes[0].extension} for it",
    )
