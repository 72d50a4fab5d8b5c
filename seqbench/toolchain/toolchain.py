"""Describe the tools of one session, as data. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from seqbench.errors import ToolchainError
from seqbench.toolchain.target_cpu import TargetCpu


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A compiler or build tool, identified by path, version and content."""

    name: str
    path: Path
    version: str
    digest: str
    provenance: str
    """A description of where it came from and how it was built."""
    environment: tuple[tuple[str, str], ...] = ()
    """Environment variables that it needs."""
    folder: Path | None = None
    """The folder to put first on PATH for other tools that start this one by name."""
    flags: tuple[str, ...] = ()
    target_cpu: str = ""
    """The CPU that it makes code for; empty where another tool decides that."""
    settings: tuple[tuple[str, str], ...] = ()
    """Environment variables for the programs that it builds, from its SPEC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolchain:
    """The tools of one session."""

    tools: tuple[Tool, ...]
    search_path: str
    target_cpu: TargetCpu | None = None
    """What the programs are compiled for."""
    missing: tuple[tuple[str, ToolchainError], ...] = ()
    """Optional tools that were not found, each with its error."""

    def tool(self, name: str) -> Tool:
        """Return a tool by name.

        Raises
        ------
        ToolchainError
            It was not found, or the session does not use it.
        """
        for tool in self.tools:
            if tool.name == name:
                return tool
        for absent, error in self.missing:
            if absent == name:
                raise error
        raise ToolchainError(f"{name} is not part of this toolchain", "{invoke} doctor")

    def environment(self, *names: str) -> Mapping[str, str]:
        """Return the environment variables that these tools need, with their folders first on PATH."""
        tools = [self.tool(name) for name in names]
        folders = [str(tool.folder) for tool in tools if tool.folder]
        variables = {key: value for tool in tools for key, value in tool.environment}
        return {**variables, "PATH": ":".join([*folders, self.search_path])}
