"""Make commands that the user gave ready to run, in place of programs that are built."""

import hashlib
import os
import shlex
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from seqbench.bench.build import Executable
from seqbench.bench.programs import Side
from seqbench.errors import UsageError
from seqbench.sessions.session import Failed, Stage
from seqbench.suite.benchmarks import Benchmark, Program
from seqbench.toolchain.compiler_spec import Commanded
from seqbench.toolchain.places import content_digest
from seqbench.toolchain.template import TemplateError, fill
from seqbench.toolchain.toolchain import Toolchain

# A script that is named in a command is part of it; a large file is data.
_LARGEST_SCRIPT_BYTES = 16 << 20


def command_side(
    name: str, command: Commanded, benchmarks: Sequence[Benchmark], environment: Mapping[str, str]
) -> Side:
    """Return a side whose programs are commands: one for each benchmark.

    Raises
    ------
    UsageError
        There is no such program, or a command names a value that was not given.
    """
    found: dict[Program, Executable | Failed] = {}
    for benchmark in benchmarks:
        words = dict(command.of).get(benchmark.name)
        try:
            words = words or _literal(fill(command.words, _values(benchmark)))
        except TemplateError as error:
            fix = "give it with --set NAME=NUMBER, or write {{ and }} for braces"
            raise UsageError(f"{name}: {error}", fix) from error
        made = command_executable(words, command.folder or Path.cwd(), environment)
        if isinstance(made, Failed):
            raise UsageError(f"{name}: {made.detail}", f"correct this command: {shlex.join(words)}")
        found[benchmark.programs[0]] = made
    return Side(name=name, tools=_no_tools(environment), executables=found)


def command_executable(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Executable | Failed:
    """Return a command that is started in a folder with all variables of the user, or why it cannot be started."""
    program = words[0].replace("{{", "{").replace("}}", "}")
    where = str(folder / program) if "/" in program else program
    found = shutil.which(where, path=environment.get("PATH", os.defpath))
    if found is None:
        detail = f"no program {program!r} on PATH or in {folder}"
        return Failed(stage=Stage.START, reason="no such program", detail=detail)
    path = Path(found).absolute()
    return Executable(
        path=path,
        digest=_digest(path, words[1:], folder),
        command=(str(path),),
        arguments=tuple(words[1:]),
        environment=tuple(environment.items()),
        directory=folder,
    )


def _digest(program: Path, arguments: Sequence[str], folder: Path) -> str:
    """Return the digest of a command: its program, its words, and the scripts that these name."""
    # The same program with other arguments is another candidate.
    parts = [content_digest(program), *arguments]
    scripts = (folder / word for word in arguments if len(word) < os.pathconf("/", "PC_NAME_MAX"))
    parts += [content_digest(each) for each in scripts if _is_script(each)]
    whole = "\0".join(parts).encode("utf-8", "surrogateescape")
    return f"sha256:{hashlib.sha256(whole).hexdigest()}"


def _is_script(path: Path) -> bool:
    try:
        return path.is_file() and path.stat().st_size <= _LARGEST_SCRIPT_BYTES and os.access(path, os.R_OK)
    except (OSError, ValueError):
        return False


def _values(benchmark: Benchmark) -> dict[str, str]:
    return {parameter.name: str(parameter.full) for parameter in benchmark.parameters}


def _literal(words: Sequence[str]) -> tuple[str, ...]:
    """Return words so that filling them in changes nothing."""
    return tuple(word.replace("{", "{{").replace("}", "}}") for word in words)


def _no_tools(environment: Mapping[str, str]) -> Toolchain:
    return Toolchain(tools=(), search_path=environment.get("PATH", os.defpath))
