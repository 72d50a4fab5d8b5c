"""Measure the unit of SEQ_STACK_SIZE, from the stacks that a program maps for its pool.

At its start a program maps the stacks of its pool: thousands of equal private mappings, each with a guard page.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from seqbench.experiments.tune.settings import POOL, STACK
from seqbench.system.facts import Command
from studies.claims.peek import peek

# Both are even: with an odd number, the coroutine library fills its stacks to measure their use.
SIZES = (131_072, 16_384)
_POOLED = 2_000
_PROC = Path("/proc")
# No other size of mapping is as frequent in a program.
_LEAST_STACKS = 1_000
_MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) ([r-][w-][x-])p \S+ \S+ 0\s*", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class StackSeen:
    """The stacks that a program mapped for one value of SEQ_STACK_SIZE."""

    asked: int
    stack_bytes: int
    guard_bytes: int
    """The size of the inaccessible mapping next to each stack; 0 if there is none."""
    count: int
    """The number of stacks that were mapped at that moment."""


def measure_stacks(command: Command, proc: Path = _PROC) -> tuple[tuple[StackSeen, ...], str]:
    """Start a program with each of the sizes and inspect its mappings; return the stacks, or why there are none.

    Raises
    ------
    KeyboardInterrupt
        A signal stopped the command.
    """
    if not (proc / "self" / "maps").exists():
        return (), f"{proc} of this system does not show the mappings of a process"
    found = []
    for size in SIZES:
        variables = {**command.environment, STACK: str(size), POOL: str(_POOLED)}
        sized = replace(command, environment=variables)
        try:
            seen = peek(sized, partial(_look, asked=size, proc=proc))
        except OSError as error:
            return (), f"{command.argv[0]}: {error.strerror}"
        if seen is None:
            return (), f"{command.argv[0]} mapped no pool of stacks with {STACK}={size}"
        found.append(seen)
    return tuple(found), ""


def stacks_in(maps: str, asked: int) -> StackSeen | None:
    """Find the pooled stacks in the text of /proc/PID/maps; None if there are none yet."""
    sizes: dict[bool, Counter[int]] = {True: Counter(), False: Counter()}
    for line in maps.splitlines():
        if match := _MAPPING.fullmatch(line):
            first, last, rights = match.groups()
            if rights in ("rw-", "---"):
                sizes[rights == "rw-"][int(last, 16) - int(first, 16)] += 1
    ((stack, count),) = sizes[True].most_common(1) or ((0, 0),)
    if count < _LEAST_STACKS:
        return None
    ((guard, guards),) = sizes[False].most_common(1) or ((0, 0),)
    return StackSeen(asked=asked, stack_bytes=stack, guard_bytes=guard if guards >= _LEAST_STACKS else 0, count=count)


def unit_bytes(stacks: Sequence[StackSeen]) -> float | None:
    """Return the bytes of one unit of SEQ_STACK_SIZE; None without two measurements that agree."""
    ratios = {seen.stack_bytes / seen.asked for seen in stacks}
    return ratios.pop() if len(stacks) > 1 and len(ratios) == 1 else None


def _look(pid: int, *, asked: int, proc: Path) -> StackSeen | None:
    try:
        maps = (proc / str(pid) / "maps").read_text()
    except OSError:
        # The process has just ended.
        return None
    return stacks_in(maps, asked)
