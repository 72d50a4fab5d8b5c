"""The runtimes that are part of seqbench: one TOML file for each, beside this module."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from seqbench.errors import UsageError
from seqbench.runtimes.base import Runtime
from seqbench.runtimes.load import load_runtime
from seqbench.toml_file import read_toml
from seqbench.toolchain.needs import ToolNeed

_FOLDER = Path(__file__).parent


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


def document_of(name: str) -> dict[str, Any]:
    """Return the tables of a runtime of seqbench, for one that extends it elsewhere."""
    path = _FOLDER / f"{name}.toml"
    document = dict(read_toml(path).document)
    if "template" in document:
        document["template"] = str(path.parent / document["template"])
    return document


RUNTIMES = arranged(load_runtime(path) for path in sorted(_FOLDER.glob("*.toml")))

COMPARED_RUNTIME = RUNTIMES[0].name


def shipped(*names: str) -> tuple[Runtime, ...]:
    """Return the runtimes of seqbench with these names, or its default ones without names."""
    return tuple(runtime for runtime in RUNTIMES if (runtime.name in names if names else runtime.is_default))
