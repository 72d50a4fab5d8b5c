"""Predict what a larger size costs from runs at a smaller one, and choose the size of a benchmark. Pure."""

from collections.abc import Iterable, Sequence
from math import inf

from seqbench.sessions.session import Sample
from seqbench.suite.sizes import Size

# Work grows a little faster than the size: 100 times as many strands in Skynet take 120 times as long.
_GROWTH = 1.05
# A prediction over a longer way is too uncertain to rely on.
_LONGEST_STEP = 100


def scale_of(size: Size, larger: Size) -> float:
    """Return how many times as large another size is, by the parameter that differs; 1 if none does."""
    values = dict(size.parameters)
    return max((value / values[name] for name, value in larger.parameters if values.get(name)), default=1.0)


def predicted_cost_ns(samples: Iterable[Sample], scale: float) -> float:
    """Return the time of a round at a size that is larger by a factor.

    What a process does beside its work, which is mostly its start, takes the same time at all sizes.
    """
    grown = float(scale**_GROWTH)
    return sum(max(0, each.wall_ns - each.elapsed_ns) + each.elapsed_ns * grown for each in samples)


def next_size(
    sizes: Sequence[Size], at: int, samples: Sequence[Sample], *, least_work_ns: float, longest_round_ns: float
) -> int | None:
    """Return the index of the next size to run; None if there is no larger one that is needed and fits.

    That is the next larger size, or where the largest is wanted the largest that fits, as far as one step may go.

    Parameters
    ----------
    at
        The index of the size that ran last.
    samples
        One round at that size; empty if no program finished, so that nothing can be predicted.
    least_work_ns
        The work of a program that is enough; infinite where the largest size is wanted.
    longest_round_ns
        The time that one round may take.
    """
    work_ns = min((sample.elapsed_ns for sample in samples), default=0)
    if work_ns >= least_work_ns:
        return None
    found = None
    for index in range(at + 1, len(sizes)):
        scale = scale_of(sizes[at], sizes[index])
        is_too_far = found is not None and (least_work_ns < inf or scale > _LONGEST_STEP)
        if is_too_far or predicted_cost_ns(samples, scale) > longest_round_ns:
            break
        found = index
    return found


def is_cut_short(at: int, sizes: Sequence[Size], samples: Iterable[Sample], least_work_ns: float) -> bool:
    """Return whether a larger size would have been chosen if there had been time for it."""
    work_ns = min((sample.elapsed_ns for sample in samples), default=inf)
    return at + 1 < len(sizes) and work_ns < least_work_ns
