"""How often do the intervals enclose the true median? Order statistics, percentile bootstrap, and what seqbench gives.

    python studies/interval_coverage.py

Simulated paired ratios (lognormal, spread 20 %); the true median ratio is 1. Figures of a run are in docs/METHOD.md.
"""

import numpy as np
from tabulate import tabulate

from seqbench.stats.intervals import paired_ratio, percentile_interval, resampled_medians, summarize

TRIALS = 2_000
SIZES = (6, 8, 10, 15, 20, 30)
SPREAD = 0.2


def main() -> None:
    """Print the share of trials in which each interval encloses 1."""
    generator = np.random.default_rng(1)
    rows = []
    for size in SIZES:
        hits = np.zeros(3)
        for trial in range(TRIALS):
            ratios = generator.lognormal(0.0, SPREAD, size).tolist()
            exact = summarize(ratios).interval
            drawn = percentile_interval(resampled_medians(ratios, trial))
            both = paired_ratio(ratios, [1.0] * size, seed=trial).interval
            if exact is None or both is None:
                raise AssertionError(size)
            hits += (exact.low <= 1 <= exact.high, drawn.low <= 1 <= drawn.high, both.low <= 1 <= both.high)
        rows.append((size, *(f"{100 * share:.1f} %" for share in hits / TRIALS)))
    print(tabulate(rows, ("rounds", "order statistics", "bootstrap", "seqbench"), tablefmt="github"))  # noqa: T201


if __name__ == "__main__":
    main()
