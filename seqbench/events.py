"""Define the events that the library reports while it works.

The library never prints: the listener decides what to show.
"""

from collections.abc import Callable
from dataclasses import dataclass

from seqbench.units import clock_duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A step that takes time starts, such as building seqc."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """The progress of the current step; the next detail replaces it."""

    text: str
    elapsed_s: float | None = None
    """How long the phase has taken so far; None for a step that takes no time worth showing."""
    remaining_s: float | None = None
    """An estimate; None while it is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """How long the measuring will take, in seconds; a later estimate corrects it."""

    total_s: float
    of: str = "measuring"
    """What takes so long."""

    @property
    def text(self) -> str:
        """Return it as a sentence."""
        return f"{self.of} takes about {clock_duration(self.total_s)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measuring:
    """A program is about to run, in a round of the pilot or in a scored one."""

    benchmark: str
    program: str
    is_pilot: bool
    round_number: int
    """From 1."""
    rounds: int
    """How many there will be; of a pilot there may be fewer."""
    fraction_done: float
    remaining_s: float | None
    """None while unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A message for the user that stays on the screen."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The verdict on a benchmark of a comparison stands, while others go on; it stays on the screen."""

    benchmark: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whether a benchmark stops is asked of who follows this run from another machine (`compare.asking`)."""

    text: str
    """The question as JSON."""


Event = Phase | Detail | Estimate | Measuring | Remark | Settled | Asked
Listener = Callable[[Event], None]

# An estimate is reported again when it was so far off.
_OFF = 1.25


class Estimates:
    """Reports how long everything takes, and again only when that was far off."""

    def __init__(self, listen: Listener) -> None:
        self._listen = listen
        self._said_s: float | None = None

    def report(self, total_s: float) -> None:
        """Report an estimate of the total in seconds."""
        if self._said_s is None or not 1 / _OFF < total_s / max(1e-9, self._said_s) < _OFF:
            self._listen(Estimate(total_s=total_s))
            self._said_s = total_s


def without_estimates(listen: Listener) -> Listener:
    """Return a listener for a part of the work, which does not report the time of that part as that of everything."""

    def report(event: Event) -> None:
        if not isinstance(event, Estimate):
            listen(event)

    return report


def ignore(_event: Event) -> None:
    """Do nothing with an event."""
