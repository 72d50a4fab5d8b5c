"""Compute how far the times of one source differ between layouts of its code, from common rounds. Pure.

Each pair of layouts has a signed-rank interval for its ratio, and all pairs of a benchmark together hold with 95 %
(Bonferroni). So the largest true ratio lies between the largest of the lower ends and the largest of the upper ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import exp, log

from seqbench.sessions.session import Sample, paired_times
from seqbench.stats.signed_rank import fewest_values, signed_rank_interval
from seqbench.text import SIMPLE, table
from seqbench.units import percent

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutSpread:
    """How far the layouts of one benchmark differ; shares: 0.01 is 1 %."""

    name: str
    spread: float
    """By how much the slowest layout is slower than the fastest one."""
    low: float
    """The interval of the spread at 95 %; 0 where no two layouts differ for certain."""
    high: float
    rounds: int
    ratios: tuple[float, ...]
    """Each layout / the first one, which has no padding."""
    parameters: tuple[tuple[str, int], ...] = ()
    """The size that was measured."""

    @property
    def differs(self) -> bool:
        """Return whether the layouts differ beyond the noise of the rounds."""
        return self.low > 0

    def exceeds(self, margin: float) -> bool:
        """Return whether two layouts of one source would differ by more than a margin."""
        return self.differs and self.spread > margin

    def warning(self, margin: float) -> str:
        """Return the warning of a margin that is below the spread."""
        # A margin is below 100 %.
        fix = f"use --margin {self.margin_text()}" if self.spread < 1 else "measure where less other work is done"
        return (
            f"{self.name}: the margin of {percent(margin, digits=1)} is below the spread of code layouts, "
            f"{self.text()}: a difference within it may come from the layout alone; {fix}"
        )

    def text(self) -> str:
        """Return the spread with its interval: `1.4 % [0.9, 1.8]`."""
        return f"{percent(self.spread, digits=1)} [{100 * self.low:.1f}, {100 * self.high:.1f}]"

    def margin_text(self) -> str:
        """Return the least margin in tenths of a percent that is not below the spread."""
        tenths = -int(-1000 * self.spread // 1)
        return f"{tenths / 10:g}%"


def least_rounds(layouts: int) -> int:
    """Return the fewest rounds from which the spread of this many layouts has an interval.

    Examples
    --------
    >>> least_rounds(5)
    9
    """
    return fewest_values(_error(layouts))


def layout_spread(
    name: str, sides: Sequence[Sequence[Sample]], *, parameters: tuple[tuple[str, int], ...] = ()
) -> LayoutSpread | None:
    """Return the spread of the layouts of a benchmark from the samples of each; None where there are too few rounds.

    Raises
    ------
    ValueError
        There are fewer than two layouts.
    """
    error = _error(len(sides))
    found = []
    for first, second in combinations(sides, 2):
        pairs = paired_times(first, second).values()
        if len(pairs) < least_rounds(len(sides)):
            return None
        logs = [log(after / before) for before, after in pairs]
        centre, interval = signed_rank_interval(logs, error)
        found.append((centre, max(interval.low, -interval.high), max(-interval.low, interval.high), len(pairs)))
    # The pairs with the first layout come first.
    centres = (0.0, *(centre for centre, _, _, _ in found[: len(sides) - 1]))
    return LayoutSpread(
        name=name,
        spread=exp(max(abs(centre) for centre, _, _, _ in found)) - 1,
        low=max(0.0, exp(max(low for _, low, _, _ in found)) - 1),
        high=exp(max(high for _, _, high, _ in found)) - 1,
        rounds=min(rounds for _, _, _, rounds in found),
        ratios=tuple(exp(centre) for centre in centres),
        parameters=parameters,
    )


def layout_text(spreads: Sequence[LayoutSpread], *, width: int | None = None) -> str:
    """Return the spread of each benchmark with the ratios of its layouts, and what they mean; empty without any.

    A table that is wider than `width` characters drops the ratios; None is no limit.
    """
    if not spreads:
        return ""
    layouts = max(len(each.ratios) for each in spreads)
    numbers = [f"Layout {number}" for number in range(2, layouts + 1)]
    rows = [
        [
            each.name,
            str(each.rounds),
            each.text() if each.differs else f"below {percent(each.high, digits=1)}: no difference seen",
            *(f"{ratio:.3f}" for ratio in each.ratios[1:]),
        ]
        for each in spreads
    ]
    header = ["Code layouts", "Rounds", "Spread", *numbers]
    found = table(rows, header, SIMPLE, width=width, texts=("Spread",), least_important=numbers)
    outside = percent(2 / (layouts + 1))
    meaning = (
        f"Code layouts: {layouts} builds of one source at other addresses, in common rounds. Layout 1 has no padding.",
        f"Spread: by how much the slowest is slower than the fastest, with its {percent(CONFIDENCE)} interval.",
        f"A further build lies outside of these {layouts} in {outside} of cases. Layout 2 and later: the ratio to 1.",
        "A margin below the spread counts layouts as changes.",
    )
    return "\n\n".join([found, "\n".join(meaning)])


def _error(layouts: int) -> float:
    """Return the error of each pair of layouts."""
    pairs = layouts * (layouts - 1) // 2
    if not pairs:
        raise ValueError(f"{layouts} layouts have no spread: expected two or more")
    return (1 - CONFIDENCE) / pairs
