"""Apply the design of a benchmark to its pairs: how many of them each look has. Pure."""

from bisect import bisect_right
from collections.abc import Sequence

from seqbench.bench.stopping import PlannedLook
from seqbench.compare.verdict import Looks
from seqbench.sessions.design import Design
from seqbench.stats.sequential import LOOKS, spent_share

PLANNED_LOOKS = tuple(PlannedLook(fraction=fraction, spent=spent_share(fraction)) for fraction in LOOKS)


def looks_of(design: Design | None, rounds: Sequence[int]) -> Looks:
    """Return the looks at pairs.

    Parameters
    ----------
    design
        None for a single look, as in earlier comparisons.
    rounds
        The number of the round of each pair, in rising order.
    """
    if design is None:
        return Looks.only_one(len(rounds))
    return Looks(
        pairs=tuple(bisect_right(rounds, look.rounds) for look in design.looks),
        spent=tuple(look.spent for look in design.looks),
        is_capped=design.is_capped,
    )
