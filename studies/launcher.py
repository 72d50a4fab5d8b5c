"""Compare what seqbench measures of a process with bare `posix_spawn`, `hyperfine -N` and `/usr/bin/time -v`.

    python -m studies.launcher            # prints the tables, in about two minutes
    python -m studies.launcher --write    # and puts them into docs/METHOD.md

The study makes three tables:

- the wall clock of a program that exits at once
- the peak memory of programs that touch a known amount, from a process whose own peak is about 600 MiB (two copies of
  the ballast)
- what the harness adds to a run, with and without counting what other processes use

The methods take turns, so that a change of the machine's speed affects all of them. A missing tool is left out (Debian:
apt install hyperfine time). Nothing else should run.
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
from functools import partial
from pathlib import Path

from tabulate import tabulate

from seqbench.system import process
from seqbench.system.activity import with_activity
from seqbench.system.facts import Command, Finished
from seqbench.system.launcher import provide_launcher

BLOCKS = 10
RUNS = 100
MIB = 1 << 20
TOUCHED_MIB = (2, 8, 64, 1024)
BALLAST_MIB = 300
# What runs for about 5, 20 and 100 ms.
RUN_MIB = (8, 32, 160)
DOCUMENT = Path(__file__).parent.parent / "docs" / "METHOD.md"
BEGIN, END = "<!-- begin: launcher -->", "<!-- end: launcher -->"
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
    """Return the seconds of one run with bare `posix_spawn` and `wait4`."""
    start = time.monotonic_ns()
    pid = os.posix_spawn(program, (program,), {})
    os.wait4(pid, 0)
    return (time.monotonic_ns() - start) / 1e9


def ours(launcher: tuple[str, ...], *argv: str) -> Finished:
    """Run a program by a launcher, or directly if the launcher is empty."""
    return process.run(
        Command(argv=argv, directory=Path("/"), environment={}, timeout_s=600.0, launcher=launcher),
    )


def hyperfine(tool: str, program: str) -> list[float]:
    """Return the times that hyperfine measures in seconds, one per run."""
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
    bare_median = 1e6 * statistics.median(times["bare posix_spawn and wait4"])
    for name, values in times.items():
        low, median, high = (1e6 * quantile for quantile in statistics.quantiles(values, n=4))
        rows.append(
            (name, f"{median:.0f}", f"{low:.0f} to {high:.0f}", f"{median / bare_median:.2f}", f"{len(values):,}")
        )
    header = ("clock", "median, us", "middle half", "of bare", "runs")
    return tabulate(rows, header, tablefmt="github", disable_numparse=True)


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


def harness_shares(launcher: tuple[str, ...], program: str) -> str:
    """Return a table of the time between runs, in percent of the runs, for programs that run shorter and longer."""
    rows = []
    for touched in RUN_MIB:
        shares: dict[str, list[float]] = {}
        runs: list[float] = []
        for _ in range(BLOCKS):
            for name, around in (("counted", with_activity), ("not counted", lambda work: (work(), None))):
                start = time.monotonic_ns()
                ran = [around(partial(ours, launcher, program, str(touched)))[0].wall_ns for _ in range(BLOCKS)]
                shares.setdefault(name, []).append((time.monotonic_ns() - start) / sum(ran) - 1)
                runs += ran
        medians = [statistics.median(each) for each in shares.values()]
        rows.append((f"{statistics.median(runs) / 1e6:.1f} ms", *(f"{100 * share:.2f} %" for share in medians)))
    header = ("run of", "harness, with counting", "without counting")
    return tabulate(rows, header, tablefmt="github", disable_numparse=True)


def main() -> None:
    """Print the three tables."""
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder) / "touch.c", Path(folder) / "touch"
        source.write_text(TOUCH)
        subprocess.run([shutil.which("cc") or "cc", "-O2", "-fno-builtin", "-o", str(program), str(source)], check=True)
        environment = dict(os.environ)
        script = provide_launcher(Path(folder) / "none", {"PATH": "/nonexistent"}).argv
        compiled = provide_launcher(Path(folder), environment).argv
        launchers = {"launcher": compiled, "script": script, "directly": ()}
        parts = (wall_clocks(launchers), peaks(launchers, str(program)), harness_shares(compiled, str(program)))
    # The study itself makes for a load of about 1.
    loads = f"Load on {os.cpu_count()} CPUs: {load_before:.1f} at the start, {os.getloadavg()[0]:.1f} at the end."
    text = "\n\n".join((*parts, loads))
    sys.stdout.write(f"{text}\n")
    if "--write" in sys.argv[1:]:
        document = DOCUMENT.read_text(encoding="utf-8")
        before, rest = document.split(BEGIN)
        DOCUMENT.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
