"""Check the tools and sizes, and raise the limits that are too low."""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from seqbench.doctor.health import Health, HealthCheck
from seqbench.doctor.machine import machine_checks
from seqbench.doctor.places import CACHE_FIX, Places, compilers_check, place_checks
from seqbench.errors import SeqbenchError, ToolchainError
from seqbench.events import ignore
from seqbench.runtimes.base import Runtime
from seqbench.runtimes.settings import environment_warnings, override_warnings, spec_warnings
from seqbench.suite.benchmarks import Suite
from seqbench.suite.size_request import SizeName, SizeRequest
from seqbench.suite.sizes import AMPLE_MAP_COUNT, MAP_COUNT_FIX, choose_size, maps_needed
from seqbench.system import process
from seqbench.system.facts import Command
from seqbench.system.limits import this_machines_limits
from seqbench.toolchain.compiler_spec import Binary, Checkout, Commanded, Installed, Published, RuntimeBuild, Spec
from seqbench.toolchain.find import find_tool
from seqbench.toolchain.needs import ToolNeed, ToolSearch
from seqbench.toolchain.places import version_output
from seqbench.toolchain.seqc import BUILD_TIME, home_of, is_built, runtime_build_of
from seqbench.toolchain.target_cpu import TargetCpu
from seqbench.toolchain.toolchain import Tool
from seqbench.toolchain.tools import find_cargo

_OTHER_LINES = "correct what the other lines name, or install it again"
_COMPILERS = "use --seqc with a version, a path or checkout:DIR"
_OLDEST_PYTHON = (3, 11)


def examine(
    suite: Suite,
    spec: Spec,
    *,
    runtimes: tuple[Runtime, ...],
    places: Places,
    environment: Mapping[str, str],
    cpu: TargetCpu,
) -> tuple[HealthCheck, ...]:
    """Check everything that `invoke bench` needs with these runtimes, without building or changing anything."""
    search = ToolSearch(
        spec=spec, suite=suite.folder, cache=places.cache, environment=environment, target_cpu=cpu, listen=ignore
    )
    return (
        _python(),
        _c_compiler(environment),
        _git(environment),
        *_tools(suite, search, runtimes),
        _settings(spec, runtimes, environment),
        *_sizes(suite),
        *machine_checks(suite),
        *place_checks(places, environment),
        compilers_check(places.cache),
    )


def fix(suite: Suite, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Raise the limits that are too low, and return a line for each change or failure."""
    limits = this_machines_limits()
    needed = _full_map_count(suite)
    if limits.max_map_count is None or limits.max_map_count >= needed:
        others = [each.name for each in (limits.address_space, limits.cpu_time) if each is not None]
        if others:
            named = " and ".join(others)
            return (f"nothing to fix: vm.max_map_count is high enough; {named} can only be raised by the shell",)
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
    after = this_machines_limits().max_map_count or 0
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
        found="cc not found on PATH; building seqc needs a C compiler, and a peak memory below 8 MiB is not seen",
        fix="run `apt install build-essential` or `xcode-select --install`",
    )


def _tools(suite: Suite, search: ToolSearch, runtimes: tuple[Runtime, ...]) -> Iterator[HealthCheck]:
    """Check the tools of these runtimes and of the other ranked ones; what would be built is only looked for."""
    for runtime in runtimes:
        found: dict[str, Tool] = {}
        for need in runtime.tools:
            if need.is_slow:
                yield _tool("cargo", lambda: _cargo(search.environment))
                yield _seqc(search.spec, search.cache, search.environment, search.target_cpu)
            else:
                yield _tool(need.key, partial(_described, need, search, found))
    for runtime in suite.used_runtimes:
        if runtime.is_ranked and not runtime.is_default and runtime not in runtimes:
            yield _optional(runtime, search)


def _optional(runtime: Runtime, search: ToolSearch) -> HealthCheck:
    """Check the tools of a runtime that runs only when it is asked for."""
    found: dict[str, Tool] = {}
    checks = [_tool(need.key, partial(_described, need, search, found)) for need in runtime.tools if not need.is_slow]
    bad = next((check for check in checks if check.health is not Health.OK), None)
    if bad is None:
        described = "; ".join(check.found for check in checks)
        return HealthCheck(subject=runtime.name, health=Health.OK, found=described)
    described = f"{bad.found}; only --runtimes {runtime.name} needs it"
    return HealthCheck(subject=runtime.name, health=Health.WARNING, found=described, fix=bad.fix)


def _settings(spec: Spec, runtimes: tuple[Runtime, ...], environment: Mapping[str, str]) -> HealthCheck:
    subject = "settings"
    found = [
        *spec_warnings(spec),
        *override_warnings(spec, environment),
        *environment_warnings(environment, runtimes),
    ]
    if not found:
        return HealthCheck(subject=subject, health=Health.OK, found="none that is unknown or invalid")
    fix = "correct or unset what is named"
    return HealthCheck(subject=subject, health=Health.WARNING, found="; ".join(found), fix=fix)


def _git(environment: Mapping[str, str]) -> HealthCheck:
    found = shutil.which("git", path=environment.get("PATH", ""))
    if found:
        return HealthCheck(subject="git", health=Health.OK, found=found)
    return HealthCheck(
        subject="git",
        health=Health.WARNING,
        found="not found on PATH: results name no commit, and `check-fresh --at-commit` cannot work",
        fix="run `apt install git` or `xcode-select --install`",
    )


def _cargo(environment: Mapping[str, str]) -> str:
    cargo = find_cargo(environment)
    return version_output("cargo", (str(cargo), "--version"), environment) + f" at {cargo}"


def _described(need: ToolNeed, search: ToolSearch, found: dict[str, Tool]) -> str:
    tool = found[need.name] = find_tool(need, search, found)
    return f"{tool.version} ({tool.provenance}) at {tool.path}"


def _tool(subject: str, find: Callable[[], str]) -> HealthCheck:
    try:
        return HealthCheck(subject=subject, health=Health.OK, found=find())
    except SeqbenchError as error:
        fix = _OTHER_LINES if error.fix == "{invoke} doctor" else error.fix
        return HealthCheck(subject=subject, health=Health.MISSING, found=error.message, fix=fix)
    except OSError as error:
        # A script that stands for a tool cannot be written; the checks of the folders say why, with the fix.
        found = f"cannot be prepared in the cache: {error.strerror}: {error.filename}"
        return HealthCheck(subject=subject, health=Health.MISSING, found=found, fix=CACHE_FIX)


def _seqc(spec: Spec, cache: Path, environment: Mapping[str, str], cpu: TargetCpu) -> HealthCheck:
    match spec.source:
        case Published(version=version):
            home = home_of(version, spec, cache, cpu)
            if not is_built(home):
                fix = f"run `{{invoke}} bench`, which builds it once: {BUILD_TIME}"
                return HealthCheck(subject="seqc", health=Health.WARNING, found=f"{version}, not built yet", fix=fix)
            path = home / "bin" / "seqc"
        case Checkout(directory=directory):
            return HealthCheck(subject="seqc", health=Health.OK, found=f"will be built in {directory}, runtime first")
        case Installed() | Commanded():
            found = f"{spec.text} names no compiler"
            return HealthCheck(subject="seqc", health=Health.MISSING, found=found, fix=_COMPILERS)
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
    full = [(each, {parameter.name: parameter.full for parameter in each.parameters}) for each in suite.benchmarks]
    return max((maps_needed(each, suite.default_runtimes, values) for each, values in full), default=0)


def _sizes(suite: Suite) -> tuple[HealthCheck, ...]:
    limits = this_machines_limits()
    checks = []
    for benchmark in suite.benchmarks:
        subject = f"size of {benchmark.name}"
        size = choose_size(benchmark, suite.default_runtimes, limits, SizeRequest(name=SizeName.FULL))
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
