"""Turn two commands, or the names of two commands of the suite, into a request to compare them."""

from dataclasses import replace

from seqbench.bench.request import Request
from seqbench.compare.document import ComparisonRequest
from seqbench.errors import UsageError
from seqbench.suite.commands import COMMAND, NO_OUTPUT, command_suite, named_commands, spec_of, suite_of_two
from seqbench.suite.names import NAME
from seqbench.suite.output import Output, OutputError, pattern_output
from seqbench.toolchain.compiler_spec import is_command, parse_spec


def request_of_commands(request: Request, comparison: ComparisonRequest) -> tuple[Request, ComparisonRequest]:
    """Return the request with the suite of two commands and the comparison with their SPECs; others stay as they are.

    Raises
    ------
    UsageError
        Only one side is a command, or a flag does not go with commands.
    """
    sides = comparison.base.text, comparison.head.text
    named = {text: text for text in sides if not is_command(text) and _is_in_suite(text, request)}
    are_commands = [is_command(text) or text in named for text in sides]
    if not all(is_command(text) for text in sides):
        for flag, given in (("--set", comparison.values), ("--pattern", comparison.pattern)):
            if given:
                raise UsageError(
                    f"{flag} is for commands: expected --base run:... and --head run:...", f"remove {flag}"
                )
    if not any(are_commands):
        return request, comparison
    if not all(are_commands) or 0 < len(named) < len(set(sides)) or request.runtimes:
        raise UsageError(
            "a command can only be compared with another command, without --runtime",
            "give --base 'run:...' and --head 'run:...', or two names of [commands] in the suite's file",
        )
    if named:
        suite = request.load_suite()
        specs = [spec_of(suite, text) for text in sides]
        of_two = suite_of_two(suite, *sides)
    else:
        if request.only:
            raise UsageError("--only is for benchmarks: two commands are one", "remove --only")
        specs = [parse_spec(text) for text in sides]
        of_two = command_suite(comparison.values, _output(comparison.pattern))
    asked = replace(request, suite=of_two, runtimes=(COMMAND.name,))
    return asked, replace(comparison, base=specs[0], head=specs[1])


def _is_in_suite(name: str, request: Request) -> bool:
    return bool(NAME.fullmatch(name)) and bool(named_commands(request.load_suite(), name))


def _output(pattern: str) -> Output:
    try:
        return pattern_output(pattern, takes_last=False, is_wall=False) if pattern else NO_OUTPUT
    except OutputError as error:
        raise UsageError(f"--pattern: {error}", r"use a group such as '(?P<elapsed_ms>\d+) ms'") from error
