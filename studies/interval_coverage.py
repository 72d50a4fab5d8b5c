"""Measure how often the intervals of ratios include the true median, compared with those of a bootstrap.

    python studies/interval_coverage.py

Simulated paired ratios (lognormal, spread 20 %); the true median ratio is 1. Figures of a run are in docs/METHOD.md.
"""

import numpy as np
from tabulate import tabulate

from seqbench.stats.bootstrap import percentile_interval, resampled_medians
from seqbench.stats.intervals import paired_ratio

TRIALS = 2_000
SIZES = (6, 8, 10, 15, 20, 30)
SPREAD = 0.2


def main() -> None:
    """Print the share of trials in which each interval includes 1."""
    generator = np.random.default_rng(1)
    rows = []
    for size in SIZES:
        hits = np.zeros(2)
        for trial in range(TRIALS):
            ratios = generator.lognormal(0.0, SPREAD, size).tolist()
            found = paired_ratio(ratios, [1.0] * size).interval
            drawn = percentile_interval(resampled_medians(ratios, trial))
            if found is None:
                raise AssertionError(size)
            hits += (found.low <= 1 <= found.high, drawn.low <= 1 <= drawn.high)
        rows.append((size, *(f"{100 * share:.1f} %" for share in hits / TRIALS)))
    print(tabulate(rows, ("rounds", "seqbench", "bootstrap"), tablefmt="github"))  # noqa: T201


if __name__ == "__main__":
    main()
