"""Report the steps of a long build: which one of how many, how far cargo is, and how long it takes."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from seqbench.events import Detail, Event, Listener
from seqbench.units import clock_duration

# Cargo's own progress bar: `Building [==>   ] 45/123: syn, tokio`.
_BAR = re.compile(r"\w+ \[[=> ]*\] (?P<done>\d+)/(?P<all>\d+):? ?(?P<crates>.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a build."""

    title: str
    share: float
    """Of the time of all steps, as it was measured once."""


class Steps:
    """A listener that adds the step, its progress and the time to each line of a build."""

    def __init__(self, steps: Sequence[Step], listen: Listener, clock: Callable[[], float] = time.monotonic) -> None:
        self._steps = steps
        self._listen = listen
        self._clock = clock
        self._began_s = clock()
        self._current = -1
        self._ends_s = 0.0

    def begin(self) -> None:
        """Report that the next step begins."""
        self._current += 1
        done = sum(step.share for step in self._steps[: self._current])
        whole = sum(step.share for step in self._steps)
        # The first, short steps say nothing about the others.
        if done >= self._steps[self._current].share:
            self._ends_s = self._clock() + (self._clock() - self._began_s) * (whole - done) / done
        self._report("")

    def __call__(self, event: Event) -> None:
        """Report an event of the current step."""
        if not isinstance(event, Detail):
            self._listen(event)
        elif bar := _BAR.search(event.text):
            self._report(f"{bar['done']} of {bar['all']} crates, {bar['crates'].strip()}")
        elif event.text:
            self._report(event.text)

    def _report(self, what: str) -> None:
        step = f"step {self._current + 1} of {len(self._steps)}, {self._steps[self._current].title}"
        now_s = self._clock()
        times = f"{clock_duration(now_s - self._began_s)} so far"
        if self._ends_s > now_s:
            times += f", about {clock_duration(self._ends_s - now_s)} left"
        self._listen(Detail(text=f"{step} ({times}){': ' if what else ''}{what.rstrip(', ')}"))
