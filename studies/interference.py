"""Check that `invoke bench` says that other work runs beside it, and says nothing when it runs alone.

    python -m studies.interference            # ten runs alone, then three beside a busy loop: about ten minutes

Each run measures the whole suite at its quick size, with a history of its own. The study prints what each run said, and
exits with 1 if one was wrong. It is for a quiet machine: any other program makes the runs "alone" wrong.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tabulate import tabulate

PROJECT = Path(__file__).parent.parent
ALONE, BESIDE = 10, 3


@contextmanager
def busy_loop() -> Iterator[None]:
    """Let one process use a CPU all the time."""
    with subprocess.Popen(["/bin/sh", "-c", "while :; do :; done"]) as other:
        try:
            yield
        finally:
            other.kill()


def said(history: Path) -> tuple[str, str]:
    """Run `invoke bench`, and return what it said of other processes, and the share of the harness."""
    words = ("bench", "--size", "quick", "--runs", "6", "--no-record", "--json", "-")
    environment = {**os.environ, "SEQBENCH_HISTORY": str(history)}
    ran = subprocess.run(
        [sys.executable, "-m", "invoke", *words], cwd=PROJECT, env=environment, check=True, capture_output=True
    )
    session = json.loads(ran.stdout)
    harness_ns = session["wall_ns"] - session["programs_ns"] - session["build_ns"]
    found = session["interference"]
    lines = "; ".join(found["lines"]) or f"nothing, of {found['judged_rounds']} rounds"
    return lines, f"{100 * harness_ns / session['wall_ns']:.1f} %"


def main() -> int:
    """Print what each run said; return 1 if one of them was wrong."""
    rows = []
    is_right = True
    with tempfile.TemporaryDirectory() as folder:
        history = Path(folder) / "history.db"
        for number in range(1, ALONE + 1):
            line, share = said(history)
            is_right &= line.startswith("nothing")
            rows.append(("alone", number, line, share))
        for number in range(1, BESIDE + 1):
            with busy_loop():
                line, share = said(history)
            is_right &= "other processes used" in line
            rows.append(("busy loop", number, line, share))
    sys.stdout.write(tabulate(rows, ("beside", "run", "said", "harness"), tablefmt="github") + "\n")
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
