"""Show the events of the library: a progress bar on a terminal, an occasional line elsewhere."""

import threading
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from seqbench.events import Detail, Estimate, Event, Measuring, Phase, Remark
from seqbench.units import clock_duration

# Without a terminal the log should stay short, but still show progress.
_QUIET_INTERVAL_S = 30.0


class ProgressView:
    """A listener; use it as a context manager around the work."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = console.is_terminal
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
            case Detail(text=text):
                described = f"{self._phase}: {text}" if self._phase else text
                self._say(described)
                # What has just begun is at the end.
                shown = text if len(described) > self._console.width - 45 else described
                self._progress.update(self._task, description=shown[: self._console.width - 45])
                self._line_now_and_then(described)
            case Remark(text=text):
                self._print(text)
            case Estimate():
                self._print(event.text)
            case Measuring():
                self._measuring(event)

    def _measuring(self, event: Measuring) -> None:
        which = "pilot round" if event.is_pilot else "round"
        left = "" if event.remaining_s is None else f", about {clock_duration(event.remaining_s)} left"
        text = f"{event.program}: {which} {event.round_number} of {event.rounds}{left}"
        self._say(text)
        self._progress.update(self._task, description=text, total=1.0, completed=event.fraction_done)
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
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


class _Console(Console):
    """A console on standard error that ignores a closed pipe, as `write` does."""

    def on_broken_pipe(self) -> None:
        """Print nothing from now on; Rich would exit."""
        self.quiet = True


def progress() -> ProgressView:
    """Return a listener that shows events on standard error."""
    return ProgressView(_Console(stderr=True))
