"""Find the steps between neighbouring versions, in two stages. Pure.

All versions run in a few common rounds, and whatever may be a step is a candidate. The versions at both sides of the
candidates then run in fresh rounds, which alone decide: a choice among many would find a step in noise. All candidates
of a timeline share an error of 1 %.
"""

from collections.abc import Sequence
from statistics import median

from seqbench.bench.plan import rough_spread
from seqbench.versions.contrasts import Contrast, contrast, rounds_to_see

ERROR = 0.01
"""The share of timelines without a step in which one is marked."""
FIRST_ROUNDS = 16
"""The rounds from which the others are planned."""
_CANDIDATE_ERROR = 0.2
_POWER, _SURE = 0.99, 0.999
# The noise may be up to twice of what the first rounds show, and a candidate smaller than it seemed.
_CAUTION, _SHRUNK = 2, 0.7
MOST_ROUNDS = 1_000


def candidate_error(boundaries: int) -> float:
    """Return the error of each boundary between two versions in the rounds of all versions."""
    return _CANDIDATE_ERROR / max(1, boundaries)


def rounds_of_all(neighbours: Sequence[Sequence[float]], step: float) -> int:
    """Return how many rounds all versions run, so that a step becomes a candidate nearly certainly.

    Parameters
    ----------
    neighbours : for each boundary the log ratios of both versions in the first rounds.
    """
    spread = median(rough_spread(logs) for logs in neighbours) if neighbours else 0.0
    needed = rounds_to_see(step, max(spread, 1e-9), error=candidate_error(len(neighbours)), power=_POWER)
    return min(MOST_ROUNDS, max(FIRST_ROUNDS, _CAUTION * needed))


def is_candidate(logs: Sequence[float], boundaries: int, margin: float) -> bool:
    """Return whether a boundary may be a step."""
    found = contrast(logs, candidate_error(boundaries))
    return found is not None and found.sign != 0 and abs(found.centre) > margin


def rounds_of_candidate(logs: Sequence[float], candidates: int, step: float) -> int:
    """Return how many fresh rounds decide on a candidate."""
    error = ERROR / max(1, candidates)
    found = contrast(logs, 0.5)
    size = _SHRUNK * min(step, abs(found.centre)) if found is not None and found.centre else step
    needed = rounds_to_see(size, max(rough_spread(logs), 1e-9), error=error, power=_SURE)
    return min(MOST_ROUNDS, _CAUTION * needed)


def share_of_look(look: int, *, is_last: bool) -> float:
    """Return the share of the error that a look at fresh rounds has; all looks together have no more than all.

    A budget may end the fresh rounds early, and a resumed timeline looks again. The last look, at all planned rounds,
    has all if it is the first, else half. Those before it have a quarter, an eighth and so on.

    Examples
    --------
    >>> share_of_look(1, is_last=True), share_of_look(1, is_last=False), share_of_look(2, is_last=True)
    (1.0, 0.25, 0.5)
    """
    if is_last:
        return 1.0 if look == 1 else 0.5
    return 0.5 ** (look + 1)


def confirmed(logs: Sequence[float], candidates: int, margin: float, *, share: float = 1.0) -> Contrast | None:
    """Return the step that fresh rounds of a candidate show; None if it is none, or not for certain yet.

    Parameters
    ----------
    share : of the error, what this look has; see `share_of_look`.
    """
    found = contrast(logs, share * ERROR / max(1, candidates))
    return found if found is not None and found.sign and abs(found.centre) > margin else None
