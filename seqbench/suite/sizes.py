"""From a benchmark and the machine's limits to the size that is run: full where it fits, else the largest that does.

All programs of a benchmark get the same size, whichever of them the machine is too small for. Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from seqbench.errors import UsageError
from seqbench.runtimes.base import Runtime
from seqbench.suite.benchmarks import Benchmark, size_problem
from seqbench.system.facts import Limits
from seqbench.units import parse_count, short_bytes

MAP_COUNT_MEND = "sudo sysctl -w vm.max_map_count={count}"
_STEP = 10


class SizeName(StrEnum):
    """The sizes that every benchmark has."""

    FULL = "full"
    REDUCED = "reduced"
    QUICK = "quick"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """One thing that the machine has too little of; `reason` reads `vm.max_map_count is 65,530, needs 2,400,000`."""

    reason: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The values of a benchmark's parameters in this run."""

    parameters: tuple[tuple[str, int], ...]
    is_full: bool
    label: str
    """`10,000 strands`; empty where nothing scales."""
    full_label: str
    """`1,000,000`; empty where nothing scales."""
    shortfalls: tuple[Shortfall, ...] = ()
    """Why it is less than was asked for; empty when it is not."""

    def sentence(self) -> str:
        """Say what was run and why not full, for the table's foot."""
        if self.is_full or not self.label:
            return self.label
        reasons = "; ".join(shortfall.reason for shortfall in self.shortfalls)
        return f"{self.label} (full is {self.full_label}{': ' + reasons if reasons else ''})"


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeRequest:
    """What the user asked for: a size's name or a number for the parameter that scales; `strict` refuses to scale."""

    name: SizeName | None = None
    number: int | None = None
    strict: bool = False
    values: tuple[tuple[str, int], ...] = ()
    """Of parameters, by name; a benchmark that has no such parameter cannot be sized so."""
    only_scaling: bool = False
    """The name is that of the size of what scales; all else is as at full size."""

    @property
    def text(self) -> str:
        """Write it as it was asked for."""
        if self.name is not None:
            return self.name.value
        return " ".join(f"{name}={value:,}" for name, value in self.values) or f"{self.number:,}"


def parse_size(text: str | None) -> SizeRequest:
    """Read `--size`: nothing (full, scaled where it must be), `full` (or nothing), `reduced`, `quick`, or a number.

    Reduced is a tenth of full, or less where the machine holds less.

    Raises
    ------
    UsageError : it is none of these.
    """
    if text is None:
        return SizeRequest(name=SizeName.FULL)
    if text in tuple(SizeName):
        return SizeRequest(name=SizeName(text), strict=text != SizeName.REDUCED)
    try:
        return SizeRequest(number=parse_count(text), strict=True)
    except ValueError:
        raise UsageError(
            f"--size {text}: there is no such size", "use --size full, reduced, quick or a number"
        ) from None


def choose_size(benchmark: Benchmark, runtimes: Iterable[Runtime], limits: Limits, request: SizeRequest) -> Size:
    """Give the size to run.

    Raises
    ------
    UsageError : a strict request does not fit the machine, or a number that this benchmark cannot have.
    """
    scaling = benchmark.scaling
    wanted = _wanted(benchmark, request)
    if scaling is None:
        is_full = all(wanted[parameter.name] >= parameter.full for parameter in benchmark.parameters)
        return Size(parameters=tuple(wanted.items()), is_full=is_full, label="", full_label="")
    runtimes = tuple(runtimes)
    problems = _shortfalls(benchmark, runtimes, limits, wanted)
    if problems and request.strict:
        asked = f"{wanted[scaling.name]:,} {scaling.unit}"
        raise UsageError(
            f"{benchmark.name}: {asked} do not fit this machine: {'; '.join(p.reason for p in problems)}",
            "{invoke} doctor --fix, or " + " and ".join(p.remedy for p in problems),
        )
    value = wanted[scaling.name]
    if problems:
        step = scaling.power_of or _STEP
        value = _largest_power(value, step)
        while value > 1 and _shortfalls(benchmark, runtimes, limits, {**wanted, scaling.name: value}):
            value //= step
    chosen = {**wanted, scaling.name: value}
    return Size(
        parameters=tuple(chosen.items()),
        is_full=all(chosen[parameter.name] >= parameter.full for parameter in benchmark.parameters),
        label=f"{value:,} {scaling.unit}",
        full_label=f"{scaling.full:,}",
        shortfalls=problems,
    )


def candidate_sizes(
    benchmark: Benchmark, runtimes: Iterable[Runtime], limits: Limits, request: SizeRequest
) -> tuple[Size, ...]:
    """Give the sizes that a comparison may choose from, rising by tens (or by its own powers) from quick to what fits.

    A size that was asked for strictly is the only one.

    Raises
    ------
    UsageError : as `choose_size`.
    """
    largest = choose_size(benchmark, runtimes, limits, request)
    scaling = benchmark.scaling
    if scaling is None or request.strict:
        return (largest,)
    top = dict(largest.parameters)[scaling.name]
    step = scaling.power_of or _STEP
    numbers = [top]
    while numbers[-1] // step >= scaling.quick:
        numbers.append(numbers[-1] // step)
    return tuple(choose_size(benchmark, runtimes, limits, SizeRequest(number=number)) for number in reversed(numbers))


def maps_needed(benchmark: Benchmark, runtimes: Iterable[Runtime], parameters: dict[str, int]) -> int:
    """Give how many memory maps the greediest program needs, rounded up to two digits; 0 when it is not known."""
    if benchmark.live_strands is None:
        return 0
    strands = benchmark.live_strands.value(parameters)
    return max(_two_digits_up(r.cost.maps_base + r.cost.maps_per_strand * strands) for r in runtimes)


def _wanted(benchmark: Benchmark, request: SizeRequest) -> dict[str, int]:
    quick = request.name is SizeName.QUICK
    wanted = {
        parameter.name: parameter.quick if quick and (parameter.scales or not request.only_scaling) else parameter.full
        for parameter in benchmark.parameters
    }
    scaling = benchmark.scaling
    if scaling is not None and request.name is SizeName.REDUCED:
        step = scaling.power_of or _STEP
        wanted[scaling.name] = max(scaling.quick, _largest_power(max(1, scaling.full // _STEP), step))
    given = dict(request.values)
    if request.number is not None and scaling is not None:
        given[scaling.name] = request.number
    for parameter in benchmark.parameters:
        if parameter.name not in given:
            continue
        value = given.pop(parameter.name)
        if problem := size_problem(parameter, value):
            near = _largest_power(value, parameter.power_of or _STEP)
            raise UsageError(f"{benchmark.name}: {problem}", f"use --size {near} or another such power")
        wanted[parameter.name] = value
    if given:
        there = ", ".join(parameter.name for parameter in benchmark.parameters) or "none"
        raise UsageError(
            f"{benchmark.name} has no parameter {', '.join(given)}; there is {there}", f"use one of: {there}"
        )
    return wanted


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
                remedy=MAP_COUNT_MEND.format(count=maps),
            )
        )
    strands = benchmark.live_strands.value(parameters)
    memory = max(r.cost.bytes_base + r.cost.bytes_per_strand * strands for r in runtimes)
    available = limits.available_memory_bytes
    if available is not None and memory > available:
        found.append(
            Shortfall(
                reason=f"available memory is {short_bytes(available)}, needs {short_bytes(memory)}",
                remedy="free memory or use a larger machine",
            )
        )
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
    """Give the title of a benchmark at a size, which may have its parameters in it."""
    title = benchmark.title
    for name, value in size.parameters:
        title = title.replace(f"{{{name}}}", f"{value:,}")
    return title
