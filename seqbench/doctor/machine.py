"""Check what this machine and its limits allow: processors, memory, address space, threads, other work."""

import time
from math import ceil

from seqbench.doctor.health import Health, HealthCheck
from seqbench.runtimes.base import Runtime
from seqbench.sessions.interference import MOST_INTERFERENCE
from seqbench.suite.benchmarks import Suite
from seqbench.system import machine
from seqbench.system.activity import with_activity
from seqbench.system.limits import ignored_process_limit, this_machines_limits
from seqbench.units import clock_duration, percent, short_bytes

_BUSY_LOAD_PER_CORE = 0.5
# Twenty steps of the kernel's counters on each processor.
_LOOK_S = 0.2
# Compilers and runtimes start tens of threads, and more than one of them may run.
_FEW_THREADS = 500
_NOT_COUNTED = "load {load:.2f} on {cores} cores in the last minute; without /proc/stat nothing more is known"


def machine_checks(suite: Suite) -> tuple[HealthCheck, ...]:
    """Check the machine and the limits of this process; each limit has its name and how to raise it."""
    return (_processors(), _memory(), _address_space(suite), _threads(), _cpu_time(), _governor(), _other_work())


def _processors() -> HealthCheck:
    host = machine.this_machine()
    found = f"{host.cores} ({host.cpu})"
    if host.cpu_quota is None:
        return HealthCheck(subject="processors", health=Health.OK, found=found)
    fix = "raise the CPU quota of the control group (docker run --cpus, CPUQuota= of systemd), or measure outside of it"
    return HealthCheck(
        subject="processors",
        health=Health.WARNING,
        found=f"{found}, CPU quota {host.cpu_quota:.3g} by a control group: the kernel pauses programs that use more",
        fix=fix,
    )


def _address_space(suite: Suite) -> HealthCheck:
    subject, ceiling = "address space", this_machines_limits().address_space
    if ceiling is None:
        return HealthCheck(subject=subject, health=Health.OK, found="no limit")
    found = f"{short_bytes(ceiling.value)} by {ceiling.name}"
    needed = max((_address_needed(suite, runtime) for runtime in suite.default_runtimes), default=0)
    if ceiling.value >= needed:
        return HealthCheck(subject=subject, health=Health.OK, found=found)
    found = f"{found}; full sizes need {short_bytes(needed)}"
    return HealthCheck(subject=subject, health=Health.WARNING, found=found, fix=ceiling.fix)


def _address_needed(suite: Suite, runtime: Runtime) -> int:
    """Return the bytes that the programs of a runtime reserve: stacks kept for reuse are those of live strands too."""
    strands = [b.live_strands.value({p.name: p.full for p in b.parameters}) for b in suite.benchmarks if b.live_strands]
    cost = runtime.cost
    return max(cost.address_base, ceil(cost.address_per_strand * max(strands, default=0))) if cost else 0


def _threads() -> HealthCheck:
    subject, ceiling = "threads", this_machines_limits().threads
    if ceiling is None:
        return HealthCheck(subject=subject, health=Health.OK, found="no limit")
    found = f"{ceiling.value:,} more by {ceiling.name}"
    ignored = ignored_process_limit()
    if ignored is not None and ignored.value < ceiling.value:
        found = f"{found}; {ignored.name} is {ignored.value:,}, but does not hold for root"
    if ceiling.value >= _FEW_THREADS:
        return HealthCheck(subject=subject, health=Health.OK, found=found)
    found = f"{found}: compilers and runtimes may fail to start"
    return HealthCheck(subject=subject, health=Health.WARNING, found=found, fix=ceiling.fix)


def _memory() -> HealthCheck:
    host, limits = machine.this_machine(), this_machines_limits()
    free = limits.available_memory_bytes
    limit = host.memory_limit_bytes
    allowed = "" if limit is None else f", {short_bytes(limit)} allowed by a control group"
    found = f"{short_bytes(host.memory_bytes)}{allowed}, {'unknown' if free is None else short_bytes(free)} available"
    return HealthCheck(subject="memory", health=Health.OK, found=found)


def _cpu_time() -> HealthCheck:
    subject, ceiling = "CPU time", this_machines_limits().cpu_time
    if ceiling is None:
        return HealthCheck(subject=subject, health=Health.OK, found="no limit")
    found = f"{clock_duration(ceiling.value)} by {ceiling.name}: the kernel kills a program or compiler that uses more"
    return HealthCheck(subject=subject, health=Health.WARNING, found=found, fix=ceiling.fix)


def _governor() -> HealthCheck:
    governor = machine.cpu_governor()
    if governor in (None, "performance"):
        return HealthCheck(subject="CPU governor", health=Health.OK, found=governor or "not available (usual in a VM)")
    fix = "sudo cpupower frequency-set -g performance"
    found = f"{governor}: the clock rate of the processor changes during measurements"
    return HealthCheck(subject="CPU governor", health=Health.WARNING, found=found, fix=fix)


def _other_work() -> HealthCheck:
    """Look at what other processes use right now: a load average holds a minute of the past, of our own too."""
    _, activity = with_activity(lambda: time.sleep(_LOOK_S))
    cores = machine.this_machine().cores
    if activity is None:
        share, found = machine.load_average() / cores, _NOT_COUNTED.format(load=machine.load_average(), cores=cores)
        is_busy = share > _BUSY_LOAD_PER_CORE
    else:
        others_ns = max(0, activity.busy_ns + activity.steal_ns - activity.own_ns - activity.kernel_threads_ns)
        # The counters have steps, so that they may exceed the window a little.
        share = min(1.0, others_ns / (activity.window_ns * cores))
        found, is_busy = f"{percent(share)} of the CPUs", share > MOST_INTERFERENCE
    if not is_busy:
        return HealthCheck(subject="other work", health=Health.OK, found=found)
    fix = "wait, or stop what else is running"
    return HealthCheck(subject="other work", health=Health.WARNING, found=f"{found}: this widens intervals", fix=fix)
