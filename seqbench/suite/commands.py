"""Describe two commands as a suite of one benchmark, so that they are compared as programs are. Pure."""

from collections.abc import Sequence
from pathlib import Path

from seqbench.runtimes.base import Run, Runtime
from seqbench.suite.benchmarks import DEFAULT_TIMEOUT_S, Benchmark, Parameter, Program, Suite
from seqbench.suite.output import Format, Output

COMMAND = Runtime(name="run", title="Command", extension=".run", tools=(), run=Run())
"""What stands in for a runtime: the commands are given, and nothing is built."""
NO_OUTPUT = Output(format=Format.NONE, is_wall=True)


def command_suite(values: Sequence[tuple[str, int]], output: Output) -> Suite:
    """Return the suite of a comparison of two commands.

    Parameters
    ----------
    values
        What `{name}` in the commands stands for; it is recorded as the size.
    output
        How the output is read.
    """
    program = Program(
        benchmark="command",
        runtime=COMMAND,
        variant="",
        source=Path("command"),
        helpers=(),
        suite=Path(),
        arguments=(),
        output=output,
    )
    parameters = tuple(
        Parameter(name=name, full=value, quick=value, scales=False, power_of=None, unit=name) for name, value in values
    )
    benchmark = Benchmark(
        name="command",
        folder=Path("command"),
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
        programs=(program,),
    )
    return Suite(folder=Path("command"), benchmarks=(benchmark,), runtimes=(COMMAND,))
