"""Divide the error rate of a test among several looks at its growing data. Pure.

A test that looks at its data several times, each time at the full error rate, has a false alarm far too often: each
look is another chance. A spending function says instead how much of the error may be used up to each look (Lan and
DeMets, Biometrika 70, 1983). What a look may use and the correlation with the looks before it fix its *nominal* error:
the error at which its interval is computed.

A signed-rank statistic at several looks behaves like a random walk with fair steps, whatever the noise looks like. So
two looks at m < n values have the correlation sqrt(m / n), and the chance to cross a boundary for the first time at a
look follows from that at the look before (Armitage, McPherson and Rowe, JRSS A 132, 1969).
"""

from dataclasses import dataclass, field
from functools import lru_cache
from math import erfc, exp, pi, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# Of the planned values.
LOOKS = (0.08, 0.16, 0.33, 0.66, 1.0)
# Less than zero: little is spent early, so that the last look is nearly as sharp as the only look of a fixed design.
_GAMMA = -3.0
_NODES = 128
# Bisection steps: a boundary within a billionth of a standard deviation.
_HALVINGS = 36
_FARTHEST = 40.0


def spent_share(fraction: float, gamma: float = _GAMMA) -> float:
    """Return the share of the error that may be spent up to a look at a fraction of the planned values.

    This is the family of Hwang, Shih and DeCani (Statistics in Medicine 9, 1990).

    Examples
    --------
    >>> [round(spent_share(fraction), 3) for fraction in LOOKS]
    [0.014, 0.032, 0.089, 0.327, 1.0]
    """
    return (1 - exp(-gamma * fraction)) / (1 - exp(-gamma))


@lru_cache(maxsize=4096)
def nominal_errors(counts: tuple[int, ...], spent: tuple[float, ...], error: float) -> tuple[float, ...]:
    """Return the two-sided error rate at which each look computes its interval; 0 for a look that cannot judge.

    A look with so few values that no outcome is as rare as its error spends nothing: its share goes to the next one.
    A look without new values is the one before it with more to spend.

    Parameters
    ----------
    counts
        How many values each look has, in rising order.
    spent
        The share of `error` that may be spent up to each look, in rising order.
    error
        The probability that the interval of any look misses the centre.

    Examples
    --------
    >>> nominal_errors((40,), (1.0,), 0.01)
    (0.01,)
    >>> [round(nominal, 4) for nominal in nominal_errors((5, 20, 40), (0.1, 0.5, 1.0), 0.01)]
    [0.0, 0.005, 0.0061]
    """
    found = []
    walk = before = _Walk()
    for count, share in zip(counts, spent, strict=True):
        since = before if count == walk.count else walk
        allowed = error * share - since.spent
        boundary, nominal = since.boundary(count, allowed) if count > since.count and allowed > 0 else (0.0, 0.0)
        if not nominal or 2 * 0.5**count > nominal:
            found.append(0.0)
            continue
        before, walk = since, since.inside(count, boundary, allowed)
        found.append(nominal)
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    """A random walk that has stayed within the boundaries of the looks so far: where it is with which probability."""

    count: int = 0
    spent: float = 0.0
    places: "tuple[float, ...] | npt.NDArray[np.float64]" = (0.0,)
    chances: "tuple[float, ...] | npt.NDArray[np.float64]" = field(default=(1.0,))

    def boundary(self, count: int, allowed: float) -> tuple[float, float]:
        """Return what the walk exceeds at `count` steps with this probability on either side, and the nominal error."""
        import numpy as np  # noqa: PLC0415 - as in signed_rank

        step, whole = sqrt(count - self.count), sqrt(count)
        places, chances = np.asarray(self.places), np.asarray(self.chances)
        low, high = 0.0, _FARTHEST
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            beyond = ((middle * whole - places) / (step * sqrt(2))).tolist()
            # Both sides are alike.
            is_likelier = float(chances @ [erfc(each) for each in beyond]) > allowed
            low, high = (middle, high) if is_likelier else (low, middle)
        # Alone, a look would spend its nominal error; so that is never less than what it may spend.
        nominal = max(allowed, erfc(high / sqrt(2)))
        is_near = step < pi * high * whole / _NODES
        return high * whole, allowed if is_near else nominal

    def inside(self, count: int, boundary: float, allowed: float) -> "_Walk":
        """Return the walk after `count` steps that has stayed within the boundary of this look too."""
        import numpy as np  # noqa: PLC0415 - as in signed_rank

        step = sqrt(count - self.count)
        nodes, weights = np.polynomial.legendre.leggauss(_NODES)
        places = boundary * nodes
        distances = (places[:, None] - np.asarray(self.places)[None, :]) / step
        density = np.exp(-(distances**2) / 2) @ np.asarray(self.chances) / (step * sqrt(2 * pi))
        return _Walk(count=count, spent=self.spent + allowed, places=places, chances=boundary * weights * density)
