"""Read a folder of benchmarks: each `benchmark.toml` and the programs beside it."""

import hashlib
import re
from pathlib import Path

import msgspec

from seqbench.errors import UsageError
from seqbench.formula import Formula, FormulaError, parse_formula
from seqbench.runtimes.registry import DEFAULT_RUNTIMES, RUNTIMES
from seqbench.suite.benchmarks import (
    DEFAULT_TIMEOUT_S,
    Benchmark,
    Parameter,
    Program,
    Suite,
    Throughput,
    size_problem,
)
from seqbench.suite.names import MANIFEST, NAME, VALID_NAME
from seqbench.toml_file import TomlFile, read_toml
from seqbench.units import parse_duration_s


def benchmark_names(folder: Path) -> tuple[str, ...]:
    """Return the names of the benchmarks in a folder, without reading manifests; empty when the folder is missing."""
    if not folder.is_dir():
        return ()
    return tuple(sorted(child.name for child in folder.iterdir() if _is_benchmark(child)))


def load_suite(folder: Path) -> Suite:
    """Read every benchmark below `folder`.

    Raises
    ------
    UsageError
        The folder is missing or contains no benchmark, or a manifest is invalid (with its file and line).
    """
    names = benchmark_names(folder)
    if not names:
        raise UsageError(
            f"no benchmark in {folder}: expected folders that contain NAME/NAME.seq and NAME/NAME.go",
            "{invoke} new NAME",
        )
    return Suite(folder=folder, benchmarks=tuple(_load_benchmark(folder / name) for name in names))


def sources_digest(suite: Suite) -> str:
    """Return the SHA-256 over the names and contents of all files that affect the measurement, as `sha256:...`."""
    return _digest(suite.benchmarks)


def benchmark_digest(benchmark: Benchmark) -> str:
    """Return the digest of one benchmark's files, as `sources_digest` does for all."""
    return _digest((benchmark,))


def source_files(benchmark: Benchmark) -> tuple[Path, ...]:
    """Return the files of a benchmark that affect the measurement: its manifest, its programs and their helpers."""
    files = {benchmark.folder / MANIFEST}
    for program in benchmark.programs:
        files.update((program.source, *program.helpers))
    return tuple(sorted(file for file in files if file.is_file()))


def _digest(benchmarks: tuple[Benchmark, ...]) -> str:
    digest = hashlib.sha256()
    for benchmark in benchmarks:
        for file in source_files(benchmark):
            content = file.read_bytes()
            digest.update(f"{benchmark.name}/{file.name} {len(content)}\n".encode() + content)
    return f"sha256:{digest.hexdigest()}"


def _is_benchmark(folder: Path) -> bool:
    return folder.is_dir() and (
        (folder / MANIFEST).is_file() or any((folder / f"{folder.name}{r.extension}").is_file() for r in RUNTIMES)
    )


class _RawParameter(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    full: int
    quick: int
    scales: bool = False
    power_of: int | None = None
    unit: str = ""
    aliases: tuple[str, ...] = ()


class _RawExpect(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    result: str | int | None = None
    ledger: dict[str, str | int] = {}
    control_messages: str | int | None = None


class _RawThroughput(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    unit: str
    count: str | int


class _RawNeeds(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    live_strands: str | int | None = None


class _RawVariant(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    label: str


class _RawManifest(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    title: str | None = None
    about: str = ""
    timeout: str | None = None
    parameters: dict[str, _RawParameter] = {}
    expect: _RawExpect = _RawExpect()
    throughput: _RawThroughput | None = None
    needs: _RawNeeds = _RawNeeds()
    variants: dict[str, _RawVariant] = {}


def _load_benchmark(folder: Path) -> Benchmark:
    if not NAME.fullmatch(folder.name):
        raise UsageError(
            f"{folder}: {folder.name!r} is not a valid name of a benchmark: expected {VALID_NAME}",
            f"rename the folder and its sources, for example to {_name_like(folder.name)}",
        )
    programs = _programs(folder)
    manifest = folder / MANIFEST
    reader = _ManifestReader(manifest)
    raw = reader.raw
    if not programs:
        expected = " or ".join(f"{folder.name}{runtime.extension}" for runtime in DEFAULT_RUNTIMES)
        raise UsageError(
            f"{folder} has a {MANIFEST} but no program: expected {expected}",
            "write one of them, or remove the folder",
        )
    parameters = tuple(reader.parameter(name, value) for name, value in raw.parameters.items())
    for parameter in [parameter for parameter in parameters if parameter.scales][1:]:
        raise reader.error_at("more than one parameter has scales = true", "parameters", parameter.name, "scales")
    variants = {program.variant for program in programs}
    for name in raw.variants:
        if name not in variants:
            expected = f"a file such as {folder.name}.{name}.go"
            raise reader.error_at(f"no source for the variant {name!r}: expected {expected}", "variants", name)
    return Benchmark(
        name=folder.name,
        folder=folder,
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


def _name_like(text: str) -> str:
    """Return a valid benchmark name that is similar to the text."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).lstrip("-0123456789").rstrip("-") or "my-benchmark"


def _programs(folder: Path) -> tuple[Program, ...]:
    programs = []
    for runtime in RUNTIMES:
        pattern = re.compile(rf"{re.escape(folder.name)}(?:\.(?P<variant>[a-z0-9-]+))?{re.escape(runtime.extension)}")
        files = sorted(file for file in folder.iterdir() if file.name.endswith(runtime.extension) and file.is_file())
        shared = (folder.parent / name for name in runtime.shared)
        helpers = (
            *(file for file in files if not pattern.fullmatch(file.name)),
            *(file for file in shared if file.is_file()),
        )
        programs += [
            Program(
                benchmark=folder.name,
                runtime=runtime,
                variant=match["variant"] or "",
                source=file,
                helpers=helpers,
            )
            for file in files
            if (match := pattern.fullmatch(file.name))
        ]
    return tuple(programs)


class _ManifestReader:
    """Reads one manifest, and raises errors that name the file and the line."""

    def __init__(self, path: Path) -> None:
        self._file = read_toml(path) if path.exists() else TomlFile(path=path, text="", document={})
        self.raw = self._file.convert(_RawManifest)
        self.error_at = self._file.error_at

    def parameter(self, name: str, raw: _RawParameter) -> Parameter:
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
