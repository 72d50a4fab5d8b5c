"""Check the tools, limits and load of this machine, and suggest a fix for each problem."""

import os
import platform
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from seqbench.errors import SeqbenchError, ToolchainError
from seqbench.runtimes.registry import DEFAULT_RUNTIMES
from seqbench.sessions.interference import MOST_INTERFERENCE
from seqbench.suite.benchmarks import Suite
from seqbench.suite.sizes import MAP_COUNT_FIX, SizeName, SizeRequest, choose_size, maps_needed
from seqbench.system import machine, process
from seqbench.system.activity import with_activity
from seqbench.system.facts import Command
from seqbench.toolchain.compiler_spec import Binary, Checkout, Published, RuntimeBuild, Spec
from seqbench.toolchain.seqc import home_of, is_built, runtime_build_of
from seqbench.toolchain.target_cpu import TargetCpu
from seqbench.toolchain.toolchain import Tool
from seqbench.toolchain.tools import find_cargo, find_clang, find_go, version_output
from seqbench.units import percent, short_bytes

# More than Skynet needs at full size.
AMPLE_MAP_COUNT = 4_000_000
_BUSY_LOAD_PER_CORE = 0.5
# Twenty steps of the kernel's counters on each processor.
_LOOK_S = 0.2
_OLDEST_PYTHON = (3, 11)


class Health(StrEnum):
    """The result of a check."""

    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """One line of `invoke doctor`: the subject, the result, what was found, and the fix."""

    subject: str
    health: Health
    found: str
    fix: str = ""


def examine(
    suite: Suite, spec: Spec, *, cache: Path, environment: Mapping[str, str], cpu: TargetCpu
) -> tuple[HealthCheck, ...]:
    """Check everything that `invoke bench` needs, without building or changing anything."""
    return (
        _python(),
        _c_compiler(environment),
        _tool("cargo", lambda: _cargo(environment)),
        _seqc(spec, cache, environment, cpu),
        _tool("clang", lambda: _described(find_clang(environment, cache, cpu))),
        _tool("go", lambda: _described(find_go(environment, cache, cpu))),
        *_sizes(suite),
        _memory(),
        _governor(),
        _other_work(),
    )


def fix(suite: Suite, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Raise the limits that are too low, and return a line for each change or failure."""
    limits = machine.this_machines_limits()
    needed = _full_map_count(suite)
    if limits.max_map_count is None or limits.max_map_count >= needed:
        return ("nothing to fix: every limit is high enough",)
    count = max(AMPLE_MAP_COUNT, needed)
    command = MAP_COUNT_FIX.format(count=count)
    arguments = ("sysctl", "-w", f"vm.max_map_count={count}")
    prefix = () if os.geteuid() == 0 else ("sudo", "-n")
    name = (*prefix, *arguments)[0]
    program = shutil.which(name, path=f"{environment.get('PATH', '')}:/usr/sbin:/sbin")
    if program is None:
        return (f"vm.max_map_count not raised: {name} not found on PATH; run this command yourself: {command}",)
    finished = process.run(
        Command(
            argv=(program, *(*prefix, *arguments)[1:]),
            directory=Path("/"),
            environment={"PATH": f"{environment.get('PATH', '')}:/usr/sbin:/sbin"},
            timeout_s=30.0,
        )
    )
    after = machine.this_machines_limits().max_map_count or 0
    if not finished.ok or after < count:
        reason = finished.stderr.decode(errors="replace").strip() or "the command has no effect on this machine"
        return (f"vm.max_map_count not raised ({reason}); run this command yourself: {command}",)
    return (
        f"vm.max_map_count raised from {limits.max_map_count:,} to {after:,}, until the machine restarts",
        f"to make this permanent: echo vm.max_map_count={after} | sudo tee /etc/sysctl.d/60-seqbench.conf",
    )


def _python() -> HealthCheck:
    found = platform.python_version()
    if sys.version_info >= _OLDEST_PYTHON:
        return HealthCheck(subject="Python", health=Health.OK, found=found)
    return HealthCheck(subject="Python", health=Health.MISSING, found=found, fix="install Python 3.11 or later")


def _c_compiler(environment: Mapping[str, str]) -> HealthCheck:
    found = shutil.which("cc", path=environment.get("PATH", ""))
    if found:
        return HealthCheck(subject="C compiler", health=Health.OK, found=found)
    return HealthCheck(
        subject="C compiler",
        health=Health.MISSING,
        found="cc not found on PATH; building seqc needs a C compiler",
        fix="run `apt install build-essential` or `xcode-select --install`",
    )


def _cargo(environment: Mapping[str, str]) -> str:
    cargo = find_cargo(environment)
    return version_output("cargo", (str(cargo), "--version"), environment) + f" at {cargo}"


def _described(tool: Tool) -> str:
    return f"{tool.version} ({tool.provenance}) at {tool.path}"


def _tool(subject: str, find: Callable[[], str]) -> HealthCheck:
    try:
        return HealthCheck(subject=subject, health=Health.OK, found=find())
    except SeqbenchError as error:
        return HealthCheck(subject=subject, health=Health.MISSING, found=error.message, fix=error.fix)


def _seqc(spec: Spec, cache: Path, environment: Mapping[str, str], cpu: TargetCpu) -> HealthCheck:
    match spec.source:
        case Published(version=version):
            home = home_of(version, spec, cache, cpu)
            if not is_built(home):
                fix = "run `{invoke} bench`, which builds it in about 2 minutes"
                return HealthCheck(subject="seqc", health=Health.WARNING, found=f"{version}, not built yet", fix=fix)
            path = home / "bin" / "seqc"
        case Checkout(directory=directory):
            return HealthCheck(subject="seqc", health=Health.OK, found=f"will be built in {directory}, runtime first")
        case Binary(path=path):
            pass
    try:
        said = version_output("seqc", (str(path.absolute()), "--version"), {"PATH": environment.get("PATH", "")})
    except ToolchainError as error:
        return HealthCheck(subject="seqc", health=Health.MISSING, found=error.message, fix=error.fix)
    runtime, reason = runtime_build_of(path.absolute())
    found = f"{said} at {path}, runtime {runtime.value}: {reason}"
    if runtime is RuntimeBuild.OPTIMISED or (
        isinstance(spec.source, Published) and spec.runtime is RuntimeBuild.CARGO_INSTALL
    ):
        return HealthCheck(subject="seqc", health=Health.OK, found=found)
    is_or_may_be = "is" if runtime is RuntimeBuild.CARGO_INSTALL else "may be"
    return HealthCheck(
        subject="seqc",
        health=Health.WARNING,
        found=f"{found}; it {is_or_may_be} unoptimised, up to 7 times slower",
        fix="unset SEQC and leave out --seqc, or use a version or checkout:DIR, which seqbench builds optimised",
    )


def _full_map_count(suite: Suite) -> int:
    return max(
        (maps_needed(b, DEFAULT_RUNTIMES, {p.name: p.full for p in b.parameters}) for b in suite.benchmarks), default=0
    )


def _sizes(suite: Suite) -> tuple[HealthCheck, ...]:
    limits = machine.this_machines_limits()
    checks = []
    for benchmark in suite.benchmarks:
        subject = f"size of {benchmark.name}"
        size = choose_size(benchmark, DEFAULT_RUNTIMES, limits, SizeRequest(name=SizeName.FULL))
        if size.shortfalls:
            fixes = (
                MAP_COUNT_FIX.format(count=AMPLE_MAP_COUNT) + "  (or: {invoke} doctor --fix)"
                if "max_map_count" in shortfall.reason
                else shortfall.fix
                for shortfall in size.shortfalls
            )
            checks.append(
                HealthCheck(
                    subject=subject,
                    health=Health.WARNING,
                    found=size.sentence(),
                    fix="; ".join(fixes),
                )
            )
        else:
            checks.append(HealthCheck(subject=subject, health=Health.OK, found=f"full: {size.label}".rstrip(": ")))
    maps = "none" if limits.max_map_count is None else f"{limits.max_map_count:,}"
    needed = _full_map_count(suite)
    if limits.max_map_count is None or limits.max_map_count >= needed:
        checks.append(HealthCheck(subject="vm.max_map_count", health=Health.OK, found=maps))
    else:
        fix = MAP_COUNT_FIX.format(count=AMPLE_MAP_COUNT) + "  (or: {invoke} doctor --fix)"
        found = f"{maps}, full sizes need {needed:,}"
        checks.append(HealthCheck(subject="vm.max_map_count", health=Health.WARNING, found=found, fix=fix))
    return tuple(checks)


def _memory() -> HealthCheck:
    host, limits = machine.this_machine(), machine.this_machines_limits()
    free = limits.available_memory_bytes
    found = f"{short_bytes(host.memory_bytes)}, {'unknown' if free is None else short_bytes(free)} available"
    return HealthCheck(subject="memory", health=Health.OK, found=found)


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
        share, found = machine.load_average() / cores, f"load {machine.load_average():.2f} on {cores} cores"
        is_busy = share > _BUSY_LOAD_PER_CORE
    else:
        others_ns = max(0, activity.busy_ns + activity.steal_ns - activity.own_ns)
        share = others_ns / (activity.window_ns * cores)
        found, is_busy = f"{percent(share)} of the CPUs", share > MOST_INTERFERENCE
    if not is_busy:
        return HealthCheck(subject="other work", health=Health.OK, found=found)
    fix = "wait, or stop what else is running"
    return HealthCheck(subject="other work", health=Health.WARNING, found=f"{found}: this widens intervals", fix=fix)
