"""How often the intervals of a growth exponent, of the fixed part and of one more item enclose the truth.

    python studies/growth_coverage.py

Simulated sweeps over six values: times of 1000 + 2 * value for the line and of 3 * value ** 1.2 for the exponent, with
lognormal noise (spread 20 %) in every round. Figures of a run are in docs/METHOD.md.
"""

import numpy as np
from tabulate import tabulate

from seqbench.stats.growth import growth, straight_line
from seqbench.stats.intervals import Interval

TRIALS = 1_000
ROUNDS = (6, 10, 20, 30)
VALUES = (10, 30, 100, 300, 1_000, 3_000)
SPREAD = 0.2


def main() -> None:
    """Print the share of trials in which each interval encloses the truth."""
    generator = np.random.default_rng(1)

    def noisy(medians: list[float], rounds: int) -> list[list[float]]:
        return [(median * generator.lognormal(0.0, SPREAD, rounds)).tolist() for median in medians]

    rows = []
    for rounds in ROUNDS:
        hits = np.zeros(3)
        for trial in range(TRIALS):
            power = growth(VALUES, noisy([3 * value**1.2 for value in VALUES], rounds), seed=trial)
            line = straight_line(VALUES, noisy([1000 + 2 * value for value in VALUES], rounds), seed=trial)
            intervals = ((power.exponent.interval, 1.2), (line.fixed.interval, 1000), (line.unit_cost.interval, 2))
            hits += [_encloses(interval, truth) for interval, truth in intervals]
        rows.append((rounds, *(f"{100 * share:.1f} %" for share in hits / TRIALS)))
    print(tabulate(rows, ("rounds", "exponent", "fixed", "unit cost"), tablefmt="github"))  # noqa: T201


def _encloses(interval: Interval | None, truth: float) -> bool:
    return interval is not None and interval.low <= truth <= interval.high


if __name__ == "__main__":
    main()
