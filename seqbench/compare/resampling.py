"""Judge resampled comparisons of a compiler with itself, and count what each of them would detect. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from math import log1p

from seqbench.compare.verdict import NUDGE, POWER
from seqbench.stats.signed_rank import SignedRanks

_GRID = tuple(step / 1000 for step in range(1, 1001))


class Trials:
    """The resampled comparisons of one benchmark so far.

    A trial needs no interval: it asks only whether that would lie above or below a value. A slowdown moves every log
    ratio, and so the whole interval, by the same amount.
    """

    def __init__(self, logs: Sequence[float], *, rounds: int, error: float, seed: int) -> None:
        import numpy as np  # noqa: PLC0415 - as in stats.signed_rank

        self._logs = np.asarray(logs, dtype=float)
        self._rounds = rounds
        self._error = error
        self._generator = np.random.default_rng(seed)
        self._detected_from: list[int] = []
        """Of each trial the first slowdown of the grid that it detects; the length of the grid if it detects none."""
        self._false_slower = 0
        self._false_faster = 0

    def run(self) -> None:
        """Draw rounds with replacement, swap the sides of each at random, and judge."""
        generator, count = self._generator, self._rounds
        drawn = self._logs[generator.integers(len(self._logs), size=count)] * generator.choice((-1.0, 1.0), size=count)
        values: list[float] = drawn.tolist()
        ranks = SignedRanks(values)
        self._false_slower += ranks.is_above(NUDGE, self._error)
        self._false_faster += ranks.is_below(-NUDGE, self._error)
        # A slowdown is detected when it lifts the lower end of the interval above zero.
        first = bisect_left(_GRID, True, key=lambda slowdown: ranks.is_above(NUDGE - log1p(slowdown), self._error))
        self._detected_from.append(first)

    @property
    def count(self) -> int:
        """Return how many were run."""
        return len(self._detected_from)

    @property
    def false_slower(self) -> float:
        """Return the share that found a slowdown where there was none."""
        return self._false_slower / self.count

    @property
    def false_faster(self) -> float:
        """Return the share that found a speed-up where there was none."""
        return self._false_faster / self.count

    def power(self, slowdown: float) -> float:
        """Return the share that detects a slowdown."""
        return sum(first < bisect_right(_GRID, slowdown) for first in self._detected_from) / self.count

    def smallest(self) -> float | None:
        """Return the smallest slowdown that is detected with a probability of 95 %; None above 100 %."""
        worst = sorted(self._detected_from)[min(self.count - 1, int(POWER * self.count))]
        return _GRID[worst] if worst < len(_GRID) else None
