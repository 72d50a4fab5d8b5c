"""Find the tools of the runtimes as a run does, one at a time."""

from collections.abc import Mapping
from pathlib import Path

from seqbench.events import ignore
from seqbench.runtimes.registry import RUNTIMES
from seqbench.toolchain.compiler_spec import parse_spec
from seqbench.toolchain.find import find_tool
from seqbench.toolchain.needs import ToolNeed, ToolSearch
from seqbench.toolchain.target_cpu import TargetCpu
from seqbench.toolchain.toolchain import Tool
from tests.support.world import CPU


def need_of(name: str) -> ToolNeed:
    """Return how the runtimes of seqbench describe a tool."""
    return next(need for runtime in RUNTIMES for need in runtime.tools if need.name == name)


def found(need: ToolNeed, environment: Mapping[str, str], cache: Path, cpu: TargetCpu = CPU) -> Tool:
    """Find a tool by its description."""
    search = ToolSearch(
        spec=parse_spec("7.7.5"), suite=Path("/"), cache=cache, environment=environment, target_cpu=cpu, listen=ignore
    )
    return find_tool(need, search, {})


def find_go(environment: Mapping[str, str], cache: Path, cpu: TargetCpu) -> Tool:
    """Find Go as its file says."""
    return found(need_of("go"), environment, cache, cpu)
