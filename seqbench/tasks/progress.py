"""Show the events of the library: a progress bar on a terminal, an occasional line elsewhere."""

import os
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from seqbench.events import Detail, Estimate, Event, Listener, Measuring, Phase, Remark, Settled
from seqbench.hosts.wire import encode
from seqbench.tasks.colour import coloured, coloured_message, is_wanted
from seqbench.text import printable
from seqbench.units import clock_duration

# Without a terminal the log should stay short, but still show progress.
_QUIET_INTERVAL_S = 30.0
# Between lines for who follows from another machine.
_LOGGED_S = 2.0


class ProgressView:
    """A listener; use it as a context manager around the work."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = console.is_interactive
        # Drawing takes about 1 ms of a core from the programs, so it is done only once a second.
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            refresh_per_second=1,
            disable=not self._live,
        )
        self._task = self._progress.add_task("starting", total=None)
        self._phase = ""
        self._text = ""
        """What is being done, as it was said last."""
        self._began_s = self._shown_s = time.monotonic()
        self._ended = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)
        self._shown_part = ("", "", False)

    def __enter__(self) -> Self:
        self._progress.start()
        if not self._live:
            self._ticker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._progress.stop()

    def _tick(self) -> None:
        """Print a line now and then while nothing new happens: a log without lines looks like a hanging command."""
        while not self._ended.wait(_QUIET_INTERVAL_S / 2):
            if self._text and time.monotonic() - self._shown_s >= _QUIET_INTERVAL_S:
                self._line(f"{self._text} (since {clock_duration(time.monotonic() - self._began_s)})")

    def __call__(self, event: Event) -> None:
        """Show an event."""
        match event:
            case Phase(text=text):
                self._phase = text
                self._say(text)
                self._line(text)
                self._progress.reset(self._task, description=text, total=None)
            case Detail():
                self._detail(event)
            case Remark(text=text):
                self._console.print(Text.from_ansi(coloured_message(printable(text))), soft_wrap=True)
            case Settled(text=text):
                self._console.print(Text.from_ansi(coloured(printable(text))), soft_wrap=True)
            case Estimate():
                self._print(event.text)
            case Measuring():
                self._measuring(event)

    def _detail(self, event: Detail) -> None:
        described = f"{self._phase}: {event.text}" if self._phase else event.text
        times = times_text(event)
        line = f"{described} ({times})" if times else described
        self._say(line)
        # The line is cut at its end, and the time so far stands beside the bar.
        left = left_text(event.remaining_s)
        shown = event.text if left or len(described) > self._console.width - 45 else described
        shown = f"{left}: {shown}" if left else shown
        shown = printable(shown)[: self._console.width - 45]
        if event.elapsed_s is None or event.remaining_s is None:
            self._progress.update(self._task, description=shown)
        else:
            total_s = max(1e-9, event.elapsed_s + event.remaining_s)
            self._progress.update(self._task, description=shown, total=total_s, completed=event.elapsed_s)
        self._line_now_and_then(line)

    def _measuring(self, event: Measuring) -> None:
        text = measuring_text(event)
        self._say(text)
        self._progress.update(self._task, description=printable(text), total=1.0, completed=event.fraction_done)
        # A line when a benchmark's pilot begins, and one when its rounds do.
        part = (self._phase, event.benchmark, event.is_pilot)
        if part != self._shown_part:
            self._shown_part = part
            self._shown_s = 0.0
        self._line_now_and_then(text)

    def _say(self, text: str) -> None:
        self._text, self._began_s = text, time.monotonic()

    def _line_now_and_then(self, text: str) -> None:
        if time.monotonic() - self._shown_s >= _QUIET_INTERVAL_S:
            self._line(text)

    def _line(self, text: str) -> None:
        self._shown_s = time.monotonic()
        if not self._live:
            self._print(text)

    def _print(self, text: str) -> None:
        self._console.print(printable(text), markup=False, highlight=False, soft_wrap=True)


class HostsView:
    """The progress of several hosts in one view: a line for each."""

    def __init__(self, console: Console, names: Sequence[str]) -> None:
        self._console = console
        self._live = console.is_interactive
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.fields[host]}", markup=False),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            refresh_per_second=1,
            disable=not self._live,
        )
        self._tasks = {name: self._progress.add_task("waiting", host=name, total=None) for name in names}
        self._shown: dict[str, tuple[float, tuple[str, bool]]] = {}
        # The hosts are followed by a thread each.
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def listener(self, name: str) -> Listener:
        """Return the listener for the events of a host; the empty name is for all of them."""
        return partial(self._show, name)

    def _show(self, name: str, event: Event) -> None:
        with self._lock:
            match event:
                case Phase(text=text):
                    self._update(name, text)
                    self._line(name, text)
                case Detail():
                    left = left_text(event.remaining_s)
                    self._update(name, f"{left}: {event.text}" if left else event.text)
                case Measuring():
                    text = measuring_text(event)
                    self._update(name, text, event.fraction_done)
                    last_s, part = self._shown.get(name, (0.0, ("", False)))
                    now_s, here = time.monotonic(), (event.benchmark, event.is_pilot)
                    if part != here or now_s - last_s >= _QUIET_INTERVAL_S:
                        self._shown[name] = (now_s, here)
                        self._line(name, text)
                case Remark(text=text) | Estimate(text=text):
                    self._print(name, text)
                case Settled(text=text) if not name:
                    # Decided here, for all hosts.
                    self._print(name, text)

    def _update(self, name: str, text: str, done: float | None = None) -> None:
        if name in self._tasks:
            shown = printable(text)[: max(10, self._console.width - 60)]
            self._progress.update(
                self._tasks[name],
                description=shown,
                total=None if done is None else 1.0,
                completed=done or 0.0,
            )

    def _line(self, name: str, text: str) -> None:
        if not self._live:
            self._print(name, text)

    def _print(self, name: str, text: str) -> None:
        message = printable(f"{name}: {text}" if name else text)
        self._console.print(Text.from_ansi(coloured_message(message)), soft_wrap=True)


class EventLog:
    """A listener that writes events to a file as lines of JSON, for who follows this run from another machine.

    Events that replace each other are written every two seconds, so that following them takes nothing from programs.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._written_s = 0.0
        self._part = ("", False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._file.close()

    def __call__(self, event: Event) -> None:
        """Write an event."""
        if isinstance(event, Detail | Measuring):
            part = (event.benchmark, event.is_pilot) if isinstance(event, Measuring) else self._part
            if part == self._part and time.monotonic() - self._written_s < _LOGGED_S:
                return
            self._part, self._written_s = part, time.monotonic()
        # A full disk is no reason to stop measuring.
        with suppress(OSError):
            print(encode(event), file=self._file, flush=True)


def measuring_text(event: Measuring) -> str:
    """Return which program runs in which round, and how long the rest takes."""
    which = "pilot round" if event.is_pilot else "round"
    left = left_text(event.remaining_s)
    return f"{event.program}: {which} {event.round_number} of {event.rounds}{f', {left}' if left else ''}"


def times_text(event: Detail) -> str:
    """Return how long a step has taken so far, and how long the rest takes; empty if that is unknown."""
    so_far = "" if event.elapsed_s is None else f"{clock_duration(event.elapsed_s)} so far"
    return ", ".join(filter(None, (so_far, left_text(event.remaining_s))))


def left_text(remaining_s: float | None) -> str:
    """Return a time that is left, as `about 2 min 10 s left`; empty if it is unknown."""
    return "" if remaining_s is None else f"about {clock_duration(remaining_s)} left"


class _Console(Console):
    """A console on standard error that ignores a closed pipe, as `write` does."""

    def on_broken_pipe(self) -> None:
        """Print nothing from now on; Rich would exit."""
        self.quiet = True


def progress() -> ProgressView | EventLog:
    """Return a listener that shows events on standard error, or writes them to the file `SEQBENCH_EVENTS`."""
    if path := os.environ.get("SEQBENCH_EVENTS"):
        return EventLog(Path(path))
    return ProgressView(_on_standard_error())


def hosts_progress(names: Sequence[str]) -> HostsView:
    """Return what shows the events of these hosts on standard error."""
    return HostsView(_on_standard_error(), names)


def _on_standard_error() -> Console:
    """Return a console that draws a bar on a terminal only; Rich would also draw one into a log for `FORCE_COLOR`."""
    is_terminal = sys.stderr is not None and sys.stderr.isatty()
    # Its own choice of colours knows fewer variables.
    colours: Literal["auto", "standard"] = "auto" if is_terminal else "standard"
    is_coloured = is_wanted(sys.stderr, os.environ)
    return _Console(stderr=True, force_terminal=is_terminal, color_system=colours if is_coloured else None)
