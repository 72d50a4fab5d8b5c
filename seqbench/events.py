"""What the library tells while it works; it never prints, the listener decides what a person sees."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A step that takes time begins, such as building seqc."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """What the present step is doing at this moment; the next one replaces it."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measuring:
    """A program is about to run; `round_number` 0 is the pilot, and `remaining_s` is None until it is known."""

    benchmark: str
    program: str
    round_number: int
    rounds: int
    fraction_done: float
    remaining_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something that a person should read now and that stays on the screen."""

    text: str


Event = Phase | Detail | Measuring | Remark
Listener = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """Listen to nothing."""
