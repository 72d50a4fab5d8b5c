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


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """How long the measuring will take, in seconds; a later estimate corrects it."""

    total_s: float

    @property
    def text(self) -> str:
        """Return it as a sentence."""
        return f"measuring takes about {clock_duration(self.total_s)}"


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


Event = Phase | Detail | Estimate | Measuring | Remark
Listener = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """Do nothing with an event."""
