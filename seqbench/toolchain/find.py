"""Find the tools that runtimes need, and identify each by path, version and content."""

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from seqbench.errors import ToolchainError
from seqbench.toolchain.cargo import find_crate
from seqbench.toolchain.needs import ToolNeed, ToolSearch, version_problem
from seqbench.toolchain.places import Found, basics, found_at, place_text, version_output
from seqbench.toolchain.seqc import provide_seqc
from seqbench.toolchain.template import fill, fill_word
from seqbench.toolchain.toolchain import Tool
from seqbench.toolchain.tools import find_clang

_SYSTEMS = {"linux": "linux", "darwin": "macos", "win32": "windows"}


def find_tool(need: ToolNeed, search: ToolSearch, others: Mapping[str, Tool]) -> Tool:
    """Find or build a tool.

    Parameters
    ----------
    others : the tools that were found before by their names in commands, which the version command may use.

    Raises
    ------
    ToolchainError
        It is at none of its places; or all that are there have other versions, or print none.
    """
    system = _SYSTEMS.get(sys.platform, sys.platform)
    if need.systems and system not in need.systems:
        raise ToolchainError(f"{need.name} is only for {' and '.join(need.systems)}, not for {system}", need.fix)
    unfit: list[str] = []
    for place in need.places:
        if place.startswith("provider:"):
            return replace(_provided(place.removeprefix("provider:"), need, search), name=need.key)
        for found in found_at(place, search.environment, search.cache):
            try:
                tool = _tool(need, found, search, others)
            except ToolchainError as error:
                unfit.append(error.message)
                continue
            problem = version_problem(need, tool.version)
            if not problem:
                return tool
            unfit.append(f"{tool.path} is {need.name} {tool.version}: {problem}")
        variable = place.removeprefix("env:") if place.startswith("env:") else ""
        # What the user chose is not replaced by something else.
        if unfit and search.environment.get(variable):
            raise ToolchainError("; ".join(unfit), f"set {variable} to another {need.name}, or unset it")
    if unfit:
        raise ToolchainError("; ".join(dict.fromkeys(unfit)), need.fix or "choose another program")
    asked = [place_text(place) for place in need.places]
    raise ToolchainError(
        f"{need.name} not found: checked {' and '.join(filter(None, [', '.join(asked[:-1]), asked[-1]]))}", need.fix
    )


def _provided(name: str, need: ToolNeed, search: ToolSearch) -> Tool:
    """Return the tool of a provider, which knows more than a file can say."""
    kind, _, argument = name.partition("/")
    providers: dict[str, Callable[[], Tool]] = {
        "seqc": lambda: provide_seqc(
            search.spec,
            cache=search.cache,
            environment=search.environment,
            cpu=search.target_cpu,
            listen=search.listen,
        ),
        "clang": lambda: find_clang(search.environment, search.cache, search.target_cpu),
        "crate": lambda: find_crate(
            argument,
            search.suite,
            rust_problem=partial(version_problem, need),
            cache=search.cache,
            environment=search.environment,
            cpu=search.target_cpu,
        ),
    }
    return providers[kind]()


def _tool(need: ToolNeed, found: Found, search: ToolSearch, others: Mapping[str, Tool]) -> Tool:
    values = {"cache": str(search.cache)}
    for name, path in [*((name, tool.path) for name, tool in others.items()), (need.name, found.path)]:
        values |= {name: str(path), f"{name}.folder": str(path.parent)}
    variables = {key: fill_word(word, values) for key, word in need.environment}
    version = found.version
    if need.version:
        inherited = {key: value for tool in others.values() for key, value in tool.environment}
        argv = fill(need.version, values)
        output = version_output(need.name, argv, {**basics(search.environment), **inherited, **variables})
        match = re.search(need.version_pattern, output)
        if not match or not match["version"]:
            command = " ".join((need.name if argv[0] == str(found.path) else argv[0], *argv[1:]))
            raise ToolchainError(
                f"{found.path} is not {need.name}, or says no version: `{command}` prints {output[:200]!r}",
                need.fix or "choose another program",
            )
        version = match["version"]
    cpu = search.target_cpu.name if need.makes_code else ""
    return Tool(
        name=need.key,
        path=found.path,
        version=version,
        digest=found.digest,
        provenance=f"{found.provenance}, code for {cpu}" if cpu else found.provenance,
        target_cpu=cpu,
        environment=tuple(variables.items()),
    )
