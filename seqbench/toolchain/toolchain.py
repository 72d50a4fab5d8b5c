"""The tools of one session, as data. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from seqbench.errors import ToolchainError


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A program that builds others, identified by path, version and content."""

    name: str
    path: Path
    version: str
    digest: str
    provenance: str
    """Where it came from and how it was built, in words."""
    environment: tuple[tuple[str, str], ...] = ()
    """Variables that it needs to work."""
    folder: Path | None = None
    """To be put in front of PATH for the tools that start this one by name."""
    flags: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    """Variables of the programs that it builds, from its SPEC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolchain:
    """The tools of one session."""

    tools: tuple[Tool, ...]
    search_path: str
    missing: tuple[tuple[str, ToolchainError], ...] = ()
    """Tools that could not be had, and without which the others go on."""

    def tool(self, name: str) -> Tool:
        """Give a tool by name.

        Raises
        ------
        ToolchainError : it could not be had, or the session was set up without it.
        """
        for tool in self.tools:
            if tool.name == name:
                return tool
        for absent, error in self.missing:
            if absent == name:
                raise error
        raise ToolchainError(f"{name} is not part of this toolchain", "{invoke} doctor")

    def environment(self, *names: str) -> Mapping[str, str]:
        """Give the variables that these tools need, with PATH leading to them first."""
        tools = [self.tool(name) for name in names]
        folders = [str(tool.folder) for tool in tools if tool.folder]
        variables = {key: value for tool in tools for key, value in tool.environment}
        return {**variables, "PATH": ":".join([*folders, self.search_path])}
