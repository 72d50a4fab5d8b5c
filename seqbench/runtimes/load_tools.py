"""Read the tools of a runtime from its TOML file, and check everything that can be checked without them."""

import re

from seqbench.runtimes.placeholders import require_known_names
from seqbench.runtimes.schema import RawRuntime, RawTool
from seqbench.toml_file import TomlFile
from seqbench.toolchain.needs import ToolNeed
from seqbench.toolchain.places import place_problem

_PROVIDERS = re.compile(r"provider:(seqc|clang|crate/(?P<crate>[A-Za-z0-9_-]+))")
# For a crate the bounds are those of Rust, which builds it.
_KNOWS_VERSION = re.compile(r"maven:|provider:crate/")


def tools_of(file: TomlFile, raw: RawRuntime) -> tuple[ToolNeed, ...]:
    """Return the tools that a runtime needs, in the order of its file.

    Raises
    ------
    UsageError
        A place, a version or a placeholder is invalid; the message names the line.
    """
    return tuple(_tool(file, raw, name, tool) for name, tool in raw.tools.items())


def _tool(file: TomlFile, runtime: RawRuntime, name: str, raw: RawTool) -> ToolNeed:
    for place in raw.find:
        problem = place_problem(place)
        if not problem and place.startswith("provider:") and not _PROVIDERS.fullmatch(place):
            problem = "expected provider:seqc, provider:clang or provider:crate/NAME"
        if problem:
            raise file.error_at(f"{place!r} is not a place of a tool: {problem}", "tools", name, "find")
    before = [each for each in runtime.tools if each != name]
    names = frozenset({"cache", *(each for tool in (*before, name) for each in (tool, f"{tool}.folder"))})
    require_known_names(file, raw.version, names, "tools", name, "version")
    require_known_names(file, raw.environment.values(), names, "tools", name, "environment")
    if raw.version or raw.version_pattern:
        _check_pattern(file, raw, name)
    if (raw.at_least or raw.below) and not raw.version and not any(_KNOWS_VERSION.match(p) for p in raw.find):
        key = "at-least" if raw.at_least else "below"
        raise file.error_at(f"{key} needs a command `version` that prints the version", "tools", name, key)
    crate = next((match["crate"] for place in raw.find if (match := _PROVIDERS.fullmatch(place))), None)
    return ToolNeed(
        name=name,
        # What identifies the tool is the crate, in the version of the suite's lock file.
        key=crate or name,
        places=tuple(raw.find),
        version=tuple(raw.version),
        version_pattern=raw.version_pattern,
        at_least=raw.at_least,
        below=raw.below,
        environment=tuple(raw.environment.items()),
        systems=tuple(raw.systems),
        fix=raw.fix,
        makes_code=bool(
            runtime.build and (runtime.build.baseline or runtime.build.native) and name == next(iter(runtime.tools))
        ),
    )


def _check_pattern(file: TomlFile, raw: RawTool, name: str) -> None:
    key = "version-pattern" if raw.version_pattern else "version"
    try:
        groups = re.compile(raw.version_pattern).groupindex
    except re.error as error:
        raise file.error_at(f"version-pattern does not compile: {error}", "tools", name, key) from error
    if "version" not in groups:
        raise file.error_at(
            "version-pattern has no group (?P<version>...)" if raw.version_pattern else "version-pattern is missing",
            *("tools", name, key),
        )
    if not raw.version:
        raise file.error_at("version-pattern needs a command `version`", "tools", name, key)
