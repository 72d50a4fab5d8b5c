"""Make commands that the user gave ready to run, in place of programs that are built."""

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from seqbench.bench.build import Executable
from seqbench.bench.programs import Side
from seqbench.errors import UsageError
from seqbench.suite.benchmarks import Benchmark
from seqbench.toolchain.compiler_spec import Commanded
from seqbench.toolchain.places import content_digest
from seqbench.toolchain.template import TemplateError, fill
from seqbench.toolchain.toolchain import Toolchain


def command_side(name: str, command: Commanded, benchmark: Benchmark, environment: Mapping[str, str]) -> Side:
    """Return a side whose only program is a command, started in this folder with all variables of the user.

    Raises
    ------
    UsageError
        There is no such program, or the command names a value that was not given.
    """
    values = {parameter.name: str(parameter.full) for parameter in benchmark.parameters}
    try:
        words = fill(command.words, values)
    except TemplateError as error:
        raise UsageError(f"{name}: {error}", "give it with --set NAME=NUMBER, or write {{ and }} for braces") from error
    found = shutil.which(words[0], path=environment.get("PATH", os.defpath))
    if found is None:
        raise UsageError(f"{name}: no program {words[0]!r} on PATH or in {Path.cwd()}", "check the command")
    path = Path(found).absolute()
    # The same program with other arguments is another candidate.
    digest = hashlib.sha256("\0".join((content_digest(path), *words[1:])).encode("utf-8", "surrogateescape"))
    executable = Executable(
        path=path,
        digest=f"sha256:{digest.hexdigest()}",
        command=(str(path), *words[1:]),
        environment=tuple(environment.items()),
        directory=Path.cwd(),
    )
    tools = Toolchain(tools=(), search_path=environment.get("PATH", os.defpath))
    return Side(name=name, tools=tools, executables={benchmark.programs[0]: executable})
