"""Read `--over NAME=LOW:HIGH` and choose the benchmarks that have such a parameter, and its values. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from seqbench.errors import UsageError, require_known
from seqbench.experiments.sweep.document import SweptBenchmark
from seqbench.suite.benchmarks import Benchmark, Parameter
from seqbench.units import parse_count

MOST_VALUES = 10
FEW_VALUES = 6
LEAST_STEPS = 2
MOST_STEPS = 100
# Mantissas of the values in each power of ten, from the densest grid to the widest.
_GRIDS = ((1, 2, 5), (1, 3), (1,))
_EXAMPLE = "for example {invoke} sweep --over leaves=100:100000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """The swept parameter and its range, including both ends."""

    name: str
    low: int
    high: int

    @property
    def text(self) -> str:
        """Return the range as given: `leaves=1000:1000000`."""
        return f"{self.name}={self.low}:{self.high}"


def parse_over(text: str | None) -> Over:
    """Read `NAME=LOW:HIGH`.

    Raises
    ------
    UsageError
        The text is missing or has another form, LOW or HIGH is not a whole number above 0, or LOW is above HIGH.
    """
    if not text:
        raise UsageError("--over is missing: expected NAME=LOW:HIGH, NAME being a parameter of a benchmark", _EXAMPLE)
    name, equals, both = (part.strip() for part in text.partition("="))
    first, colon, second = (part.strip() for part in both.partition(":"))
    if not (name and equals and colon):
        raise UsageError(f"--over {text!r}: expected NAME=LOW:HIGH", _EXAMPLE)
    try:
        low, high = parse_count(first), parse_count(second)
    except ValueError as error:
        raise UsageError(f"--over {text}: {error}", _EXAMPLE) from error
    if low > high:
        raise UsageError(
            f"--over {text}: LOW ({low:,}) is above HIGH ({high:,})",
            f"--over {name}={high}:{low}",
        )
    return Over(name=name, low=low, high=high)


def parse_steps(text: str | None) -> int | None:
    """Read `--steps`, the number of values of a range; None if it is not given.

    Raises
    ------
    UsageError
        The text is not a whole number from 2 to 100.
    """
    if text is None:
        return None
    fix = "use --steps 8, or omit it"
    try:
        steps = parse_count(text)
    except ValueError as error:
        raise UsageError(f"--steps: {error}", fix) from error
    if not LEAST_STEPS <= steps <= MOST_STEPS:
        raise UsageError(f"--steps {text}: expected {LEAST_STEPS} to {MOST_STEPS} values", fix)
    return steps


def plan(
    benchmarks: Sequence[Benchmark], over: Over, *, steps: int | None, is_every: bool
) -> tuple[SweptBenchmark, ...]:
    """Return the benchmarks that have the parameter, with their values. The other parameters have their full size.

    Parameters
    ----------
    over : Over
        Names the parameter, its unit or an alias.
    is_every : bool
        Whether `benchmarks` is the whole suite. Then benchmarks without the parameter are skipped.

    Raises
    ------
    UsageError
        No benchmark has such a parameter, a benchmark named in `--only` has none, or the range has no allowed value.
    """
    wanted = _plain(over.name)
    there = dict.fromkeys(name for benchmark in benchmarks for name in _names(*benchmark.parameters))
    if not there:
        raise UsageError(
            f"--over {over.name}: the programs of this suite take no parameters", "declare one in benchmark.toml"
        )
    require_known(wanted, tuple(there), "parameter", "--over")
    planned = []
    for benchmark in benchmarks:
        parameter = next((each for each in benchmark.parameters if wanted in _names(each)), None)
        if parameter is not None:
            values = _values_of(parameter, benchmark, over, steps)
            planned.append(
                SweptBenchmark(
                    name=benchmark.name,
                    parameter=parameter.name,
                    unit=parameter.unit,
                    fixed=tuple((each.name, each.full) for each in benchmark.parameters if each != parameter),
                    values=values,
                    points=(),
                )
            )
        elif not is_every:
            raise UsageError(
                f"--over {over.name}: {benchmark.name} has no parameter of that name; "
                f"expected one of: {', '.join(_names(*benchmark.parameters)) or 'none'}",
                f"sweep over one of these, or remove {benchmark.name} from --only",
            )
    return tuple(planned)


def values_between(low: int, high: int, *, power_of: int | None, steps: int | None) -> tuple[int, ...]:
    """Return the values of a geometric range in rising order; no values if it has no power of `power_of`.

    Parameters
    ----------
    power_of : int or None
        The base, if only its powers are allowed. Otherwise the values are steps of 1-2-5, of 1-3 or of 10, and both
        ends.
    steps : int or None
        The number of values, which are rounded to two digits. None chooses 6 to 10 values.
    """
    if power_of is not None:
        powers = [1]
        while powers[-1] < high:
            powers.append(powers[-1] * power_of)
        return _thinned([power for power in powers if low <= power <= high], steps or MOST_VALUES)
    if steps is not None:
        return _geometric(low, high, steps)
    for mantissas in _GRIDS:
        grid = (mantissa * 10**power for power in range(len(str(high))) for mantissa in mantissas)
        values = sorted({low, high, *(value for value in grid if low <= value <= high)})
        if len(values) <= MOST_VALUES:
            return tuple(values) if len(values) >= FEW_VALUES else _geometric(low, high, FEW_VALUES)
    return _geometric(low, high, MOST_VALUES)


def _values_of(parameter: Parameter, benchmark: Benchmark, over: Over, steps: int | None) -> tuple[int, ...]:
    values = values_between(over.low, over.high, power_of=parameter.power_of, steps=steps)
    if not values:
        base = parameter.power_of or 1
        raise UsageError(
            f"--over {over.text}: the range has no power of {base}, which {benchmark.name} expects as {parameter.name}",
            f"use a range that includes 1, {base:,}, {base**2:,} or another power of {base}",
        )
    return values


def _names(*parameters: Parameter) -> tuple[str, ...]:
    """Return the names, units and aliases of parameters, by which `--over` may name them."""
    return tuple(dict.fromkeys(_plain(name) for each in parameters for name in (each.name, each.unit, *each.aliases)))


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _thinned(values: Sequence[int], most: int) -> tuple[int, ...]:
    if len(values) <= most:
        return tuple(values)
    return tuple(values[round(index * (len(values) - 1) / (most - 1))] for index in range(most))


def _geometric(low: int, high: int, count: int) -> tuple[int, ...]:
    between = (low * (high / low) ** (index / (count - 1)) for index in range(1, count - 1))
    # Writing one digit after the decimal point keeps two significant digits.
    rounded = {int(float(f"{value:.1e}")) for value in between}
    return tuple(sorted({low, high, *(value for value in rounded if low < value < high)}))
