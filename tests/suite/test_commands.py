from seqbench.suite.commands import COMMAND, NO_OUTPUT, command_suite
from seqbench.suite.manifest import sources_digest


def test_two_commands_are_a_suite_of_one_benchmark_without_sources() -> None:
    suite = command_suite((("n", 7),), NO_OUTPUT)
    (benchmark,) = suite.benchmarks
    (program,) = benchmark.programs

    assert suite.default_runtimes == (COMMAND,)
    assert [(parameter.name, parameter.full) for parameter in benchmark.parameters] == [("n", 7)]
    assert (program.output, program.arguments) == (NO_OUTPUT, ())
    assert sources_digest(suite) == sources_digest(command_suite((), NO_OUTPUT))
