"""Fill in the commands of a runtime: what builds, lints and starts one program. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from seqbench.runtimes.base import Runtime, Target
from seqbench.system.facts import Target as Choice
from seqbench.toolchain.template import Values, fill, fill_word
from seqbench.toolchain.toolchain import Toolchain

CPU_NAMES = frozenset({"cpu.level", "cpu.amd64", "cpu.arm64"})
"""The level of the target CPU, and the levels for compilers that read a variable of each architecture."""
SEVERAL = frozenset({"flags", "target"})
"""Names that become none or more words."""
RUN_NAMES = frozenset({"source", "sources", "suite", "output", "cache", "benchmark", "variant", "base", "stem", "name"})
"""What commands that start a program may name, besides the tools."""
BUILD_NAMES = RUN_NAMES | SEVERAL | CPU_NAMES
"""What commands that build and lint may name, besides the tools."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The commands of a build or a check, with the variables that they add to the basic ones."""

    commands: tuple[tuple[str, ...], ...]
    environment: Mapping[str, str]
    made: Path
    """What must exist after a build."""
    files: tuple[tuple[str, str], ...] = ()
    """Names and contents of files for the folder that the commands are started in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How a built program is started: its command without the parameters, and its fixed variables."""

    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The files of one program while it is built, linted or run."""

    benchmark: str
    variant: str
    suite: Path
    """The root of the copies of the sources."""
    source: Path
    """The copy of the source."""
    output: Path
    cache: Path


def build_recipe(runtime: Runtime, toolchain: Toolchain, places: Places) -> Recipe:
    """Return the commands that build a program.

    Raises
    ------
    ToolchainError
        A tool of the runtime is missing.
    """
    build = runtime.build
    if build is None:
        return Recipe(commands=(), environment={}, made=places.source)
    values = _values(runtime, toolchain, places)
    target = _target(runtime, toolchain)
    environment = {
        **_tool_environment(runtime, toolchain),
        **{key: fill_word(word, values) for key, word in (*build.environment, *target.environment)},
    }
    return Recipe(
        commands=tuple(fill(command, values) for command in build.commands),
        environment=environment,
        made=Path(fill_word(build.made, values)),
        files=_files(runtime, values),
    )


def lint_recipe(runtime: Runtime, toolchain: Toolchain, places: Places) -> Recipe:
    """Return the commands that must find nothing in a program.

    Raises
    ------
    ToolchainError
        A tool of the runtime is missing.
    """
    values = _values(runtime, toolchain, places)
    environment = _tool_environment(runtime, toolchain)
    if runtime.build:
        environment |= {key: fill_word(word, values) for key, word in runtime.build.environment}
    commands = tuple(fill(command, values) for command in runtime.lint)
    return Recipe(commands=commands, environment=environment, made=places.source, files=_files(runtime, values))


def start(runtime: Runtime, toolchain: Toolchain, places: Places) -> Start:
    """Return how a built program is started.

    Raises
    ------
    ToolchainError
        A tool of the runtime is missing.
    """
    values = _values(runtime, toolchain, places)
    used = {name for word in runtime.run.command for name in re.findall(r"\{([^{}.]+)", word)}
    tools = [toolchain.tool(need.key) for need in runtime.tools if need.name in used]
    variables = {key: value for tool in tools for key, value in tool.environment}
    variables |= {key: fill_word(word, values) for key, word in runtime.run.environment}
    return Start(command=fill(runtime.run.command, values), environment=tuple(variables.items()))


def class_name(file_name: str) -> str:
    """Return the name of a source up to the first dot or @, with `_` for `-`: `fan_out` for `fan-out.fast.java`."""
    return re.split(r"[.@]", file_name, maxsplit=1)[0].replace("-", "_")


def stem(file_name: str) -> str:
    """Return the name of a source without its ending, with `-` for dots: `skynet-may` for `skynet.may.rs`."""
    return file_name.rpartition(".")[0].replace(".", "-")


def _values(runtime: Runtime, toolchain: Toolchain, places: Places) -> Values:
    tools = [(need.name, toolchain.tool(need.key)) for need in runtime.tools]
    values: dict[str, str | tuple[str, ...]] = {
        "source": str(places.source),
        "sources": str(places.source.parent),
        "suite": str(places.suite),
        "output": str(places.output),
        "cache": str(toolchain.target_cpu.cache(places.cache) if toolchain.target_cpu else places.cache),
        "benchmark": places.benchmark,
        "variant": places.variant,
        "base": places.source.name.removesuffix(runtime.extension),
        "stem": stem(places.source.name),
        "name": class_name(places.source.name),
        "flags": tuple(flag for _, tool in tools for flag in tool.flags),
    }
    cpu = toolchain.target_cpu
    levels = {"cpu.level": cpu.level, "cpu.amd64": cpu.amd64, "cpu.arm64": cpu.arm64} if cpu else {}
    values |= dict.fromkeys(CPU_NAMES, "") | levels
    values["target"] = fill(_target(runtime, toolchain).flags, values)
    for name, tool in tools:
        values |= {name: str(tool.path), f"{name}.folder": str(tool.path.parent), f"{name}.version": tool.version}
    return values


def _target(runtime: Runtime, toolchain: Toolchain) -> Target:
    is_native = toolchain.target_cpu is not None and toolchain.target_cpu.choice is Choice.NATIVE
    build = runtime.build
    return (build and (build.native if is_native else build.baseline)) or Target()


def _tool_environment(runtime: Runtime, toolchain: Toolchain) -> dict[str, str]:
    """Return the variables of all tools, with those that others start by name first on PATH."""
    tools = [toolchain.tool(need.key) for need in runtime.tools]
    by_name = [need for need in runtime.tools if runtime.build and need.name in runtime.build.path]
    folders = [tool.folder or tool.path.parent for tool in (toolchain.tool(need.key) for need in by_name)]
    return {
        **{key: value for tool in tools for key, value in tool.environment},
        "PATH": ":".join([*map(str, folders), toolchain.search_path]),
    }


def _files(runtime: Runtime, values: Values) -> tuple[tuple[str, str], ...]:
    return tuple((name, fill_word(text, values)) for name, text in runtime.build.files) if runtime.build else ()
