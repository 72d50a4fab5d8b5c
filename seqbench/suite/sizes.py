"""Choose the size of a benchmark: full when it fits the machine, otherwise the largest that fits. Pure.

All programs of a benchmark run at the same size, which fits the program with the largest needs.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import ceil

from seqbench.errors import UsageError
from seqbench.runtimes.base import Runtime
from seqbench.suite.benchmarks import Benchmark, size_problem
from seqbench.suite.size_request import SizeName, SizeRequest
from seqbench.system.facts import Limits
from seqbench.units import short_bytes

# More than Skynet needs at full size.
AMPLE_MAP_COUNT = 4_000_000
MAP_COUNT_FIX = "sudo sysctl -w vm.max_map_count={count}"
_STEP = 10

Parameters = tuple[tuple[str, int], ...]
"""The names and values of the parameters of a benchmark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """A limit of the machine that is too low; `reason` is such as `vm.max_map_count is 65,530, needs 2,400,000`."""

    reason: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The values of the parameters of a benchmark in one run."""

    parameters: tuple[tuple[str, int], ...]
    is_full: bool
    label: str
    """Such as `10,000 leaves`; empty when no parameter scales."""
    full_label: str
    """Such as `1,000,000`; empty when no parameter scales."""
    shortfalls: tuple[Shortfall, ...] = ()
    """Why the size is smaller than requested; empty when it is not."""

    def sentence(self) -> str:
        """Return the size, and why it is not full, for the note below the table."""
        if self.is_full or not self.label:
            return self.label
        reasons = "; ".join(shortfall.reason for shortfall in self.shortfalls)
        return f"{self.label} (full is {self.full_label}{': ' + reasons if reasons else ''})"


def choose_size(benchmark: Benchmark, runtimes: Iterable[Runtime], limits: Limits, request: SizeRequest) -> Size:
    """Return the size that a benchmark runs at on this machine.

    Raises
    ------
    UsageError
        A strict request does not fit the machine, or the benchmark cannot have the requested number.
    """
    scaling = benchmark.scaling
    request = request.of(benchmark)
    requested = _requested(benchmark, request)
    if scaling is None:
        is_full = all(requested[parameter.name] >= parameter.full for parameter in benchmark.parameters)
        return Size(parameters=tuple(requested.items()), is_full=is_full, label="", full_label="")
    runtimes = tuple(runtimes)
    problems = _shortfalls(benchmark, runtimes, limits, requested)
    if problems and request.strict:
        asked = f"{requested[scaling.name]:,} {scaling.unit}"
        raise UsageError(
            f"{benchmark.name}: {asked} do not fit this machine: {'; '.join(p.reason for p in problems)}",
            "{invoke} doctor --fix, or " + " and ".join(p.fix for p in problems),
        )
    value = requested[scaling.name]
    if problems:
        step = scaling.power_of or _STEP
        value = _largest_power(value, step)
        while value > 1 and _shortfalls(benchmark, runtimes, limits, {**requested, scaling.name: value}):
            value //= step
    chosen = {**requested, scaling.name: value}
    return Size(
        parameters=tuple(chosen.items()),
        is_full=all(chosen[parameter.name] >= parameter.full for parameter in benchmark.parameters),
        label=f"{value:,} {scaling.unit}",
        full_label=f"{scaling.full:,}",
        shortfalls=problems,
    )


def possible_sizes(
    benchmark: Benchmark, runtimes: Iterable[Runtime], limits: Limits, request: SizeRequest
) -> tuple[Size, ...]:
    """Return the sizes that a comparison may choose from, in rising order from quick to the largest that fits.

    Each size is 10 or `power_of` times the one before. A strict request allows only its own size.

    Raises
    ------
    UsageError
        See `choose_size`.
    """
    request = request.of(benchmark)
    sizes = rising_sizes(benchmark, runtimes, limits, request)
    if request.strict:
        return sizes[-1:]
    # What is chosen is not smaller than was wanted.
    return (*sizes[:-1], replace(sizes[-1], shortfalls=()))


def rising_sizes(
    benchmark: Benchmark, runtimes: Iterable[Runtime], limits: Limits, request: SizeRequest
) -> tuple[Size, ...]:
    """Return the size that a benchmark runs at on this machine, and before it the smaller ones from quick on.

    Each size is 10 or `power_of` times the one before.

    Raises
    ------
    UsageError
        See `choose_size`.
    """
    runtimes = tuple(runtimes)
    largest = choose_size(benchmark, runtimes, limits, request)
    scaling = benchmark.scaling
    if scaling is None:
        return (largest,)
    numbers = [dict(largest.parameters)[scaling.name]]
    step = scaling.power_of or _STEP
    while numbers[-1] // step >= scaling.quick:
        numbers.append(numbers[-1] // step)
    values = dict(largest.parameters)
    requests = (SizeRequest(values=tuple({**values, scaling.name: number}.items())) for number in numbers[:0:-1])
    return (*(choose_size(benchmark, runtimes, limits, each) for each in requests), largest)


def maps_needed(benchmark: Benchmark, runtimes: Iterable[Runtime], parameters: dict[str, int]) -> int:
    """Return the memory maps of the program that needs most, rounded up to two digits; 0 when unknown."""
    if benchmark.live_strands is None:
        return 0
    strands = benchmark.live_strands.value(parameters)
    costs = (runtime.cost for runtime in runtimes if runtime.cost)
    return max((_two_digits_up(cost.maps_base + cost.maps_per_strand * strands) for cost in costs), default=0)


def _requested(benchmark: Benchmark, request: SizeRequest) -> dict[str, int]:
    quick = request.name is SizeName.QUICK
    requested = {
        parameter.name: parameter.quick if quick and (parameter.scales or not request.only_scaling) else parameter.full
        for parameter in benchmark.parameters
    }
    scaling = benchmark.scaling
    if scaling is not None and request.name is SizeName.REDUCED:
        tenth = max(1, scaling.full // _STEP)
        value = _largest_power(tenth, scaling.power_of) if scaling.power_of else tenth
        requested[scaling.name] = max(scaling.quick, value)
    given = {scaling.name: request.number} if request.number is not None and scaling is not None else {}
    given |= request.values
    for parameter in benchmark.parameters:
        if parameter.name not in given:
            continue
        value = given.pop(parameter.name)
        if problem := size_problem(parameter, value):
            near = _largest_power(value, parameter.power_of or _STEP)
            fix = f"use --size {near} or another power of {parameter.power_of}"
            raise UsageError(f"{benchmark.name}: {problem}", fix)
        requested[parameter.name] = value
    if given:
        there = ", ".join(parameter.name for parameter in benchmark.parameters) or "none"
        raise UsageError(
            f"{benchmark.name} has no parameter {', '.join(given)}; available: {there}", f"use one of: {there}"
        )
    return requested


def _shortfalls(
    benchmark: Benchmark, runtimes: tuple[Runtime, ...], limits: Limits, parameters: dict[str, int]
) -> tuple[Shortfall, ...]:
    if benchmark.live_strands is None:
        return ()
    found = []
    maps = maps_needed(benchmark, runtimes, parameters)
    if limits.max_map_count is not None and maps > limits.max_map_count:
        found.append(
            Shortfall(
                reason=f"vm.max_map_count is {limits.max_map_count:,}, needs {maps:,}",
                fix=MAP_COUNT_FIX.format(count=maps),
            )
        )
    strands = benchmark.live_strands.value(parameters)
    costs = [runtime.cost for runtime in runtimes if runtime.cost]
    memory = max((cost.bytes_base + cost.bytes_per_strand * strands for cost in costs), default=0)
    available = limits.available_memory_bytes
    if available is not None and memory > available:
        found.append(
            Shortfall(
                reason=f"available memory is {short_bytes(available)}, needs {short_bytes(memory)}",
                fix="free memory or use a larger machine"
                if limits.group_memory_bytes is None
                else "raise the memory limit of the control group (docker run --memory, MemoryMax= of systemd)",
            )
        )
    # What a runtime reserves at the start is the same at every size, so that a smaller one would not help.
    address = max((cost.address_per_strand * strands for cost in costs), default=0)
    threads = ceil(max((cost.threads_per_strand * strands for cost in costs), default=0))
    for ceiling, needed, write in (
        (limits.address_space, address, short_bytes),
        (limits.threads, threads, lambda count: f"{count:,} threads"),
    ):
        if ceiling is not None and needed > ceiling.value:
            reason = f"{ceiling.name} allows {write(ceiling.value)}, needs {write(needed)}"
            found.append(Shortfall(reason=reason, fix=ceiling.fix))
    return tuple(found)


def _largest_power(value: int, base: int) -> int:
    power = 1
    while power * base <= value:
        power *= base
    return power


def _two_digits_up(value: float) -> int:
    step = 1
    while step * 100 < value:
        step *= 10
    return ceil(value / step) * step


def title_of(benchmark: Benchmark, size: Size) -> str:
    """Return the title of a benchmark with the values of its parameters filled in."""
    title = benchmark.title
    for name, value in size.parameters:
        title = title.replace(f"{{{name}}}", f"{value:,}")
    return title
