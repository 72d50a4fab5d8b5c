"""Define the events that the library reports while it works.

The library never prints: the listener decides what to show.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A step that takes time starts, such as building seqc."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """The progress of the current step; the next detail replaces it."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measuring:
    """A program is about to run; `round_number` is 0 in the pilot, and `remaining_s` is None while unknown."""

    benchmark: str
    program: str
    round_number: int
    rounds: int
    fraction_done: float
    remaining_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A message for the user that stays on the screen."""

    text: str


Event = Phase | Detail | Measuring | Remark
Listener = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """Do nothing with an event."""
