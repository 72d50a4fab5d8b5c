"""Describe commands as programs without sources, so that they are measured and compared as programs are. Pure."""

import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from seqbench.errors import UsageError
from seqbench.runtimes.base import Run, Runtime
from seqbench.suite.benchmarks import DEFAULT_TIMEOUT_S, Benchmark, Parameter, Program, Suite
from seqbench.suite.names import COMMANDS, NAME, VALID_NAME
from seqbench.suite.output import Format, Output
from seqbench.toml_file import TomlFile
from seqbench.toolchain.compiler_spec import Commanded, RuntimeBuild, Spec

COMMAND = Runtime(name="run", title="Command", extension=".run", tools=(), run=Run())
"""What stands in for a runtime: the commands are given, and nothing is built."""
NO_OUTPUT = Output(format=Format.NONE, is_wall=True)
_NOWHERE = Path("/dev/null/command")


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteCommand:
    """A command of a suite, by its name for one benchmark."""

    benchmark: str
    name: str
    words: tuple[str, ...]
    """With `{parameter}` in them."""


def read_commands(
    raw: Mapping[str, str | Mapping[str, str]], file: TomlFile, runtimes: Collection[str]
) -> tuple[SuiteCommand, ...]:
    """Return the commands of a suite's file, in their order.

    Parameters
    ----------
    runtimes : the names that a command must not have.

    Raises
    ------
    UsageError
        A name is invalid or that of a runtime, or a command is empty or not closed; the message names the line.
    """
    found = []
    for benchmark, name, text, path in _entries(raw):
        for kind, each in (("benchmark", benchmark), ("command", name)):
            if not NAME.fullmatch(each):
                raise file.error_at(f"{each!r} is not a valid name of a {kind}: expected {VALID_NAME}", *path)
        if name in runtimes or name == COMMAND.name:
            raise file.error_at(f"the command {name!r} has the name of a runtime: expected another name", *path)
        try:
            words = tuple(shlex.split(text))
        except ValueError as error:
            raise file.error_at(f"the command {name!r} cannot be split into words: {error}", *path) from error
        if not words:
            raise file.error_at(f"the command {name!r} has no word", *path)
        found.append(SuiteCommand(benchmark=benchmark, name=name, words=words))
    return tuple(found)


def command_path(program: Program) -> tuple[str, ...]:
    """Return the keys of a command in the file of its suite."""
    benchmark = () if program.benchmark == COMMANDS else (program.benchmark,)
    return ("commands", *benchmark, program.runtime.name)


def programs_of(commands: Sequence[SuiteCommand], folder: Path, file: Path, output: Output) -> tuple[Program, ...]:
    """Return the programs of a suite's commands.

    Parameters
    ----------
    folder : that of the suite, in which they are started.
    file : describes the suite; a command that is no file of the suite is known by it.
    """
    found = []
    for command in commands:
        own = folder / command.words[0]
        runtime = Runtime(name=command.name, title=command.name, extension="", tools=(), run=Run(), is_default=True)
        found.append(
            Program(
                benchmark=command.benchmark,
                runtime=runtime,
                variant="",
                source=own if "/" in command.words[0] and own.is_file() else file,
                helpers=(),
                suite=folder,
                output=output,
                command=command.words,
            )
        )
    return tuple(found)


def command_suite(values: Sequence[tuple[str, int]], output: Output) -> Suite:
    """Return the suite of a comparison of two commands.

    Parameters
    ----------
    values
        What `{name}` in the commands stands for; it is recorded as the size.
    output
        How the output is read.
    """
    parameters = tuple(
        Parameter(name=name, full=value, quick=value, scales=False, power_of=None, unit=name) for name, value in values
    )
    benchmark = Benchmark(
        name="command",
        folder=_NOWHERE,
        title="Command",
        about="",
        timeout_s=DEFAULT_TIMEOUT_S,
        parameters=parameters,
        expected_result=None,
        expected_ledger=(),
        control_messages=None,
        throughput=None,
        live_strands=None,
        variant_labels=(),
        programs=(_either("command", _NOWHERE, output),),
    )
    return Suite(folder=_NOWHERE, benchmarks=(benchmark,), runtimes=(COMMAND,))


def named_commands(suite: Suite, name: str) -> dict[str, Program]:
    """Return the programs of a suite's command by their benchmarks; none if the suite has no such command."""
    programs = (program for benchmark in suite.benchmarks for program in benchmark.programs)
    return {each.benchmark: each for each in programs if each.command and each.runtime.name == name}


def suite_of_two(suite: Suite, base: str, head: str) -> Suite:
    """Return the suite of a comparison of two commands of a suite: the benchmarks that have both.

    Raises
    ------
    UsageError
        No benchmark has both.
    """
    sides = named_commands(suite, base), named_commands(suite, head)
    both = tuple(
        replace(benchmark, programs=(_either(benchmark.name, suite.folder, sides[0][benchmark.name].output),))
        for benchmark in suite.benchmarks
        if all(benchmark.name in side for side in sides)
    )
    if not both:
        raise UsageError(
            f"no benchmark has both commands: {base} is in {', '.join(sides[0])}, {head} in {', '.join(sides[1])}",
            "give two commands of one benchmark in [commands]",
        )
    return Suite(folder=suite.folder, benchmarks=both, runtimes=(COMMAND,))


def spec_of(suite: Suite, name: str) -> Spec:
    """Return the SPEC of a command of a suite."""
    of = tuple((benchmark, program.command) for benchmark, program in named_commands(suite, name).items())
    return Spec(
        text=name,
        source=Commanded(of=of, folder=suite.folder),
        runtime=RuntimeBuild.UNKNOWN,
        diagnostics=True,
        flags=(),
        settings=(),
    )


def _either(benchmark: str, folder: Path, output: Output) -> Program:
    """Return the program that stands for the command of either side."""
    return Program(
        benchmark=benchmark,
        runtime=COMMAND,
        variant="",
        source=_NOWHERE,
        helpers=(),
        suite=folder,
        arguments=(),
        output=output,
    )


def _entries(
    raw: Mapping[str, str | Mapping[str, str]],
) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Yield benchmark, name, text and the keys of each command."""
    for key, value in raw.items():
        if isinstance(value, str):
            yield COMMANDS, key, value, ("commands", key)
        else:
            for name, text in value.items():
                yield key, name, text, ("commands", key, name)
