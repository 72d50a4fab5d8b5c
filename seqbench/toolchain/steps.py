"""Report the steps of a long build: which one of how many, how far cargo is, how long it took and how long it takes."""

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqbench.events import Detail, Event, Listener, Phase, Remark
from seqbench.units import clock_duration

SECONDS = "step_seconds"
"""The key under which the file about a built compiler has the seconds of each step."""
# Cargo's own progress bar: `Building [==>   ] 45/123: syn, tokio`.
_BAR = re.compile(r"\w+ \[[=> ]*\] (?P<done>\d+)/(?P<all>\d+):? ?(?P<crates>.*)")
# Before that the time so far says nothing about the rest.
_LEAST_DONE, _LEAST_S = 0.1, 5.0
# The last crate of a step may take as long as all others.
_MOST_OF_STEP = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a build."""

    title: str
    share: float
    """Of the time of all steps, as it was measured once."""


class Steps:
    """A listener that adds the step, its progress and the time to each line of a build.

    Parameters
    ----------
    last_s
        The seconds of each step in the last build on this machine, if they are known.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        listen: Listener,
        clock: Callable[[], float] = time.monotonic,
        *,
        last_s: Sequence[float] = (),
    ) -> None:
        self._steps = steps
        self._listen = listen
        self._clock = clock
        self._last_s = tuple(last_s)
        self._costs = self._last_s or tuple(step.share for step in steps)
        self._began_s: list[float] = []
        self._crates = 0.0
        """The share of the crates of this step that are compiled."""

    def announce(self, text: str, usually: str) -> None:
        """Report that the build begins, and how long it takes: as the last one on this machine, or as usually."""
        self._listen(Phase(text=text))
        last = f"the last build of seqc on this machine took {clock_duration(sum(self._last_s))}"
        self._listen(Remark(text=last if self._last_s else f"building seqc takes {usually}"))

    def begin(self) -> None:
        """Report that the next step begins."""
        self._began_s.append(self._clock())
        self._crates = 0.0
        self._report("")

    def seconds(self) -> dict[str, float]:
        """Return how long each step took; the last one ends now."""
        ends = [*self._began_s[1:], self._clock()]
        times = zip(self._steps, self._began_s, ends, strict=False)
        return {step.title: round(end - began, 1) for step, began, end in times}

    def __call__(self, event: Event) -> None:
        """Report an event of the current step."""
        if not isinstance(event, Detail):
            self._listen(event)
        elif bar := _BAR.search(event.text):
            self._crates = int(bar["done"]) / max(1, int(bar["all"]))
            self._report(f"{bar['done']} of {bar['all']} crates, {bar['crates'].strip()}")
        elif event.text:
            self._report(event.text)

    def _report(self, what: str) -> None:
        current = len(self._began_s)
        step = f"step {current} of {len(self._steps)}, {self._steps[current - 1].title}"
        text = f"{step}{': ' if what else ''}{what.rstrip(', ')}"
        elapsed_s = self._clock() - self._began_s[0]
        self._listen(Detail(text=text, elapsed_s=elapsed_s, remaining_s=self._left_s()))

    def _left_s(self) -> float | None:
        """Estimate the time left in seconds; None while nothing is known about it.

        The pace of the steps that are done holds for the rest. A step that takes longer than that is estimated from the
        crates that are compiled.
        """
        now_s, began_s, current = self._clock(), self._began_s[0], len(self._began_s) - 1
        done, whole = sum(self._costs[:current]), sum(self._costs)
        pace = (self._began_s[-1] - began_s) / done if done > _LEAST_DONE * whole else 1.0 if self._last_s else None
        if pace is not None:
            ends_s = self._began_s[-1] + pace * self._costs[current]
            if now_s < ends_s:
                return ends_s - now_s + pace * sum(self._costs[current + 1 :])
        # The first crates are the small ones: of seqc, three quarters of them take less than a third of the time.
        done += self._costs[current] * min(_MOST_OF_STEP, self._crates**2)
        is_known = done > _LEAST_DONE * whole and now_s - began_s > _LEAST_S
        return (now_s - began_s) * (whole - done) / done if is_known else None


def last_seconds(files: Sequence[Path], steps: Sequence[Step]) -> tuple[float, ...]:
    """Return the seconds of each of these steps in the last build; empty if none of the files has them.

    Parameters
    ----------
    files
        The files about the compilers that were built, in any order.
    """
    for path in sorted(files, key=lambda path: path.stat().st_mtime, reverse=True):
        try:
            stored: Mapping[str, float] = json.loads(path.read_text())[SECONDS]
            if stored.keys() == {step.title for step in steps}:
                return tuple(float(stored[step.title]) for step in steps)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # of an earlier version, or of a compiler that was built otherwise
    return ()
