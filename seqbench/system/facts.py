"""What there is to know of a machine, a command, and a process that has ended, as data. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from seqbench.units import short_bytes

OUTPUT_LIMIT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The host: what decides what may be compared, and its kernel and host name, which may change."""

    cpu: str
    cores: int
    """The processors that this process may use."""
    memory_bytes: int
    system: str
    """Such as `Linux 6.1.0 x86_64`."""
    identity: str
    """A short digest of what tells this machine from another; see `system.machine`."""
    cpu_quota: float | None = None
    """The processor time that control groups allow, in processors; None when that is no less than `cores`."""
    memory_limit_bytes: int | None = None
    """The memory that control groups allow; None when that is no less than `memory_bytes`."""
    host: str = ""
    """The host name; empty where it was not kept."""
    earlier_identity: str = ""
    """The identity that seqbench computed before this release; empty where it would say too little."""

    @property
    def cpus(self) -> float:
        """Return the processor time that can be used, in processors."""
        return self.cores if self.cpu_quota is None else self.cpu_quota

    def is_same_as(self, other: "Machine") -> bool:
        """Return whether the results of both may be compared; a stored one may have the earlier identity."""
        return other.identity in self.identities or self.identity in other.identities

    @property
    def identities(self) -> tuple[str, ...]:
        """Return the identity, and the earlier one."""
        return (self.identity, self.earlier_identity) if self.earlier_identity else (self.identity,)

    def sentence(self) -> str:
        """Return it on one line, with the limits of control groups; without the host name, as records are public."""
        quota = "" if self.cpu_quota is None else f" (CPU quota {self.cpu_quota:.3g})"
        limit = "" if self.memory_limit_bytes is None else f" (limit {short_bytes(self.memory_limit_bytes)})"
        return f"{self.cpu}, {self.cores} cores{quota}, {short_bytes(self.memory_bytes)}{limit}, {self.system}"


def kernel_of(system: str) -> str:
    """Return the version of the kernel of a system: `6.1.0` of `Linux 6.1.0 x86_64`; empty if it has none."""
    return (*system.split(), "", "")[1]


class Target(StrEnum):
    """What programs are compiled for: the oldest CPU of the architecture, or the CPU of this machine."""

    BASELINE = "baseline"
    NATIVE = "native"


@dataclass(frozen=True, slots=True, kw_only=True)
class Processor:
    """What code this machine's processor can run."""

    architecture: str
    """As `platform.machine()` names it."""
    features: frozenset[str]
    """Those that every core has, as Linux names them; empty where the system does not tell."""
    identity: str
    """A text that differs between processors for which a compiler may make different code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """A limit that several mechanisms may set: which of them did, and how to raise it."""

    name: str
    """Such as `RLIMIT_AS (ulimit -v)`."""
    value: int
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of the machine, as they are now; None where there is no limit of that kind."""

    max_map_count: int | None
    available_memory_bytes: int | None
    group_memory_bytes: int | None = None
    """The memory that the control groups allow in all."""
    address_space: Ceiling | None = None
    """Bytes that one process may reserve, used or not."""
    threads: Ceiling | None = None
    """How many more threads can be started."""
    cpu_time: Ceiling | None = None
    """Seconds of processor time after which the kernel ends a process."""


NO_LIMITS = Limits(max_map_count=None, available_memory_bytes=None)


class Ending(StrEnum):
    """How a process came to its end."""

    EXITED = "exited"
    SIGNALLED = "signalled"
    TIMED_OUT = "timed out"
    TOO_MUCH_OUTPUT = "too much output"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A known slowdown: the whole process group runs for so long, is stopped for a share of that, and so on."""

    every_ns: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to start: no shell, an explicit directory and environment, and limits."""

    argv: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str]
    timeout_s: float
    output_limit_bytes: int = OUTPUT_LIMIT_BYTES
    pause: Pause | None = None
    launcher: tuple[str, ...] = ()
    """What a measured program is started by; empty: it is started directly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What the kernel says that the process used (`wait4`)."""

    user_ns: int
    system_ns: int
    max_rss_bytes: int
    minor_faults: int
    major_faults: int
    voluntary_switches: int
    involuntary_switches: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """How busy the usable processors were over some time; the kernel counts them in steps of 10 ms."""

    cores: int
    """How many processors this process may use."""
    window_ns: int
    busy_ns: int
    """Of all processes together, on all usable processors."""
    steal_ns: int
    """What other virtual machines on the same host took."""
    own_ns: int
    """What this process and its children used."""
    kernel_threads_ns: int
    """What the kernel's own threads used; 0 where they are not visible, or a later run counts it."""
    pressure_ns: int | None
    """How long a task waited for a processor (PSI, `some`); None where the kernel does not count it."""
    throttled_ns: int
    """How long the quota of the control group kept processors from running its tasks, summed over the processors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A process that has ended and been reaped; `status` is the exit status or the number of the signal."""

    ending: Ending
    status: int
    wall_ns: int
    usage: Usage
    peak_floor_bytes: int
    """The least peak memory that could be seen: that of what started it."""
    stalled_ns: int
    """How long the harness itself was held up while it waited, as by a debugger or a paused container."""
    stdout: bytes
    stderr: bytes

    @property
    def ok(self) -> bool:
        """Exited by itself with status 0."""
        return self.ending is Ending.EXITED and self.status == 0
