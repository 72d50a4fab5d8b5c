"""Show by how much copies of one executable differ, though their bytes are the same.

    python -m studies.copies PROGRAM ARGUMENT...    # about two minutes on a machine without other work

PROGRAM prints `elapsed_ns`, as every program of a suite does. Its copies run in the same rounds, in random order. A
copy has memory pages of its own, which stay the same as long as the file is cached. Then all copies are made anew.
"""

import os
import random
import shutil
import sys
from math import log
from pathlib import Path
from statistics import fmean, median, pstdev
from tempfile import TemporaryDirectory

from tabulate import tabulate

from seqbench.system.facts import Command
from seqbench.system.process import run

COPIES, ROUNDS, SETS, SHUFFLES = 8, 100, 3, 400
_KEY = "elapsed_ns: "
_TRIMMED = 0.1


def main() -> None:
    """Print a row for each set of copies: the centre of each, in percent from the median of its round."""
    draw = random.Random(1)  # noqa: S311 - draws orders
    rows = []
    with TemporaryDirectory() as folder:
        for number in range(SETS):
            rounds = _rounds(Path(folder), sys.argv[1], sys.argv[2:], draw)
            centres = _centres(rounds)
            spread = pstdev(centres)
            # The copies of a round change places, which alters nothing if they are equal.
            chance = [pstdev(_centres([draw.sample(each, COPIES) for each in rounds])) for _ in range(SHUFFLES)]
            share = (1 + sum(each >= spread for each in chance)) / (1 + SHUFFLES)
            shown = [f"{100 * centre:+.1f}" for centre in sorted(centres)]
            rows.append([number + 1, *shown, f"{100 * (max(centres) - min(centres)):.1f} %", f"{share:.3f}"])
    header = ["set", *(f"copy {number + 1}" for number in range(COPIES)), "slowest to fastest", "p if equal"]
    print(tabulate(rows, header, tablefmt="github", disable_numparse=True))  # noqa: T201


def _rounds(folder: Path, program: str, arguments: list[str], draw: random.Random) -> list[list[float]]:
    """Return the log times of fresh copies, less the median of their round."""
    copies = [folder / f"copy-{number}" for number in range(COPIES)]
    for copy in copies:
        copy.unlink(missing_ok=True)
        shutil.copy(program, copy)
    found = []
    for _ in range(ROUNDS):
        times = {copy: _log_time(copy, arguments) for copy in draw.sample(copies, COPIES)}
        centre = median(times.values())
        found.append([times[copy] - centre for copy in copies])
    return found


def _log_time(copy: Path, arguments: list[str]) -> float:
    argv = (str(copy), *arguments)
    finished = run(Command(argv=argv, directory=copy.parent, environment=os.environ, timeout_s=600))
    lines = finished.stdout.decode().splitlines()
    return log(int(next(line for line in lines if line.startswith(_KEY)).removeprefix(_KEY)))


def _centres(rounds: list[list[float]]) -> list[float]:
    """Return the trimmed mean of each copy."""
    cut = int(_TRIMMED * len(rounds))
    return [fmean(sorted(each)[cut : len(rounds) - cut]) for each in zip(*rounds, strict=True)]


if __name__ == "__main__":
    main()
