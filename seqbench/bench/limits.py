"""Name the limit of the machine that is likely behind the failure of a program. Pure."""

import re
from collections.abc import Iterator

from seqbench.sessions.session import Failed, Stage
from seqbench.suite.sizes import AMPLE_MAP_COUNT, MAP_COUNT_FIX
from seqbench.system.facts import Ceiling, Limits
from seqbench.units import short_bytes

_NO_THREAD = re.compile(
    r"thread.{0,80}(resource temporarily unavailable|errno[ =]*11|os error 11|wouldblock)|"
    r"(create|start|spawn).{0,40}thread|eagain|ulimit -u|max user processes",
    re.IGNORECASE | re.DOTALL,
)
_NO_MEMORY = re.compile(
    r"cannot allocate|can.t allocate|out of memory|memory allocation|failed to (alloc|reserve|map)|enomem|bad_alloc|"
    r"os error 12|errno[ =]*12|memoryerror|mmap",
    re.IGNORECASE,
)
_KILLED, _CRASHED = "killed by SIGKILL", ("killed by SIGABRT", "killed by SIGSEGV", "killed by SIGBUS")


def with_likely_limit(failed: Failed, limits: Limits) -> Failed:
    """Return a failure with the limits that are likely behind it and their fixes; unchanged where none is."""
    if failed.stage is not Stage.RUN:
        return failed
    lines = [f"likely cause: {each.name}, {text}; fix: {each.fix}" for each, text in _likely(failed, limits)]
    if not lines:
        return failed
    return Failed(stage=failed.stage, reason=failed.reason, detail="\n".join([failed.detail, *lines]))


def _likely(failed: Failed, limits: Limits) -> Iterator[tuple[Ceiling, str]]:
    """Yield the likely limits, each with its value as text."""
    if failed.reason == _KILLED:
        if (memory := limits.group_memory_bytes) is not None:
            fix = "raise it (docker run --memory, MemoryMax= of systemd), or run a smaller --size"
            yield Ceiling(name="the memory limit of the control group", value=memory, fix=fix), short_bytes(memory)
        return
    if _NO_THREAD.search(failed.detail):
        if limits.threads is not None:
            yield limits.threads, f"{limits.threads.value:,} more threads at the start"
        return
    speaks_of_memory = _NO_MEMORY.search(failed.detail) is not None
    if limits.address_space is not None and (speaks_of_memory or failed.reason in _CRASHED):
        yield limits.address_space, short_bytes(limits.address_space.value)
    elif limits.max_map_count is not None and limits.max_map_count < AMPLE_MAP_COUNT and speaks_of_memory:
        fix = MAP_COUNT_FIX.format(count=AMPLE_MAP_COUNT)
        yield Ceiling(name="vm.max_map_count", value=limits.max_map_count, fix=fix), f"{limits.max_map_count:,}"
