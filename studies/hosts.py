"""Show what several hosts cost and find; write the figures into docs/HOSTS.md.

    python -m studies.hosts --simulate            # three equal hosts against one, on the stored rounds of the gate
    python -m studies.hosts --loopback            # three real ssh servers here, as root: their output and costs
    python -m studies.hosts --simulate --write    # and write the tables into docs/HOSTS.md

The hosts of `--loopback` are those of the tests: scripts stand in for the compilers. Where SEQC names a seqc they have
that, with the Go and clang of GO and CLANG or of the wheels, and print how it compares with that of SEQC_BASE; nothing
is written then:

    SEQC=A/bin/seqc SEQC_BASE=B/bin/seqc python -m studies.hosts --loopback
"""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil, log1p
from pathlib import Path

import numpy as np
from tabulate import tabulate

from seqbench.compare.looks import PLANNED_LOOKS
from seqbench.compare.machines import (
    SHARE_OF_ALL,
    Stratum,
    deciding_look,
    last_look,
    overall_error,
    single_error,
)
from seqbench.compare.verdict import FAMILY_ERROR, POWER, Looks, Verdict
from seqbench.stats.signed_rank import SignedRanks
from seqbench.stats.stratified import StratifiedRanks, have_long_tails
from seqbench.system.files import write_atomically
from studies.gate_power import CONDITIONS, DATA, Floats, Rounds, read
from tests.support.sshd import Network, network
from tests.support.world import REPOSITORY, TOOLS, World, script

PAGE = Path(__file__).resolve().parents[1] / "docs" / "HOSTS.md"
TRIALS = 2_000
_HALVINGS = 16
SEED = 17
MACHINES, MARGIN = 3, 0.02
# Each with the number of its trials.
SLOWDOWNS = ((0.0, TRIALS), (0.02, 300), (0.05, 300), (0.10, 300))
SHARES = (1 / 3, 0.36, 0.40)
SLEEP_S = 2
# What one host measures: about what a gate of ten minutes holds.
MOST_ROUNDS = 240


def _stored() -> Iterator[tuple[str, Rounds, int]]:
    """Yield the stored rounds of each benchmark of a gate, with their condition and the number of benchmarks."""
    for condition in CONDITIONS:
        found = read(DATA / f"gate-{condition}.csv.gz")
        for rounds in found:
            yield condition, rounds, len(found)


def simulation() -> str:
    """Return a table: the rounds of each of three equal hosts that find what one host finds."""
    rows = []
    for condition, rounds, family in _stored():
        logs = rounds.logs("head") - rounds.logs("base")
        count, error = min(MOST_ROUNDS, rounds.count), FAMILY_ERROR / family
        alone = _trials(logs, (count,))
        low, high = 0.0, 1.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if _power(alone, middle, error) >= POWER else (middle, high)
        powers = {
            share: _power(_trials(logs, (round(share * count),) * MACHINES), high, SHARE_OF_ALL * error)
            for share in SHARES
        }
        cells = (condition, rounds.name.partition("@")[0], count, f"{np.expm1(high):.1%}")
        rows.append((*cells, *(f"{power:.1%}" for power in powers.values())))
    header = (
        "machine",
        "benchmark",
        "rounds",
        "slowdown",
        *(f"three hosts, {share:.0%} of the time" for share in SHARES),
    )
    return tabulate(rows, header, tablefmt="github", disable_numparse=True)


def looks_simulation() -> str:
    """Return a table: how often three hosts that stop together are right, and which share of their rounds they take."""
    rows = []
    for condition, rounds, family in _stored():
        logs = rounds.logs("head") - rounds.logs("base")
        planned = round(SHARES[-1] * min(MOST_ROUNDS, rounds.count))
        looks = Looks(
            pairs=tuple(ceil(look.fraction * planned) for look in PLANNED_LOOKS),
            spent=tuple(look.spent for look in PLANNED_LOOKS),
        )
        trials = _trials(logs, (planned,) * MACHINES)
        cells = (_looked(trials[:number], looks, slowdown, family) for slowdown, number in SLOWDOWNS)
        rows.append((condition, rounds.name.partition("@")[0], planned, *cells))
    header = (
        "machine",
        "benchmark",
        "rounds of each",
        "equal: false alarms",
        *(f"{s:.0%} slower" for s, _ in SLOWDOWNS[1:]),
    )
    return tabulate(rows, header, tablefmt="github", disable_numparse=True)


def _looked(trials: list[list[Floats]], looks: Looks, slowdown: float, family: int) -> str:
    """Return the share of comparisons with a verdict slower or faster, and the share of the rounds that they take."""
    differs = (Verdict.SLOWER, Verdict.FASTER)
    found = used = 0.0
    for trial in trials:
        strata = [Stratum(logs=tuple((logs + log1p(slowdown)).tolist()), looks=looks) for logs in trial]
        look = deciding_look(strata, error=overall_error(family), margin=MARGIN)
        rounds = look.ranks.count // MACHINES if look else looks.pairs[-1]
        is_found = look is not None and look.verdict(MARGIN) in differs
        if not slowdown:
            # No verdict of a single machine may be wrong either.
            number = looks.pairs.index(rounds) + 1
            cut = Looks(pairs=looks.pairs[:number], spent=looks.spent[:number])
            error = single_error(family, MACHINES)
            singles = [last_look(replace(each, looks=cut), error=error) for each in strata]
            is_found |= any(each.verdict(MARGIN) in differs for each in singles if each)
        found += is_found
        used += rounds / looks.pairs[-1]
    return f"{found / len(trials):.2%} in {used / len(trials):.0%} of the rounds"


def _trials(logs: Floats, counts: Sequence[int]) -> list[list[Floats]]:
    """Return resampled A/A rounds of this many hosts, with the sides of each round swapped at random."""
    generator = np.random.default_rng(SEED)
    return [
        [generator.choice(logs, size=n) * generator.choice((-1.0, 1.0), size=n) for n in counts] for _ in range(TRIALS)
    ]


def _power(trials: list[list[Floats]], slowdown: float, error: float) -> float:
    """Return the share of comparisons that find a slowdown, which is a log ratio."""
    found = 0
    for strata in trials:
        is_capped = have_long_tails(strata)
        ranks = StratifiedRanks([SignedRanks(each, is_capped=is_capped) for each in strata])
        found += ranks.is_above(-slowdown, error)
    return found / len(trials)


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


def with_real_compilers(folder: Path) -> str:
    """Return what three hosts print with the real compilers that the environment names."""
    world = World(folder / "world")
    shutil.copytree(REPOSITORY / "benchmarks" / "pingpong", world.suite / "pingpong")
    made = Network(folder / "hosts")
    for host in made.hosts.values():
        for tool in TOOLS:
            (host.tools / tool).unlink()
        host.environment = {name: os.environ.get(name, "") for name in ("SEQC", "GO", "CLANG")}
    head = os.environ["SEQC"]
    base, hosts = os.environ.get("SEQC_BASE", head), ("--hosts", ",".join(made.hosts))
    commands = (
        ("bench", *hosts, "--size", "quick", "--runs", "6"),
        ("compare", *hosts, "--base", base, "--head", head, "--budget", "30s"),
    )
    try:
        made.start()
        made.introduce(world)
        return "\n\n".join(f"$ invoke {shlex.join(words)}\n{_invoke(world, *words).strip()}" for words in commands)
    finally:
        made.stop()


def _shown(world: World, made: Network) -> str:
    """Return the output of bench and compare on all hosts; on the last one the compilers are equally fast."""
    shutil.rmtree(world.suite)
    world.suite.mkdir()
    world.add("hop", seq=_program("800000"), go=_program("400000"))
    *slow, last = made.hosts.values()
    for host in slow:
        host.add_compilers("800000", "880000")
    last.add_compilers("800000", "800001")
    hosts = ("--hosts", ",".join(made.hosts))
    commands = (
        ("bench", *hosts, "--runs", "6"),
        # All rounds, so that single machines have verdicts too and disagree.
        ("compare", *hosts, "--base", "~/seqc", "--head", "~/slow-seqc", "--runs", "40", "--margin", "5%", "--fixed"),
    )
    return "\n\n".join(f"$ invoke {shlex.join(words)}\n{_cut(_invoke(world, *words).strip())}" for words in commands)


def _cut(text: str) -> str:
    """Leave out the hosts between the first and the overview, whose texts are like that of the first."""
    _, first, *_, overview = re.split(r"^(?=\S[^\n]*\n=====)", text, flags=re.MULTILINE)
    return f"{first}[south and west look alike]\n\n{overview}"


def _program(elapsed_ns: str) -> str:
    """Return a program that says a time with a little noise."""
    return script("sleep 0.02", "echo result: 42", f"echo elapsed_ns: $(({elapsed_ns} + $$ % 97 * 200))")


def _invoke(world: World, *words: str) -> str:
    done = subprocess.run(
        (sys.executable, "-m", "invoke", *words),
        cwd=world.project,
        env=world.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 5):
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
    texts = {"simulation": simulation(), "looks": looks_simulation()} if asked.simulate else {}
    if asked.loopback:
        os.environ.pop("SSH_AUTH_SOCK", None)
        with tempfile.TemporaryDirectory() as folder:
            if os.environ.get("SEQC"):
                print(with_real_compilers(Path(folder)))  # noqa: T201
                return
            shown, costs = loopback(Path(folder))
        texts |= {"output": f"```text\n{shown.rstrip()}\n```", "costs": f"```text\n{costs}\n```"}
    for name, text in texts.items():
        print(text)  # noqa: T201
        if asked.write:
            _write(name, text)


if __name__ == "__main__":
    main()
