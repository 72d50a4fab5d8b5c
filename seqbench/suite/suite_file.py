"""Read `suite.toml`: where the sources of a suite lie, and the runtimes of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seqbench.errors import UsageError, require_known
from seqbench.runtimes.base import Runtime
from seqbench.runtimes.load import runtime_of
from seqbench.runtimes.registry import RUNTIMES, arranged, document_of
from seqbench.suite.benchmarks import Program
from seqbench.suite.commands import NO_OUTPUT, programs_of, read_commands
from seqbench.suite.layout import LayoutError, check_layout
from seqbench.suite.names import SUITE_FILE
from seqbench.suite.output import LINES, Format, Output, OutputError, pattern_output
from seqbench.suite.schema import RawManifest, RawOutput, RawSuite, RawSuiteRuntime
from seqbench.toml_file import TomlFile, read_toml


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteRuntime:
    """A runtime as a suite uses it."""

    runtime: Runtime
    layout: str
    arguments: tuple[str, ...] | None = None
    """The arguments of its programs as templates; None for all parameters."""
    output: Output = LINES


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteFile:
    """What a suite says of itself."""

    file: TomlFile
    runtimes: tuple[SuiteRuntime, ...]
    commands: tuple[Program, ...]
    """Programs without sources."""
    layout: str
    manifests: Mapping[str, RawManifest]
    remarks: tuple[str, ...]
    """What the user should know, such as a runtime that replaces one of seqbench."""

    def manifest_of(self, name: str) -> TomlFile:
        """Return the table of a benchmark, whose errors name its lines."""
        return self.file.below("benchmarks", name)


def read_suite_file(folder: Path, given: Path | None = None) -> SuiteFile:
    """Read the file of a suite: the given one, else `suite.toml` in its folder, else all defaults.

    Raises
    ------
    UsageError
        The file is invalid, with its line; or the given one is missing.
    """
    path = given or folder / SUITE_FILE
    if given and not given.is_file():
        raise UsageError(f"--suite-file {given} does not exist", "check the path")
    file = read_toml(path) if path.is_file() else TomlFile(path=path, text="", document={})
    raw = file.convert(RawSuite)
    _check_layout(raw.layout.sources, file, "layout", "sources")
    output = _output(raw.output, file.below("output") if "output" in file.document else file)
    own = {name: _suite_runtime(name, raw.layout.sources, output, file) for name in raw.runtimes}
    replaced = {
        name: SuiteRuntime(runtime=runtime, layout=raw.layout.sources, output=output)
        for name, runtime in _shipped().items()
    }
    entries = {**replaced, **own}
    try:
        order = arranged(entry.runtime for entry in entries.values())
    except UsageError as error:
        raise file.error_at(error.message, "runtimes") from error
    of_commands = output if "output" in file.document else NO_OUTPUT
    remarks = tuple(
        f"{path.name} {'changes' if raw.runtimes[name].get('extends') == name else 'replaces'} the runtime {name}"
        for name in own
        if name in replaced
    )
    return SuiteFile(
        file=file,
        runtimes=tuple(replace(entries[runtime.name], runtime=runtime) for runtime in order),
        commands=programs_of(read_commands(raw.commands, file, entries), folder, path, of_commands),
        layout=raw.layout.sources,
        manifests=raw.benchmarks,
        remarks=remarks,
    )


def _shipped() -> dict[str, Runtime]:
    return {runtime.name: runtime for runtime in RUNTIMES}


def _suite_runtime(name: str, layout: str, output: Output, file: TomlFile) -> SuiteRuntime:
    table = file.below("runtimes", name)
    base = table.document.get("extends")
    if base is not None:
        try:
            require_known(str(base), tuple(_shipped()), "runtime", "extends")
        except UsageError as error:
            raise table.error_at(f"{error.message}; {error.fix}", "extends") from error
        merged = _merged(document_of(str(base)), table.document)
        table = TomlFile(path=table.path, text=table.text, document=merged, table=table.table)
    raw = table.convert(RawSuiteRuntime)
    if raw.sources:
        _check_layout(raw.sources, table, "sources")
    return SuiteRuntime(
        runtime=runtime_of(table, name, raw),
        layout=raw.sources or layout,
        arguments=None if raw.arguments is None else tuple(raw.arguments),
        output=output if raw.output is None else _output(raw.output, table.below("output")),
    )


def _output(raw: RawOutput, table: TomlFile) -> Output:
    is_wall = raw.clock == "wall"
    kind = Format(raw.format)
    if kind is not Format.PATTERN:
        if raw.pattern is not None:
            raise table.error_at(f'a pattern needs format = "pattern", found {raw.format!r}', "pattern")
        if kind is Format.NONE and raw.clock == "own":
            raise table.error_at('format = "none" reads no time of the program: expected clock = "wall"', "clock")
        return Output(format=kind, is_wall=is_wall or kind is Format.NONE)
    if raw.pattern is None:
        raise table.error_at('format = "pattern" needs [output.pattern] with `line`', "format")
    try:
        return pattern_output(raw.pattern.line, takes_last=raw.pattern.repeated == "last", is_wall=is_wall)
    except OutputError as error:
        raise table.error_at(str(error), "pattern", "line") from error


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table with the entries of another one in it; tables in it are merged alike."""
    merged = {**base, **over}
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            merged[key] = _merged(base[key], value)
    return merged


def _check_layout(layout: str, file: TomlFile, *path: str) -> None:
    try:
        check_layout(layout)
    except LayoutError as error:
        raise file.error_at(str(error), *path) from error
