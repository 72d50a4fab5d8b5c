"""What the outside clock reads for a program that exits at once: seqbench, bare posix_spawn and wait4, hyperfine -N.

    python studies/outside_clock.py

The three take turns, so that a change of the machine's speed meets all of them. hyperfine is left out where it is not
installed (Debian: apt install hyperfine). Figures of a run are in docs/METHOD.md.
"""

import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from tabulate import tabulate

from seqbench.system import process
from seqbench.system.facts import Command

BLOCKS = 20
RUNS = 100


def bare(program: str) -> float:
    """Return the seconds of one run, spawned and waited for with nothing around it."""
    start = time.monotonic_ns()
    pid = os.posix_spawn(program, (program,), {})
    os.wait4(pid, 0)
    return (time.monotonic_ns() - start) / 1e9


def ours(program: str) -> float:
    """Return the seconds that `process.run` reads."""
    command = Command(argv=(program,), directory=Path("/"), environment={}, timeout_s=10.0)
    return process.run(command).wall_ns / 1e9


def hyperfine(tool: str, program: str) -> list[float]:
    """Return the seconds that hyperfine reads, RUNS times."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        arguments = ["-N", "--style=none", f"--runs={RUNS}", "--warmup=5", f"--export-json={file.name}", program]
        subprocess.run([tool, *arguments], check=True, capture_output=True)
        times: list[float] = json.load(file)["results"][0]["times"]
    return times


def main() -> None:
    """Take turns and print a table of medians and quartiles in microseconds."""
    program = shutil.which("true") or "/bin/true"
    tool = shutil.which("hyperfine")
    times: dict[str, list[float]] = {"bare posix_spawn and wait4": [], "seqbench process.run": [], "hyperfine -N": []}
    for _ in range(BLOCKS):
        times["bare posix_spawn and wait4"] += [bare(program) for _ in range(RUNS)]
        times["seqbench process.run"] += [ours(program) for _ in range(RUNS)]
        if tool:
            times["hyperfine -N"] += hyperfine(tool, program)
    rows = []
    for name, values in times.items():
        if values:
            low, median, high = (1e6 * quantile for quantile in statistics.quantiles(values, n=4))
            rows.append((name, f"{median:.0f}", f"{low:.0f}", f"{high:.0f}", len(values)))
    print(tabulate(rows, ("clock", "median us", "quartile 1", "quartile 3", "runs"), tablefmt="github"))  # noqa: T201


if __name__ == "__main__":
    main()
