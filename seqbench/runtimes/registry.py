"""The runtimes that are part of seqbench: one TOML file for each, beside this module."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from seqbench.errors import UsageError, require_known
from seqbench.runtimes.base import Runtime
from seqbench.runtimes.load import load_runtime
from seqbench.toolchain.needs import ToolNeed

FOLDER = Path(__file__).parent


def arranged(runtimes: Iterable[Runtime]) -> tuple[Runtime, ...]:
    """Return runtimes in the order of their columns, with a name of its own for each tool that differs.

    Raises
    ------
    UsageError
        Two runtimes have the same extension.
    """
    ordered = sorted(runtimes, key=lambda runtime: (runtime.position, runtime.name))
    by_extension: dict[str, str] = {}
    for runtime in ordered:
        other = by_extension.setdefault(runtime.extension, runtime.name)
        if other != runtime.name:
            raise UsageError(
                f"the runtimes {other} and {runtime.name} both have the extension {runtime.extension!r}: "
                "expected one runtime for each source",
                "give one of them a longer extension, such as .std.rs",
            )
    return tuple(_with_own_tools(ordered))


def _with_own_tools(runtimes: Iterable[Runtime]) -> Iterable[Runtime]:
    """Yield the runtimes; a tool that another runtime describes otherwise gets a key of its own."""
    known: dict[str, ToolNeed] = {}
    for runtime in runtimes:
        tools = tuple(
            need if known.setdefault(need.key, need) == need else replace(need, key=f"{runtime.name}-{need.key}")
            for need in runtime.tools
        )
        yield replace(runtime, tools=tools)


def runtime_names() -> tuple[str, ...]:
    """Return the names of the runtimes that are part of seqbench, without reading their files."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


RUNTIMES = arranged(load_runtime(path) for path in sorted(FOLDER.glob("*.toml")))

COMPARED_RUNTIME = RUNTIMES[0].name

DEFAULT_RUNTIMES = tuple(runtime for runtime in RUNTIMES if runtime.is_default)


def select_runtimes(names: tuple[str, ...]) -> tuple[Runtime, ...]:
    """Return the named runtimes in the order of the registry, or the default ones when `names` is empty.

    Raises
    ------
    UsageError
        A name is unknown.
    """
    for name in names:
        require_known(name, tuple(runtime.name for runtime in RUNTIMES), "runtime", "--runtimes")
    return tuple(runtime for runtime in RUNTIMES if (runtime.name in names if names else runtime.is_default))
