"""Read a runtime from its TOML file, and check everything that can be checked without its tools."""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from seqbench.formula import Formula, FormulaError, parse_formula
from seqbench.runtimes.base import (
    Build,
    CompilerBug,
    QuickStart,
    Run,
    Runtime,
    SelfReport,
    Startup,
    StrandCost,
    Target,
)
from seqbench.runtimes.load_tools import tools_of
from seqbench.runtimes.placeholders import names_of_tool, require_known_names
from seqbench.runtimes.recipes import BUILD_NAMES, CPU_NAMES, RUN_NAMES, SEVERAL
from seqbench.runtimes.schema import (
    RawBuild,
    RawCompilerBug,
    RawQuickStart,
    RawReport,
    RawRuntime,
    RawSetting,
    RawStrand,
)
from seqbench.toml_file import TomlFile, read_toml
from seqbench.toolchain.settings import MOST_COUNT, Kind, Setting
from seqbench.units import NS_PER_S, parse_bytes, parse_duration_s

T = TypeVar("T")

NAME = re.compile(r"[a-z][a-z0-9-]*")


def load_runtime(path: Path) -> Runtime:
    """Read the file of a runtime, whose name is that of the file.

    Raises
    ------
    UsageError
        The file is invalid; the message names the line.
    """
    file = read_toml(path)
    return runtime_of(file, path.stem, file.convert(RawRuntime))


def runtime_of(file: TomlFile, name: str, raw: RawRuntime) -> Runtime:
    """Return the runtime that a table describes; `raw` is the table as a struct.

    Raises
    ------
    UsageError
        The table is invalid; the message names the line.
    """
    return _Reader(file, name, raw).runtime()


class _Reader:
    """Reads one table, and raises errors that name its file and line."""

    def __init__(self, file: TomlFile, name: str, raw: RawRuntime) -> None:
        self._file = file
        self._name = name
        self._raw = raw
        self._tool_names = frozenset(full for tool in self._raw.tools for full in names_of_tool(tool))

    def runtime(self) -> Runtime:
        raw = self._raw
        if not NAME.fullmatch(self._name):
            raise self._file.error_at(
                f"{self._name!r} is not a valid name of a runtime: expected lower-case letters, digits and hyphens"
            )
        run_names = RUN_NAMES | self._tool_names
        self._check_words(raw.run.command, run_names, "run", "command")
        self._check_words(raw.run.environment.values(), run_names, "run", "environment")
        for command in raw.lint.commands if raw.lint else ():
            self._check_words(command, BUILD_NAMES | self._tool_names, "lint", "commands")
        return Runtime(
            name=self._name,
            title=raw.title,
            extension=raw.extension,
            tools=tools_of(self._file, raw),
            run=Run(
                command=tuple(raw.run.command),
                environment=tuple(raw.run.environment.items()),
                settings=tuple(raw.run.settings),
                in_source_folder=raw.run.folder == "source",
            ),
            known_settings=tuple(self._setting(name, setting) for name, setting in raw.settings.items()),
            build=self._build(raw.build) if raw.build else None,
            lint=tuple(tuple(command) for command in raw.lint.commands) if raw.lint else (),
            cost=self._cost(raw.strand) if raw.strand else None,
            startup=self._startup(),
            quick_start=self._quick_start(raw.quick_start) if raw.quick_start else None,
            report=_report(raw.report) if raw.report else None,
            compiler_bug=self._compiler_bug(raw.compiler_bug) if raw.compiler_bug else None,
            aliases=tuple(raw.alias),
            is_default=raw.default,
            shared=tuple(raw.build.shared) if raw.build else (),
            entry=raw.build.entry if raw.build else "",
            library=raw.library,
            template=self._template(),
            position=raw.position,
        )

    def _build(self, raw: RawBuild) -> Build:
        names = BUILD_NAMES | self._tool_names
        for command in raw.commands:
            if not command:
                raise self._file.error_at("a command has no word", "build", "commands")
            self._check_words(command, names, "build", "commands")
        self._check_words([raw.made], names - SEVERAL, "build", "made")
        self._check_words(raw.environment.values(), names - SEVERAL, "build", "environment")
        self._check_words(raw.files.values(), names - SEVERAL, "build", "files")
        for tool in raw.path:
            if tool not in self._raw.tools:
                raise self._file.error_at(f"{tool!r} in path is not one of the tools", "build", "path")
        for shared in (*raw.shared, *raw.files):
            if Path(shared).is_absolute() or ".." in Path(shared).parts:
                raise self._file.error_at(f"{shared!r} is not a file within the folder", "build")
        return Build(
            commands=tuple(tuple(command) for command in raw.commands),
            makes_folder=raw.output == "folder",
            made=raw.made,
            path=tuple(raw.path),
            files=tuple(raw.files.items()),
            environment=tuple(raw.environment.items()),
            baseline=self._target("baseline", raw.baseline),
            native=self._target("native", raw.native),
        )

    def _target(self, key: str, raw: Mapping[str, str | list[str]]) -> Target | None:
        variables: list[tuple[str, str]] = []
        flags: tuple[str, ...] = ()
        for name, value in raw.items():
            if name == "flags" and isinstance(value, list):
                flags = tuple(value)
            elif isinstance(value, str) and name != "flags":
                variables.append((name, value))
            else:
                raise self._file.error_at(f"{key}.{name}: expected `flags` as a list, variables as text", "build", key)
        self._check_words([*flags, *(value for _, value in variables)], CPU_NAMES, "build", key)
        return Target(environment=tuple(variables), flags=flags) if raw else None

    def _cost(self, raw: RawStrand) -> StrandCost:
        return StrandCost(
            maps_base=round(raw.base.maps),
            maps_per_strand=raw.each.maps,
            bytes_base=self._bytes(raw.base.bytes, "base", "bytes"),
            bytes_per_strand=self._bytes(raw.each.bytes, "each", "bytes"),
            address_base=self._bytes(raw.base.address, "base", "address"),
            address_per_strand=self._bytes(raw.each.address, "each", "address"),
            threads_base=round(raw.base.threads),
            threads_per_strand=raw.each.threads,
        )

    def _bytes(self, value: int | str, *path: str) -> int:
        return self._checked(lambda: parse_bytes(str(value)), "strand", *path)

    def _startup(self) -> Startup | None:
        raw = self._raw.startup
        if raw is None:
            return None
        processor = raw.processor
        return Startup(
            most_ns=self._duration_ns(raw.most, "startup", "most"),
            per=self._durations_ns(raw.per, "startup", "per"),
            processor_ns=self._duration_ns(processor.most, "startup", "processor", "most") if processor else None,
            processor_per=self._durations_ns(processor.per, "startup", "processor", "per") if processor else (),
            unset=tuple(raw.unset.items()),
        )

    def _durations_ns(self, per: Mapping[str, str], *path: str) -> tuple[tuple[str, int], ...]:
        return tuple((name, self._duration_ns(text, *path, name)) for name, text in per.items())

    def _duration_ns(self, text: str, *path: str) -> int:
        return round(self._checked(lambda: parse_duration_s(text), *path) * NS_PER_S)

    def _quick_start(self, raw: RawQuickStart) -> QuickStart:
        def formula(name: str, text: str) -> Formula:
            parsed = self._checked(lambda: parse_formula(text), "quick-start", "set", name)
            self._checked(lambda: parsed.value({"live": 1}), "quick-start", "set", name)
            return parsed

        settings = tuple((name, formula(name, str(text))) for name, text in raw.set.items())
        return QuickStart(settings=settings, below=raw.below)

    def _setting(self, name: str, raw: RawSetting) -> Setting:
        setting = Setting(
            name=name,
            kind=raw.kind,
            meaning=raw.meaning,
            default=raw.default,
            unit=raw.unit,
            least=raw.least,
            most=MOST_COUNT if raw.most is None else raw.most,
            words=tuple(raw.words),
            only_with=raw.only_with,
            levels=tuple(raw.levels),
            serves_strands=raw.serves_strands,
            slows_all=raw.slows_all,
            maps_each=raw.maps_each,
        )
        where = ("settings", name)
        if raw.kind is Kind.CHOICE and not raw.words:
            raise self._file.error_at(f"{name} is a choice without words", *where, "kind")
        for key, values in (("default", (raw.default,)), ("levels", raw.levels)):
            for value in values:
                if value and not setting.is_valid(value):
                    expected = f"{name} cannot be {value!r}: expected {setting.expected()}"
                    raise self._file.error_at(expected, *where, key)
        if raw.only_with and raw.only_with not in self._raw.settings:
            raise self._file.error_at(f"{raw.only_with!r} is not one of the settings", *where, "only-with")
        return setting

    def _compiler_bug(self, raw: RawCompilerBug) -> CompilerBug:
        if raw.tool not in self._raw.tools:
            raise self._file.error_at(f"{raw.tool!r} is not one of the tools", "compiler-bug", "tool")
        try:
            re.compile(raw.pattern)
        except re.error as error:
            raise self._file.error_at(f"pattern does not compile: {error}", "compiler-bug", "pattern") from error
        return CompilerBug(tool=raw.tool, pattern=raw.pattern, keep=raw.keep, fix=raw.fix)

    def _template(self) -> Path | None:
        if not self._raw.template:
            return None
        path = self._file.path.parent / self._raw.template
        if not path.is_file():
            raise self._file.error_at(f"there is no {path}", "template")
        return path

    def _checked(self, parse: Callable[[], T], *path: str) -> T:
        try:
            return parse()
        except (ValueError, FormulaError) as error:
            raise self._file.error_at(f"{path[-1]}: {error}", *path) from error

    def _check_words(self, words: Iterable[str], known: frozenset[str], *path: str) -> None:
        require_known_names(self._file, words, known, *path)


def _report(raw: RawReport) -> SelfReport:
    return SelfReport(
        settings=tuple(raw.settings.items()),
        names=tuple(raw.json.items()),
        on_stderr=raw.stream == "stderr",
        own_strands=raw.own_strands,
        fix=raw.fix,
    )
