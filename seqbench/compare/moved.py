"""Find the counters that moved with a slower verdict: the first hint of why. Pure.

A counter moved when the interval of its paired differences leaves out zero, and its centre is beyond the margin.
Differences rather than ratios, because a counter may be zero. Like ratios they are symmetric about zero for identical
programs. All counters of a benchmark together hold with about 95 %: not exactly, because their times decide when it
stops. They are hints: no verdict depends on them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from statistics import median

from seqbench.sessions.peak_memory import peak_of
from seqbench.sessions.session import Sample
from seqbench.stats.signed_rank import signed_rank_interval
from seqbench.units import duration, short_bytes

_ERROR = 0.05
# From here on a factor reads better than percent.
_MANY_TIMES = 9
_DIGITS = 3


def _count(value: float) -> str:
    return f"{value:,.0f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counter:
    name: str
    value: Callable[[Sample], int]
    write: Callable[[float], str]


_COUNTERS = (
    _Counter(name="user time", value=lambda sample: sample.user_ns, write=duration),
    _Counter(name="system time", value=lambda sample: sample.system_ns, write=duration),
    _Counter(name="page faults", value=lambda sample: sample.minor_faults + sample.major_faults, write=_count),
    _Counter(
        name="context switches",
        value=lambda sample: sample.voluntary_switches + sample.involuntary_switches,
        write=_count,
    ),
    _Counter(name="peak memory", value=lambda sample: sample.max_rss_bytes, write=short_bytes),
)
_PEAK = _COUNTERS[-1].name


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A counter that moved: by how much from base to head in each run, in nanoseconds, bytes or as a count."""

    counter: str
    base: float
    """The median of base."""
    head: float
    change: float
    """The centre of the differences within the rounds."""
    low: float
    high: float

    def text(self) -> str:
        """Return it as a part of a sentence: `system time +42 % [+38, +47]`, or in its unit where base has none."""
        if not self.base:
            write = next(counter.write for counter in _COUNTERS if counter.name == self.counter)
            texts = [f"{_sign(each)}{write(abs(each))}" for each in (self.change, self.low, self.high)]
            return f"{self.counter} {texts[0]} [{texts[1]}, {texts[2]}]"
        if self.change > _MANY_TIMES * self.base:
            times, low, high = (1 + value / self.base for value in (self.change, self.low, self.high))
            return f"{self.counter} {times:,.0f}x [{low:,.0f}x, {high:,.0f}x]"
        change, low, high = (100 * value / self.base for value in (self.change, self.low, self.high))
        digits = 0 if abs(change) >= 10 else 1  # noqa: PLR2004 - two digits are enough for a hint
        return f"{self.counter} {change:+.{digits}f} % [{low:+.{digits}f}, {high:+.{digits}f}]"


def moved_counters(base: Sequence[Sample], head: Sequence[Sample], *, margin: float) -> tuple[Moved, ...]:
    """Return the counters that moved between two sides that ran in the same rounds, those that moved most first.

    Parameters
    ----------
    margin
        The relative change up to which a counter counts as unchanged: 0.02 is 2 %.
    """
    sides = [{sample.round_number: sample for sample in side} for side in (base, head)]
    pairs = [(sides[0][number], sides[1][number]) for number in sorted(sides[0].keys() & sides[1].keys())]
    is_hidden = any(side and peak_of(side).is_hidden for side in (base, head))
    counters = [counter for counter in _COUNTERS if counter.name != _PEAK or not is_hidden]
    found = [
        moved for counter in counters if pairs and (moved := _moved(counter, pairs, _ERROR / len(counters), margin))
    ]
    return tuple(sorted(found, key=lambda each: -abs(each.change / each.base if each.base else inf)))


def _moved(counter: _Counter, pairs: Sequence[tuple[Sample, Sample]], error: float, margin: float) -> Moved | None:
    old, new = ([float(counter.value(pair[side])) for pair in pairs] for side in (0, 1))
    differences = [after - before for before, after in zip(old, new, strict=True)]
    try:
        change, interval = signed_rank_interval(differences, error)
    except ValueError:
        # Too few rounds for an interval.
        return None
    # Counters are whole numbers, and bisection ends a little beside them.
    change, low, high = (round(value, _DIGITS) for value in (change, interval.low, interval.high))
    base = median(old)
    if low <= 0 <= high or abs(change) <= margin * base:
        return None
    return Moved(counter=counter.name, base=base, head=median(new), change=change, low=low, high=high)


def moved_text(moved: Sequence[Moved]) -> str:
    """Return the counters as a sentence part: `moved with it: system time +42 % [+38, +47]`; empty without any."""
    return f"moved with it: {', '.join(each.text() for each in moved)}" if moved else ""


def _sign(value: float) -> str:
    return "-" if value < 0 else "+"
