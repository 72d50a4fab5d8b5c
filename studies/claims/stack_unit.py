"""Settles by measurement what SEQ_STACK_SIZE counts: looks at the stacks that a real program maps for its pool.

A program maps its pooled stacks when it starts, thousands of equal private mappings with a guard page beside each.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from seqbench.experiments.tune.settings import POOL, STACK
from seqbench.system import process
from seqbench.system.facts import Command

# Both are even: an odd number asks the coroutine library to fill its stacks, to find out how much of them is used.
SIZES = (131_072, 16_384)
_POOLED = 2_000
_PROC = Path("/proc")
# No other mappings of a program are so many of one size.
_LEAST_STACKS = 1_000
_MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) ([r-][w-][x-])p \S+ \S+ 0\s*", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class StackSeen:
    """What one value of SEQ_STACK_SIZE made the program map."""

    asked: int
    stack_bytes: int
    guard_bytes: int
    """Of the mapping beside each stack that nobody may touch; 0 where there is none."""
    count: int
    """Stacks that were mapped at that moment."""


def measure_stacks(command: Command, proc: Path = _PROC) -> tuple[tuple[StackSeen, ...], str]:
    """Start a program with each of the sizes and look at its mappings; return what was seen, or why nothing was.

    Raises
    ------
    KeyboardInterrupt
        It was stopped by a signal.
    """
    if not (proc / "self" / "maps").exists():
        return (), f"this system has no {proc} that shows the mappings of a process"
    found = []
    for size in SIZES:
        variables = {**command.environment, STACK: str(size), POOL: str(_POOLED)}
        sized = replace(command, environment=variables)
        try:
            seen = process.peek(sized, partial(_look, asked=size, proc=proc))
        except OSError as error:
            return (), f"{command.argv[0]}: {error.strerror}"
        if seen is None:
            return (), f"no pool of stacks was seen in {command.argv[0]} with {STACK}={size}"
        found.append(seen)
    return tuple(found), ""


def stacks_in(maps: str, asked: int) -> StackSeen | None:
    """Find the pooled stacks in the text of /proc/PID/maps; None while there are none."""
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
    """Return the bytes of one unit of SEQ_STACK_SIZE; None where it was not seen twice, or the sizes disagree."""
    ratios = {seen.stack_bytes / seen.asked for seen in stacks}
    return ratios.pop() if len(stacks) > 1 and len(ratios) == 1 else None


def _look(pid: int, *, asked: int, proc: Path) -> StackSeen | None:
    try:
        maps = (proc / str(pid) / "maps").read_text()
    except OSError:
        # It has just ended.
        return None
    return stacks_in(maps, asked)
