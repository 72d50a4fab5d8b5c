"""Draw the size of the environment of a round.

The environment lies above the stack, so its size moves the stack, and that alone changed times by several percent
(Mytkowicz et al., ASPLOS 2009). How much depends on the program, so one fixed size would favour one side of a
comparison by an amount that more rounds do not reduce. Drawn anew for each round, it becomes noise that the interval
contains.

All candidates of a round get the same size. What a size does to all of them alike then cancels within the round, and
what it does to one of them is drawn anew. Different sizes in one round would add the first to the noise, and gain
nothing: each round is one draw either way.
"""

import random

VARIABLE = "SEQBENCH_PADDING"
"""A variable that no runtime reads."""
# The first address of the stack is a multiple of 16, and what a cache sees of it repeats after a page.
_STEP_BYTES = 16
_PAGE_BYTES = 4096


def padding(seed: str, round_number: int) -> dict[str, str]:
    """Return the variable that pads the environment in a round, drawn so that it can be drawn again.

    Examples
    --------
    >>> padding("1/pingpong", 3) == padding("1/pingpong", 3)
    True
    """
    drawn = random.Random(f"{seed}/{round_number}/environment")  # noqa: S311 - a size, not a secret
    return {VARIABLE: "x" * (_STEP_BYTES * drawn.randrange(_PAGE_BYTES // _STEP_BYTES))}
