"""Find the sources of a suite, and decide which runtime and benchmark each belongs to."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from seqbench.errors import UsageError
from seqbench.runtimes.base import Runtime
from seqbench.suite.benchmarks import Dialect, Program
from seqbench.suite.layout import glob_of, place_of
from seqbench.suite.suite_file import SuiteRuntime
from seqbench.toolchain.needs import version_numbers

_OLDER = re.compile(r"(?P<name>.+)@(?P<up_to>\d+(?:\.\d+)*)")


def find_programs(folder: Path, runtimes: Sequence[SuiteRuntime]) -> tuple[Program, ...]:
    """Return every program of a suite, by runtime and path.

    Raises
    ------
    UsageError
        Two sources are the same program of a benchmark.
    """
    programs: dict[tuple[str, str, str], Program] = {}
    for entry in runtimes:
        claimed = _claimed(folder, entry, [each.runtime for each in runtimes])
        for program in _programs(folder, entry, claimed):
            key = (program.benchmark, program.runtime.name, program.variant)
            other = programs.setdefault(key, program)
            if other is not program:
                raise UsageError(
                    f"{other.source} and {program.source} are both the {entry.runtime.title} program of "
                    f"{program.benchmark}: expected one source",
                    "rename one of them, or describe the folders with [layout] in suite.toml",
                )
    return tuple(programs.values())


def _claimed(folder: Path, entry: SuiteRuntime, runtimes: Iterable[Runtime]) -> list[Path]:
    """Return the files at the depth of a layout that have the runtime's extension, and no longer one of another."""
    longer = tuple(
        each.extension
        for each in runtimes
        if each.extension.endswith(entry.runtime.extension) and each.extension != entry.runtime.extension
    )
    # All files of the folders that may hold a source, since the others there may be its helpers.
    pattern = f"{glob_of(entry.layout).rpartition('/')[0] or '.'}/*{entry.runtime.extension}"
    found = (path for path in folder.glob(pattern) if path.is_file())
    return sorted(path for path in found if not (longer and path.name.endswith(longer)))


def _programs(folder: Path, entry: SuiteRuntime, claimed: Sequence[Path]) -> Iterator[Program]:
    runtime = entry.runtime
    dialects = _dialects(claimed, runtime)
    of_today = [path for path in claimed if not any(path in found.values() for found in dialects.values())]
    places = {path: place_of(path.relative_to(folder).as_posix(), entry.layout, runtime) for path in of_today}
    shared = tuple(path for name in runtime.shared if (path := folder / name).is_file())
    for path, place in places.items():
        if place is None:
            continue
        if runtime.run.in_source_folder:
            others = {source for found in dialects.values() for source in found.values()}
            beside = sorted(
                each for each in path.parent.rglob("*") if each.is_file() and each != path and each not in others
            )
        else:
            beside = [each for each, other in places.items() if other is None and each.parent == path.parent]
        yield Program(
            benchmark=place.benchmark,
            runtime=runtime,
            variant=place.variant,
            source=path,
            helpers=(*beside, *shared),
            suite=folder,
            arguments=entry.arguments,
            output=entry.output,
            dialects=tuple(
                Dialect(up_to=up_to, source=source, helpers=shared)
                for up_to, source in sorted(dialects.get(path, {}).items(), key=lambda item: version_numbers(item[0]))
            ),
        )


def _dialects(claimed: Sequence[Path], runtime: Runtime) -> dict[Path, dict[str, Path]]:
    """Return the sources for older compilers, `NAME@VERSION` and the extension, by the source of today and version."""
    found: dict[Path, dict[str, Path]] = {}
    for path in claimed:
        match = _OLDER.fullmatch(path.name.removesuffix(runtime.extension))
        if match is None:
            continue
        today = path.with_name(f"{match['name']}{runtime.extension}")
        if today in claimed:
            found.setdefault(today, {})[match["up_to"]] = path
    return found
