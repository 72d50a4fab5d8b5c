"""Define benchmarks, their programs and their parameters, and select benchmarks by name."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from seqbench.errors import require_known
from seqbench.formula import Formula
from seqbench.runtimes.base import Runtime
from seqbench.suite.output import LINES, Output

DEFAULT_TIMEOUT_S = 300.0
_PARAMETERS = re.compile(r"\s*\([^()]*\{[^()]*\)|\s*\{\w+\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A positional argument of the programs, with its sizes."""

    name: str
    full: int
    quick: int
    scales: bool
    power_of: int | None
    unit: str
    """Its name, or more words than that, as sizes are written: `messages per actor`."""
    aliases: tuple[str, ...] = ()
    """Other names by which `--over` may call it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """The count for the rate in the table, such as `2 * round_trips` in `msg/sec`."""

    unit: str
    count: Formula


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """The same program for older compilers, which do not accept the language of today: `name@0.13.seq`."""

    up_to: str
    """The last version that it is for: `0.13` is for 0.13.0 and 0.13.7 as well, and for all before."""
    source: Path
    helpers: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One source of a benchmark for one runtime: `name.go`, or a variant such as `name.idiomatic.go`."""

    benchmark: str
    runtime: Runtime
    variant: str
    source: Path
    helpers: tuple[Path, ...]
    """Files of the same language in the folder, which the source may include; a change in one rebuilds the program."""
    suite: Path
    """The folder of the suite, below which all of these files lie."""
    arguments: tuple[str, ...] | None = None
    """Its arguments with `{parameter}` in them; None for the values of all parameters."""
    output: Output = LINES
    command: tuple[str, ...] = ()
    """What is started, with `{parameter}` in its words, where nothing is built; empty for a source."""
    dialects: tuple[Dialect, ...] = ()
    """Its sources for older compilers, by the last version of each."""

    def for_version(self, version: str) -> "Program":
        """Return the program in the dialect of a compiler: the one with the earliest last version that includes it.

        It is this program where no dialect includes the version.
        """
        for dialect in self.dialects:
            last, numbers = _numbers(dialect.up_to), _numbers(version)
            if numbers and [*numbers, *[0] * len(last)][: len(last)] <= last:
                return replace(self, source=dialect.source, helpers=dialect.helpers, dialects=())
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """The programs of a folder and the content of its manifest."""

    name: str
    folder: Path
    title: str
    about: str
    timeout_s: float
    parameters: tuple[Parameter, ...]
    expected_result: Formula | None
    expected_ledger: tuple[tuple[str, Formula], ...]
    control_messages: Formula | None
    """Messages that the ledger does not count, such as sentinels; None when the manifest does not give their number."""
    throughput: Throughput | None
    live_strands: Formula | None
    variant_labels: tuple[tuple[str, str], ...]
    programs: tuple[Program, ...]
    suite_file: Path | None = None
    """The file that describes the suite; None where there is none."""

    @property
    def scaling(self) -> Parameter | None:
        """Return the parameter that `--size` changes; None when no parameter scales."""
        return next((parameter for parameter in self.parameters if parameter.scales), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """All benchmarks of a folder, in alphabetical order."""

    folder: Path
    benchmarks: tuple[Benchmark, ...]
    runtimes: tuple[Runtime, ...]
    """Those of seqbench and those of the suite's own, in the order of their columns."""
    remarks: tuple[str, ...] = ()
    """What the user should know about its runtimes."""

    @property
    def default_runtimes(self) -> tuple[Runtime, ...]:
        """Return what is measured without `--runtimes`: the default ones that have a source, else all that have one."""
        return tuple(runtime for runtime in self.used_runtimes if runtime.is_default) or self.used_runtimes

    @property
    def used_runtimes(self) -> tuple[Runtime, ...]:
        """Return the runtimes that have a source in the suite."""
        there = {program.runtime for benchmark in self.benchmarks for program in benchmark.programs}
        return tuple(runtime for runtime in self.runtimes if runtime in there)

    @property
    def titles(self) -> dict[tuple[str, str], str]:
        """Return titles by benchmark and program: `("fanout", "")`, `("fanout", "go.idiomatic")`, `("", "go")`.

        The title of a benchmark is without its parameters, whose values belong to a session.
        """
        found = {("", runtime.name): runtime.title for runtime in self.runtimes}
        for benchmark in self.benchmarks:
            found[benchmark.name, ""] = _PARAMETERS.sub("", benchmark.title)
            labels = dict(benchmark.variant_labels)
            for program in benchmark.programs:
                if program.variant in labels:
                    found[benchmark.name, f"{program.runtime.name}.{program.variant}"] = labels[program.variant]
        return found


def size_problem(parameter: Parameter, value: int) -> str:
    """Return why this parameter cannot have this value, or an empty string when it can."""
    if parameter.power_of is None:
        return ""
    rest = value
    while rest > 1 and rest % parameter.power_of == 0:
        rest //= parameter.power_of
    if rest == 1:
        return ""
    return (
        f"{parameter.name} = {value:,} is not a power of {parameter.power_of}: "
        f"the programs divide by {parameter.power_of} until they reach 1, and would not end with another value"
    )


def select_benchmarks(suite: Suite, only: tuple[str, ...]) -> tuple[Benchmark, ...]:
    """Return the named benchmarks in the order of the suite, or all of them when `only` is empty.

    Raises
    ------
    UsageError
        A name is unknown; the error suggests similar names.
    """
    known = {benchmark.name: benchmark for benchmark in suite.benchmarks}
    for name in only:
        require_known(name, tuple(known), "benchmark", "--only")
    return tuple(benchmark for name, benchmark in known.items() if not only or name in only)


def select_runtimes(suite: Suite, names: tuple[str, ...], reference: str = "") -> tuple[Runtime, ...]:
    """Return the named runtimes in the order of the columns, or the default ones of the suite when `names` is empty.

    The second one is what the others are compared with: `reference`, where that is given.

    Raises
    ------
    UsageError
        A name is unknown, or the reference is not one of those that are measured.
    """
    for name in names:
        require_known(name, tuple(runtime.name for runtime in suite.runtimes), "runtime", "--runtimes")
    chosen = tuple(runtime for runtime in suite.runtimes if runtime.name in names) if names else suite.default_runtimes
    if not reference:
        return chosen
    require_known(reference, tuple(runtime.name for runtime in chosen), "runtime in this run", "--reference")
    first, *rest = (*(each for each in chosen if each.name != reference), None)
    (second,) = (each for each in chosen if each.name == reference)
    return tuple(each for each in (first, second, *rest) if each is not None)


def _numbers(version: str) -> list[int]:
    """Return the leading numbers of a version: [0, 13, 0] for `0.13.0-rc1`."""
    match = re.match(r"\d+(?:\.\d+)*", version)
    return [int(part) for part in match[0].split(".")] if match else []
