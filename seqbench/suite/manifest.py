"""Read a folder of benchmarks: each `benchmark.toml` and the programs beside it."""

import difflib
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from seqbench.errors import UsageError
from seqbench.formula import Formula, FormulaError, parse_formula
from seqbench.runtimes.placeholders import unknown_name
from seqbench.runtimes.registry import RUNTIMES
from seqbench.suite.benchmarks import (
    DEFAULT_TIMEOUT_S,
    Benchmark,
    Parameter,
    Program,
    Suite,
    Throughput,
    size_problem,
)
from seqbench.suite.commands import command_path
from seqbench.suite.layout import DEFAULT_LAYOUT
from seqbench.suite.names import MANIFEST, NAME, VALID_NAME
from seqbench.suite.schema import RawManifest, RawParameter
from seqbench.suite.sources import find_programs
from seqbench.suite.suite_file import SuiteFile, read_suite_file
from seqbench.toml_file import TomlFile, read_toml
from seqbench.toolchain.template import names_in
from seqbench.units import parse_duration_s

# A longer word of a command is a script, and asking the system for a file of that name is an error.
_LONGEST_PATH = 255


def benchmark_names(folder: Path) -> tuple[str, ...]:
    """Return the names of the benchmarks in a folder, without reading manifests; empty when the folder is missing.

    Raises
    ------
    UsageError
        The folder's `suite.toml` is invalid, with its line.
    """
    if not folder.is_dir():
        return ()
    said = read_suite_file(folder)
    return tuple(_programs_by_name(folder, said, _all_programs(folder, said)))


def load_suite(folder: Path, suite_file: Path | None = None) -> Suite:
    """Read every benchmark below `folder`.

    Parameters
    ----------
    suite_file : describes the suite in place of `suite.toml` in the folder.

    Raises
    ------
    UsageError
        The folder is missing or contains no benchmark, or a file is invalid (with its line).
    """
    said = read_suite_file(folder, suite_file)
    found = _all_programs(folder, said) if folder.is_dir() else {}
    programs = _programs_by_name(folder, said, found)
    if not programs:
        if said.layout != DEFAULT_LAYOUT:
            raise UsageError(
                f"no benchmark in {folder}: no source of a known runtime fits the layout {said.layout!r}",
                f"correct [layout] in {said.file.path}",
            )
        extensions = [entry.runtime.extension for entry in said.runtimes if entry.runtime.is_default]
        expected = " and ".join(f"NAME/NAME{extension}" for extension in extensions)
        raise UsageError(f"no benchmark in {folder}: expected folders that contain {expected}", "{invoke} new NAME")
    for name in said.manifests:
        if name not in programs:
            near = difflib.get_close_matches(name, programs, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"available: {', '.join(programs)}"
            raise said.file.error_at(f"there is no program of the benchmark {name!r}; {hint}", "benchmarks", name)
    return Suite(
        folder=folder,
        benchmarks=tuple(_load_benchmark(folder / name, found, said) for name, found in programs.items()),
        runtimes=(
            *(entry.runtime for entry in said.runtimes),
            *dict.fromkeys(program.runtime for program in said.commands),
        ),
        remarks=(*said.remarks, *_unusable(folder, said, found)),
    )


def sources_digest(suite: Suite) -> str:
    """Return the SHA-256 over the names and contents of all files that affect the measurement, as `sha256:...`."""
    return _digest(suite.benchmarks)


def benchmark_digest(benchmark: Benchmark) -> str:
    """Return the digest of one benchmark's files, as `sources_digest` does for all."""
    return _digest((benchmark,))


def source_files(benchmark: Benchmark) -> tuple[Path, ...]:
    """Return the files of a benchmark that affect the measurement: its manifest, its programs and their helpers."""
    files = {benchmark.folder / MANIFEST, *([benchmark.suite_file] if benchmark.suite_file else [])}
    for program in benchmark.programs:
        files.update((program.source, *program.helpers))
        # A command may start a script of the suite by an interpreter: `python3 old.py {n}`.
        named = (program.suite / word for word in program.command if len(word.encode()) <= _LONGEST_PATH)
        files.update(file for file in named if file.is_relative_to(program.suite))
    return tuple(sorted(file for file in files if file.is_file()))


def _digest(benchmarks: tuple[Benchmark, ...]) -> str:
    digest = hashlib.sha256()
    for benchmark in benchmarks:
        for file in source_files(benchmark):
            content = file.read_bytes()
            name = file.relative_to(benchmark.folder) if file.is_relative_to(benchmark.folder) else file.name
            digest.update(f"{benchmark.name}/{name} {len(content)}\n".encode() + content)
    return f"sha256:{digest.hexdigest()}"


def _all_programs(folder: Path, said: SuiteFile) -> dict[str, list[Program]]:
    """Return everything that is the source of a runtime, or a command, by the name of its benchmark."""
    programs: dict[str, list[Program]] = {}
    for program in (*find_programs(folder, said.runtimes), *said.commands):
        programs.setdefault(program.benchmark, []).append(program)
    return programs


def _unusable(folder: Path, said: SuiteFile, programs: Mapping[str, Sequence[Program]]) -> Iterator[str]:
    """Yield a remark that names the sources whose benchmarks have no valid name; a layout of seqbench has none."""
    # Names that begin with `_`, which a layout reads as `-`, are those of modules: `__init__`.
    names = [name for name in programs if not NAME.fullmatch(name) and not name.startswith("-")]
    if said.layout == DEFAULT_LAYOUT or not names:
        return
    sources = [program.source.relative_to(folder).as_posix() for name in names for program in programs[name]]
    yield (
        f"left out: {', '.join(sources)}: the name of a benchmark has {VALID_NAME}; "
        f"rename the source, or correct [layout] in {said.file.path.name}"
    )


def _programs_by_name(
    folder: Path, said: SuiteFile, programs: Mapping[str, Sequence[Program]]
) -> dict[str, tuple[Program, ...]]:
    """Return the programs of each benchmark by its name, in the order of the names."""
    if said.layout != DEFAULT_LAYOUT:
        return {name: tuple(programs[name]) for name in sorted(programs) if NAME.fullmatch(name)}
    # A folder with helpers and variants only is none.
    plain = {name for name, found in programs.items() if any(not program.variant for program in found)}
    described = {path.parent.name for path in folder.glob(f"*/{MANIFEST}")}
    return {name: tuple(programs.get(name, ())) for name in sorted(plain | described)}


def _load_benchmark(folder: Path, programs: tuple[Program, ...], said: SuiteFile) -> Benchmark:
    if not NAME.fullmatch(folder.name):
        raise UsageError(
            f"{folder}: {folder.name!r} is not a valid name of a benchmark: expected {VALID_NAME}",
            f"rename the folder and its sources, for example to {_name_like(folder.name)}",
        )
    reader = _ManifestReader(_manifest_file(folder, said))
    raw = reader.raw
    if not programs:
        expected = " or ".join(f"{folder.name}{runtime.extension}" for runtime in RUNTIMES if runtime.is_default)
        raise UsageError(
            f"{folder} has a {MANIFEST} but no program: expected {expected}",
            "write one of them, or remove the folder",
        )
    parameters = tuple(reader.parameter(name, value) for name, value in raw.parameters.items())
    for parameter in [parameter for parameter in parameters if parameter.scales][1:]:
        raise reader.error_at("more than one parameter has scales = true", "parameters", parameter.name, "scales")
    for program in programs:
        _check_arguments(program, frozenset(parameter.name for parameter in parameters), said)
    variants = {program.variant for program in programs}
    for name in raw.variants:
        if name not in variants:
            expected = f"a file such as {folder.name}.{name}{programs[-1].runtime.extension}"
            raise reader.error_at(f"no source for the variant {name!r}: expected {expected}", "variants", name)
    return Benchmark(
        name=folder.name,
        folder=folder,
        suite_file=said.file.path if said.file.text else None,
        title=raw.title or folder.name.replace("-", " ").capitalize(),
        about=raw.about,
        timeout_s=reader.timeout_s(),
        parameters=parameters,
        expected_result=reader.formula(raw.expect.result, "expect", "result"),
        expected_ledger=tuple(
            (key, reader.required_formula(value, "expect", "ledger", key)) for key, value in raw.expect.ledger.items()
        ),
        control_messages=reader.formula(raw.expect.control_messages, "expect", "control-messages"),
        throughput=reader.throughput(),
        live_strands=reader.formula(raw.needs.live_strands, "needs", "live-strands"),
        variant_labels=tuple(
            (name, raw.variants[name].label if name in raw.variants else name) for name in sorted(variants - {""})
        ),
        programs=programs,
    )


def _check_arguments(program: Program, parameters: frozenset[str], said: SuiteFile) -> None:
    """Raise an error where a command or an argument names something that is no parameter of the benchmark."""
    path = command_path(program) if program.command else ("runtimes", program.runtime.name, "arguments")
    words = program.command or program.arguments or ()
    for place, word in enumerate(words):
        # What a command starts is the same at all sizes.
        known = frozenset[str]() if program.command and place == 0 else parameters
        for name in names_in([word]):
            if name not in known:
                raise said.file.error_at(f"{program.benchmark}: {unknown_name(word, name, known)}", *path)


def _name_like(text: str) -> str:
    """Return a valid benchmark name that is similar to the text."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).lstrip("-0123456789").rstrip("-") or "my-benchmark"


def _manifest_file(folder: Path, said: SuiteFile) -> TomlFile:
    """Return the manifest of a benchmark: its table in the file of the suite, else the file in its folder."""
    if folder.name in said.manifests:
        return said.manifest_of(folder.name)
    path = folder / MANIFEST
    return read_toml(path) if path.exists() else TomlFile(path=path, text="", document={})


class _ManifestReader:
    """Reads one manifest, and raises errors that name the file and the line."""

    def __init__(self, file: TomlFile) -> None:
        self.raw = file.convert(RawManifest)
        self.error_at = file.error_at

    def parameter(self, name: str, raw: RawParameter) -> Parameter:
        for label, value in (("full", raw.full), ("quick", raw.quick), ("power-of", raw.power_of or 2)):
            least = 2 if label == "power-of" else 1  # all powers of 1 are 1
            if value < least:
                problem = f"{label} = {value} of the parameter {name!r} is too small: expected at least {least}"
                raise self.error_at(problem, "parameters", name, label)
        parameter = Parameter(
            name=name,
            full=raw.full,
            quick=raw.quick,
            scales=raw.scales,
            power_of=raw.power_of,
            unit=raw.unit or name.replace("_", " "),
            aliases=raw.aliases,
        )
        for label, value in (("full", raw.full), ("quick", raw.quick)):
            if problem := size_problem(parameter, value):
                raise self.error_at(problem, "parameters", name, label)
        return parameter

    def formula(self, text: str | int | None, *path: str) -> Formula | None:
        return None if text is None else self.required_formula(text, *path)

    def required_formula(self, text: str | int, *path: str) -> Formula:
        try:
            formula = parse_formula(str(text))
            formula.value({name: parameter.quick for name, parameter in self.raw.parameters.items()})
        except FormulaError as error:
            raise self.error_at(f"{path[-1]}: {error}", *path) from error
        return formula

    def throughput(self) -> Throughput | None:
        raw = self.raw.throughput
        return (
            None
            if raw is None
            else Throughput(unit=raw.unit, count=self.required_formula(raw.count, "throughput", "count"))
        )

    def timeout_s(self) -> float:
        if self.raw.timeout is None:
            return DEFAULT_TIMEOUT_S
        try:
            return parse_duration_s(self.raw.timeout)
        except ValueError as error:
            raise self.error_at(f"timeout: {error}", "timeout") from error
