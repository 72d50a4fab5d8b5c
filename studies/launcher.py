"""Compare what seqbench measures of a process with bare `posix_spawn`, `hyperfine -N` and `/usr/bin/time -v`.

    python -m studies.launcher

Three tables: the wall clock of a program that exits at once; the peak memory of programs that touch a known amount,
after this process has grown to 300 MiB; and what reading /proc/stat costs. The ways take turns, so that a change of the
machine's speed meets all of them. A tool that is not installed is left out (Debian: apt install hyperfine time). The
figures of a run are in docs/METHOD.md.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tabulate import tabulate

from seqbench.system import process
from seqbench.system.activity import with_activity
from seqbench.system.facts import Command, Finished
from seqbench.system.launcher import provide_launcher

BLOCKS = 20
RUNS = 100
MIB = 1 << 20
TOUCHED_MIB = (2, 8, 64, 1024)
BALLAST_MIB = 300
# Touches argv[1] MiB of memory; compiled, so that the runtime of a language adds nothing.
TOUCH = """
#include <stdlib.h>
#include <string.h>
int main(int argc, char **argv) {
    size_t size = (size_t)atoi(argv[1]) << 20;
    char *memory = malloc(size);
    memset(memory, 1, size);
    return memory[size / 2] != 1;
}
"""


def bare(program: str) -> float:
    """Return the seconds of one run, spawned and waited for with nothing around it."""
    start = time.monotonic_ns()
    pid = os.posix_spawn(program, (program,), {})
    os.wait4(pid, 0)
    return (time.monotonic_ns() - start) / 1e9


def ours(launcher: tuple[str, ...], *argv: str) -> Finished:
    """Run a program by a launcher, or directly where that is empty."""
    return process.run(
        Command(argv=argv, directory=Path("/"), environment={}, timeout_s=600.0, launcher=launcher),
    )


def hyperfine(tool: str, program: str) -> list[float]:
    """Return the seconds that hyperfine reads, RUNS times."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        arguments = ["-N", "--style=none", f"--runs={RUNS}", "--warmup=5", f"--export-json={file.name}", program]
        subprocess.run([tool, *arguments], check=True, capture_output=True)
        times: list[float] = json.load(file)["results"][0]["times"]
    return times


def gnu_time(tool: str, *argv: str) -> int:
    """Return the peak memory that `/usr/bin/time -v` reports, in bytes."""
    said = subprocess.run([tool, "-v", *argv], check=True, capture_output=True, text=True).stderr
    peak = re.search(r"Maximum resident set size \(kbytes\): (\d+)", said)
    return 1024 * int(peak[1]) if peak else 0


def wall_clocks(launchers: dict[str, tuple[str, ...]]) -> str:
    """Return a table of medians and quartiles in microseconds, for a program that exits at once."""
    program, tool = shutil.which("true") or "/bin/true", shutil.which("hyperfine")
    times: dict[str, list[float]] = {"bare posix_spawn and wait4": []}
    for _ in range(BLOCKS):
        times["bare posix_spawn and wait4"] += [bare(program) for _ in range(RUNS)]
        for name, launcher in launchers.items():
            times.setdefault(f"seqbench, {name}", []).extend(ours(launcher, program).wall_ns / 1e9 for _ in range(RUNS))
        if tool:
            times.setdefault("hyperfine -N", []).extend(hyperfine(tool, program))
    rows = []
    for name, values in times.items():
        low, median, high = (1e6 * quantile for quantile in statistics.quantiles(values, n=4))
        rows.append((name, f"{median:.0f}", f"{low:.0f}", f"{high:.0f}", len(values)))
    return tabulate(rows, ("clock", "median us", "quartile 1", "quartile 3", "runs"), tablefmt="github")


def peaks(launchers: dict[str, tuple[str, ...]], program: str) -> str:
    """Return a table of peak memory in KiB for each amount that a program touches."""
    tool = shutil.which("time")
    ballast = bytearray(b"1" * (BALLAST_MIB * MIB))
    rows = []
    for touched in TOUCHED_MIB:
        row = [f"{touched} MiB", "-" if tool is None else f"{gnu_time(tool, program, str(touched)) // 1024:,}"]
        row += [f"{ours(each, program, str(touched)).usage.max_rss_bytes // 1024:,}" for each in launchers.values()]
        rows.append(row)
    del ballast
    header = ("touched", "/usr/bin/time -v", *(f"seqbench, {name}" for name in launchers))
    return tabulate(rows, header, tablefmt="github", disable_numparse=True)


def cost_of_activity() -> str:
    """Return a sentence on what it costs to read the activity of the machine around a run."""
    times = []
    for _ in range(BLOCKS * RUNS):
        start = time.monotonic_ns()
        with_activity(lambda: None)
        times.append((time.monotonic_ns() - start) / 1e3)
    return f"Reading /proc/stat before and after a run: {statistics.median(times):.0f} us (median of {len(times):,})."


def main() -> None:
    """Print the three."""
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder) / "touch.c", Path(folder) / "touch"
        source.write_text(TOUCH)
        subprocess.run([shutil.which("cc") or "cc", "-O2", "-fno-builtin", "-o", str(program), str(source)], check=True)
        environment = dict(os.environ)
        script = provide_launcher(Path(folder) / "none", {"PATH": "/nonexistent"}).argv
        launchers = {"launcher": provide_launcher(Path(folder), environment).argv, "script": script, "directly": ()}
        parts = (wall_clocks(launchers), peaks(launchers, str(program)), cost_of_activity())
    sys.stdout.write("\n\n".join(parts) + "\n")


if __name__ == "__main__":
    main()
