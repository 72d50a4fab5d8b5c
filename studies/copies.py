"""Show how often two copies of one executable seem to differ, if each stays, and if each run has a new one.

    python -m studies.copies PROGRAM ARGUMENT...    # eight minutes for a program of 60 ms, without other work

PROGRAM prints `elapsed_ns`, as every program of a suite does. A set has two copies, which run in common rounds in
random order. The signed-rank interval of the log ratios judges it. The bytes are the same, so a difference is false.
"""

import os
import random
import sys
from math import exp, log
from pathlib import Path
from statistics import median, pstdev
from tempfile import TemporaryDirectory

from tabulate import tabulate

from seqbench.bench.build import Executable
from seqbench.bench.placement import on_new_pages
from seqbench.stats.signed_rank import signed_rank_interval
from seqbench.system.facts import Command
from seqbench.system.process import run

SETS, ROUNDS = 24, 64
ERRORS = (0.05, 0.01)
WAYS = {"one copy for all rounds": False, "a new copy for each run": True}
_KEY = "elapsed_ns: "


def main() -> None:
    """Print a row for each way to copy."""
    draw = random.Random(1)  # noqa: S311 - draws orders
    program = Path(sys.argv[1])
    built = Executable(path=program, digest="", size_bytes=program.stat().st_size)
    centres: dict[str, list[float]] = {way: [] for way in WAYS}
    differ = {(way, error): 0 for way in WAYS for error in ERRORS}
    times: dict[str, list[float]] = {way: [] for way in WAYS}
    with TemporaryDirectory() as folder:
        # The ways take turns, so that both see the same machine.
        for _ in range(SETS):
            for way, is_new in WAYS.items():
                pairs = _rounds(built, Path(folder), draw, is_new=is_new)
                ratios = [one - other for one, other in pairs]
                for error in ERRORS:
                    centre, interval = signed_rank_interval(ratios, error, is_capped=False)
                    differ[way, error] += not interval.low <= 0 <= interval.high
                centres[way].append(centre)
                times[way] += [time for pair in pairs for time in pair]
    usual = median(times[next(iter(WAYS))])
    rows = [
        [
            way,
            *(f"{differ[way, error]} of {SETS}" for error in ERRORS),
            f"{100 * pstdev(centres[way]):.1f} %",
            f"{100 * max(map(abs, centres[way])):.1f} %",
            f"{exp(median(times[way]) - usual):.3f}",
        ]
        for way in WAYS
    ]
    header = ["", *(f"differ at {error:.0%}" for error in ERRORS), "standard deviation", "largest", "time"]
    print(tabulate(rows, header, tablefmt="github", disable_numparse=True))  # noqa: T201


def _rounds(built: Executable, folder: Path, draw: random.Random, *, is_new: bool) -> list[tuple[float, float]]:
    """Return the log times of two copies, which are new at the beginning, or for each run."""
    copies = [on_new_pages(built, folder / name) for name in ("0", "1")]
    found = []
    for _ in range(ROUNDS):
        times = [0.0, 0.0]
        for place in draw.sample((0, 1), 2):
            copy = on_new_pages(built, copies[place].path.parent) if is_new else copies[place]
            times[place] = _log_time(copy)
        found.append((times[0], times[1]))
    return found


def _log_time(copy: Executable) -> float:
    argv = (*copy.argv, *sys.argv[2:])
    finished = run(Command(argv=argv, directory=copy.path.parent, environment=os.environ, timeout_s=600))
    lines = finished.stdout.decode().splitlines()
    return log(int(next(line for line in lines if line.startswith(_KEY)).removeprefix(_KEY)))


if __name__ == "__main__":
    main()
