"""Compare detectors of change points: false alarms, power and spikes on synthetic series.

    python studies/change_points.py

A series has the times of a program, one per session: lognormal noise of 3 %, and a share of sessions that other
processes slow down (up to twice as slow). Otava pins an older numpy than this project, so it has rows only if it is
installed. The figures in docs/HISTORY.md are from an environment made for it:

    python -m venv otava && otava/bin/pip install apache-otava ruptures && otava/bin/pip install --no-deps -e .
    otava/bin/python studies/change_points.py
"""

import time
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from ruptures import Pelt
from tabulate import tabulate

from seqbench.publish.history import trend

try:
    from otava.analysis import compute_change_points
except ImportError:
    compute_change_points = None

TRIALS = 300
NOISE = 0.03
_NEAR = 2
Times = npt.NDArray[np.float64]
Detector = Callable[[Times], Sequence[int]]


def _seqbench(penalty: float) -> Detector:
    def detect(times: Times) -> Sequence[int]:
        trend.PENALTY = penalty
        return [change.index for change in trend.find_changes(times.tolist())]

    return detect


def _pelt(model: str, penalty: float) -> Detector:
    """Return PELT on logarithms, scaled by their noise, which is estimated from the differences of neighbours."""

    def detect(times: Times) -> Sequence[int]:
        logs = np.log(times)
        noise = float(np.median(np.abs(np.diff(logs)))) / 0.6745 / 2**0.5
        search = Pelt(model=model, min_size=trend.LEAST_SESSIONS, jump=1).fit((logs / noise).reshape(-1, 1))
        return list(search.predict(pen=penalty * float(np.log(len(times))))[:-1])

    return detect


def _otava(times: Times) -> Sequence[int]:
    return [int(change.index) for change in compute_change_points(times.tolist())[0]]


DETECTORS: dict[str, Detector] = {
    "**ranks, 3 log n (seqbench)**": _seqbench(3.0),
    "ranks, 2.5 log n": _seqbench(2.5),
    "ranks, 3.5 log n": _seqbench(3.5),
    "ruptures, least squares, 4 log n": _pelt("l2", 4.0),
    "ruptures, least absolute, 2 log n": _pelt("l1", 2.0),
    **({"Otava, as it comes": _otava} if compute_change_points else {}),
}


def _series(generator: np.random.Generator, count: int, *, step: float = 0.0, at: int = 0, busy: float = 0.0) -> Times:
    times = 500.0 * generator.lognormal(0.0, NOISE, count)
    times[at:] *= 1 + step
    slow = generator.random(count) < busy
    times[slow] *= generator.uniform(1.2, 2.0, int(slow.sum()))
    return np.asarray(times)


def _spiked(generator: np.random.Generator) -> Times:
    times = _series(generator, 30)
    times[generator.integers(len(times))] *= generator.choice((1.5, 3.0, 20.0))
    return times


def _near(place: int) -> Callable[[Sequence[int]], bool]:
    return lambda found: len(found) == 1 and abs(found[0] - place) <= _NEAR


COLUMNS: dict[str, tuple[Callable[[np.random.Generator], Times], Callable[[Sequence[int]], bool]]] = {
    "false: 12": (lambda g: _series(g, 12), bool),
    "30": (lambda g: _series(g, 30), bool),
    "100": (lambda g: _series(g, 100), bool),
    "30 busy": (lambda g: _series(g, 30, busy=0.1), bool),
    "30, one spike": (_spiked, bool),
    "found: 10 % at 15 of 30": (lambda g: _series(g, 30, step=0.1, at=15), _near(15)),
    "the same, busy": (lambda g: _series(g, 30, step=0.1, at=15, busy=0.1), _near(15)),
    "10 % at 25 of 30": (lambda g: _series(g, 30, step=0.1, at=25), _near(25)),
    "5 % at 60 of 100": (lambda g: _series(g, 100, step=0.05, at=60), _near(60)),
}


def main() -> None:
    """Print shares of series: with a false alarm, and with the step found within two sessions of its place."""
    rows = []
    for name, detect in DETECTORS.items():
        shares = []
        started = time.perf_counter()
        for make, is_so in COLUMNS.values():
            generator = np.random.default_rng(1)
            shares.append(sum(is_so(detect(make(generator))) for _ in range(TRIALS)) / TRIALS)
        spent_ms = 1e3 * (time.perf_counter() - started) / TRIALS / len(COLUMNS)
        rows.append([name, *(f"{100 * share:.0f} %" for share in shares), f"{spent_ms:.1f} ms"])
    print(tabulate(rows, ["detector", *COLUMNS, "time"], tablefmt="github"))  # noqa: T201


if __name__ == "__main__":
    main()
