"""Name the limit of the machine that is likely behind the failure of a program. Pure."""

import re
from collections.abc import Iterator

from seqbench.sessions.session import Failed, Stage
from seqbench.suite.sizes import AMPLE_MAP_COUNT, MAP_COUNT_FIX
from seqbench.system.facts import Ceiling, Limits
from seqbench.units import clock_duration, short_bytes

# Each within one line: a backtrace has such words too.
_NO_THREAD = re.compile(
    r"resource temporarily unavailable|errno[ =]*11\b|os error 11\b|wouldblock|"
    r"(failed|cannot|can.t|unable).{0,20}(create|start|spawn).{0,40}thread|\beagain\b|max user processes",
    re.IGNORECASE,
)
_NO_MEMORY = re.compile(
    r"cannot allocate|can.t allocate|out of memory|memory allocation|failed to (alloc|reserve|map)|enomem|bad_alloc|"
    r"os error 12\b|errno[ =]*12\b|code: 12\b|memoryerror|mmap",
    re.IGNORECASE,
)
_SHOWN_CHARACTERS = 200
# The kernel sends the first at a soft limit of processor time, and kills at the hard one.
_OUT_OF_TIME = "killed by SIGXCPU"
_KILLED, _CRASHED = "killed by SIGKILL", ("killed by SIGABRT", "killed by SIGSEGV", "killed by SIGBUS")


def with_likely_limit(failed: Failed, stderr: str, limits: Limits) -> Failed:
    """Return a failure with the limits that are likely behind it and their fixes; unchanged where none is.

    `stderr` is all that the program wrote there, of which the failure has a part.
    """
    if failed.stage is not Stage.RUN:
        return failed
    found = list(_likely(failed.reason, stderr, limits))
    if not found:
        return failed
    said = _line_with(_NO_MEMORY, stderr) or _line_with(_NO_THREAD, stderr)
    lines = [failed.detail, *([f"stderr has: {said}"] if said and said not in failed.detail else [])]
    lines += [f"likely cause: {each.name}, {text}; fix: {each.fix}" for each, text in found]
    return Failed(stage=failed.stage, reason=failed.reason, detail="\n".join(lines))


def _line_with(words: re.Pattern[str], stderr: str) -> str:
    """Return the first line with these words; empty if there is none."""
    return next((line.strip()[:_SHOWN_CHARACTERS] for line in stderr.splitlines() if words.search(line)), "")


def _likely(reason: str, stderr: str, limits: Limits) -> Iterator[tuple[Ceiling, str]]:
    """Yield the likely limits, each with its value as text."""
    if limits.cpu_time is not None and reason in (_OUT_OF_TIME, _KILLED):
        yield limits.cpu_time, clock_duration(limits.cpu_time.value)
    if reason == _KILLED:
        if (memory := limits.group_memory_bytes) is not None:
            fix = "raise it (docker run --memory, MemoryMax= of systemd), or run a smaller --size"
            yield Ceiling(name="the memory limit of the control group", value=memory, fix=fix), short_bytes(memory)
        return
    speaks_of_memory = _NO_MEMORY.search(stderr) is not None
    if not speaks_of_memory and _NO_THREAD.search(stderr):
        if limits.threads is not None:
            yield limits.threads, f"{limits.threads.value:,} more threads at the start"
    elif limits.address_space is not None and (speaks_of_memory or reason in _CRASHED):
        yield limits.address_space, short_bytes(limits.address_space.value)
    elif limits.max_map_count is not None and limits.max_map_count < AMPLE_MAP_COUNT and speaks_of_memory:
        fix = MAP_COUNT_FIX.format(count=AMPLE_MAP_COUNT)
        yield Ceiling(name="vm.max_map_count", value=limits.max_map_count, fix=fix), f"{limits.max_map_count:,}"
