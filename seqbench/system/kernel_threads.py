"""Count the processor time of the kernel's own threads, which free memory and serve devices for all processes."""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

_PROC = Path("/proc")
# Of /proc/PID/stat, counted from the state on (proc(5)).
_FLAGS, _USER, _SYSTEM = 6, 11, 12
_PF_KTHREAD = 0x00200000
# Reading takes about a millisecond, since every thread has a file. So it takes a hundredth of the time at the most.
_LEAST_SHARE = 100
# After a longer time without a call, what was used meanwhile belongs to no run.
_LONGEST_GAP_NS = 1_000_000_000


@dataclass(slots=True, kw_only=True)
class KernelThreads:
    """The processor time of the kernel's threads, read now and then; in a container they are not visible."""

    folder: Path = _PROC
    _used_ns: dict[str, int] = field(default_factory=dict)
    _processes: set[str] = field(default_factory=set)
    """What is known to be no kernel thread."""
    _read_at_ns: int = -_LONGEST_GAP_NS
    _cost_ns: int = 0
    _ended_at_ns: int = -_LONGEST_GAP_NS

    def begin(self) -> None:
        """Begin a run."""
        if time.monotonic_ns() - self._ended_at_ns > _LONGEST_GAP_NS:
            self._read()

    def end(self) -> int:
        """Return what they have used since it was last returned; 0 if that was a moment ago, and later the sum."""
        used_ns = self._read() if time.monotonic_ns() - self._read_at_ns >= _LEAST_SHARE * self._cost_ns else 0
        self._ended_at_ns = time.monotonic_ns()
        return used_ns

    def _read(self) -> int:
        began_ns = time.monotonic_ns()
        tick_ns = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
        used_ns = 0
        found: dict[str, int] = {}
        try:
            numbers = {name for name in os.listdir(self.folder) if name.isdecimal()}  # noqa: PTH208 - names are enough
        except OSError:
            numbers = set()
        self._processes &= numbers
        for number in numbers - self._processes:
            try:
                fields = (self.folder / number / "stat").read_text().rpartition(")")[2].split()
                if not int(fields[_FLAGS]) & _PF_KTHREAD:
                    self._processes.add(number)
                    continue
                found[number] = tick_ns * (int(fields[_USER]) + int(fields[_SYSTEM]))
            except (OSError, ValueError, IndexError):
                continue
            used_ns += max(0, found[number] - self._used_ns.get(number, found[number]))
        self._used_ns = found
        self._read_at_ns = time.monotonic_ns()
        self._cost_ns = self._read_at_ns - began_ns
        return used_ns
