"""Show what several hosts cost and find; write the figures into docs/HOSTS.md.

    python -m studies.hosts --simulate            # three equal hosts against one, on the stored rounds of the gate
    python -m studies.hosts --loopback            # three real ssh servers here, as root: their output and costs
    python -m studies.hosts --simulate --write    # and write the tables into docs/HOSTS.md

The hosts of `--loopback` are those of the tests: scripts play the compilers. With SEQC, GO and CLANG in the environment
they have these instead.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tabulate import tabulate

from seqbench.compare.machines import SHARE_OF_ALL
from seqbench.compare.verdict import FAMILY_ERROR, POWER
from seqbench.stats.stratified import stratified_interval
from seqbench.system.files import write_atomically
from studies.gate_power import DATA, read
from tests.support.sshd import Network, network
from tests.support.world import World, script

PAGE = Path(__file__).resolve().parents[1] / "docs" / "HOSTS.md"
TRIALS = 300
SEED = 17
MACHINES = 3
SHARES = (0.32, 0.34, 0.36, 0.38, 0.40, 0.45, 0.5)
SLEEP_S = 2
# What one host measures: about what a gate of ten minutes holds.
MOST_ROUNDS = 240


def simulation() -> str:
    """Return a table: the rounds of each of three equal hosts that find what one host finds."""
    rows = []
    for condition in ("quiet", "busy"):
        found = read(DATA / f"gate-{condition}.csv.gz")
        for rounds in found:
            logs = rounds.logs("head") - rounds.logs("base")
            count, error = min(MOST_ROUNDS, rounds.count), FAMILY_ERROR / len(found)
            slowdown = _found(logs, (count,), error)
            share = next(
                (s for s in SHARES if _found(logs, (round(s * count),) * MACHINES, SHARE_OF_ALL * error) <= slowdown),
                None,
            )
            each = "-" if share is None else str(round(share * count))
            rows.append(
                (
                    condition,
                    rounds.name.partition("@")[0],
                    count,
                    f"{np.expm1(slowdown):.1%}",
                    each,
                    share or "above 0.5",
                )
            )
    header = ("machine", "benchmark", "rounds on one", "slowdown found", "rounds on each of three", "share of its time")
    return tabulate(rows, header, tablefmt="github", disable_numparse=True)


def _found(logs: "np.ndarray[tuple[int], np.dtype[np.float64]]", counts: Sequence[int], error: float) -> float:
    """Return the log ratio that hosts with so many rounds find in 95 % of cases, by resampling A/A rounds."""
    generator = np.random.default_rng(SEED)
    needed = []
    for _ in range(TRIALS):
        strata = [generator.choice(logs, size=n) * generator.choice((-1.0, 1.0), size=n) for n in counts]
        needed.append(-stratified_interval([each.tolist() for each in strata], error)[1].low)
    return float(np.quantile(needed, POWER))


def loopback(folder: Path) -> tuple[str, str]:
    """Return what three hosts print, and how long two hosts take compared with one."""
    world = World(folder / "world")
    with network(folder / "hosts") as made:
        made.introduce(world)
        seconds = [f"sleep {SLEEP_S}", f"echo elapsed_ns: {SLEEP_S}000000000", "echo result: 42"]
        for name in ("first", "second"):
            world.add(name, seq=script(*seconds), go=script(*seconds))
        _invoke(world, "bench", "--hosts", "north,south", "--runs", "1")
        took = {}
        for hosts in ("north", "south", "north,south"):
            began_s = time.monotonic()
            _invoke(world, "bench", "--hosts", hosts, "--runs", "2")
            took[hosts] = time.monotonic() - began_s
        costs = "\n".join(f"{hosts:<12} {seconds:5.1f} s" for hosts, seconds in took.items())
        more_s = took["north,south"] - max(took["north"], took["south"])
        return _shown(world, made), f"{costs}\n{'more':<12} {more_s:5.1f} s"


def _shown(world: World, made: Network) -> str:
    """Return the output of bench on all hosts."""
    command = ("bench", "--hosts", ",".join(made.hosts), "--only", "first", "--runs", "1")
    said = _invoke(world, *command)
    return f"$ invoke {' '.join(command)}\n{said}"


def _invoke(world: World, *words: str) -> str:
    done = subprocess.run(
        (sys.executable, "-m", "invoke", *words),
        cwd=world.project,
        env=world.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return done.stdout


def _write(name: str, text: str) -> None:
    """Put a text between the markers of this name in the page."""
    page = PAGE.read_text(encoding="utf-8")
    pattern = rf"(<!-- {name} -->\n).*?(<!-- end {name} -->)"
    changed, count = re.subn(pattern, lambda match: f"{match[1]}{text}\n{match[2]}", page, flags=re.DOTALL)
    if count != 1:
        raise SystemExit(f"{PAGE}: no marker {name}")
    write_atomically(PAGE, changed.encode())


def main() -> None:
    """Run what the flags ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulate", action="store_true")
    parser.add_argument("--loopback", action="store_true")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    texts = {"simulation": simulation()} if asked.simulate else {}
    if asked.loopback:
        os.environ.pop("SSH_AUTH_SOCK", None)
        with tempfile.TemporaryDirectory() as folder:
            shown, costs = loopback(Path(folder))
        texts |= {"output": f"```text\n{shown.rstrip()}\n```", "costs": f"```text\n{costs}\n```"}
    for name, text in texts.items():
        print(text)  # noqa: T201
        if asked.write:
            _write(name, text)


if __name__ == "__main__":
    main()
