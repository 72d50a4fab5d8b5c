"""Describe how a benchmark of a comparison is judged: in which looks, and with how much of its error rate. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A look at a benchmark: it is judged, and stops if its verdict stands."""

    rounds: int
    """The scored rounds so far."""
    spent: float
    """The share of the benchmark's error rate that may be spent up to this look; 1 at the last one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """A benchmark that is judged in several looks (group sequential); this is fixed before its first scored round."""

    planned: int
    """The rounds that were planned at first; what other benchmarks leave of their time adds to them."""
    looks: tuple[Look, ...] = ()
    """The looks so far."""
    is_capped: bool | None = None
    """Whether ranks are capped; None if each look chooses. Earlier versions of seqbench chose it in the pilot."""
