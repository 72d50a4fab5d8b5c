"""Compare the time that a command takes to start with that of `python -c 'import invoke'`.

    python -m studies.command_start [REPETITIONS]

Each round runs every command once, in random order, so that a slow phase of the machine affects all of them. The ratios
are between medians of the CPU time (user and system) and of the wall time. Figures of a run are in docs/METHOD.md.
"""

import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tabulate import tabulate

from seqbench.publish.history import database
from studies.history_size import made_up

PROJECT = Path(__file__).resolve().parent.parent
REPETITIONS = 40
# Enough for the history to look for change points.
SESSIONS = 20
BASE = ("-c", "import invoke")
COMMANDS = {
    "`python -c 'import invoke'`": BASE,
    "`invoke --list`": ("-m", "invoke", "--list"),
    "`invoke check-fresh`": ("-m", "invoke", "check-fresh"),
    "completion of a task": ("-m", "invoke", "--complete", "--", "invoke expo"),
    "completion of a flag": ("-m", "invoke", "--complete", "--", "invoke bench --"),
    f"`invoke history` of {SESSIONS} sessions": ("-m", "invoke", "history"),
}


@dataclass(slots=True)
class _Times:
    cpu_s: list[float] = field(default_factory=list)
    wall_s: list[float] = field(default_factory=list)


def _run(arguments: tuple[str, ...], environment: dict[str, str], times: _Times) -> None:
    started = time.perf_counter()
    with subprocess.Popen(
        (sys.executable, *arguments),
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    times.wall_s.append(time.perf_counter() - started)
    times.cpu_s.append(usage.ru_utime + usage.ru_stime)


def main() -> None:
    """Measure and print the ratios."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else REPETITIONS
    draw = random.Random(1)  # noqa: S311 - nothing secret
    measured = {name: _Times() for name in COMMANDS}
    with TemporaryDirectory() as folder:
        history = Path(folder) / "history.db"
        for number in range(SESSIONS):
            # One machine, and one size.
            database.record(history, made_up(6 * number, draw))
        environment = {**os.environ, "SEQBENCH_HISTORY": str(history)}
        for _ in range(repetitions):
            for name in draw.sample(list(COMMANDS), len(COMMANDS)):
                _run(COMMANDS[name], environment, measured[name])
    base = next(iter(measured.values()))
    rows = [
        (name, f"{median(times.cpu_s) / median(base.cpu_s):.2f}", f"{median(times.wall_s) / median(base.wall_s):.2f}")
        for name, times in measured.items()
    ]
    print(tabulate(rows, ("command", "processor time", "wall time"), tablefmt="github", disable_numparse=True))  # noqa: T201


if __name__ == "__main__":
    main()
