"""Find or build the tools that the programs of a request need."""

import os
from dataclasses import replace

from seqbench.bench.request import Request
from seqbench.errors import ToolchainError
from seqbench.events import Listener
from seqbench.runtimes.base import Runtime
from seqbench.toolchain.compiler_spec import Installed
from seqbench.toolchain.find import find_tool
from seqbench.toolchain.needs import ToolNeed, ToolSearch
from seqbench.toolchain.toolchain import Tool, Toolchain


def find_tools(runtimes: tuple[Runtime, ...], request: Request, listen: Listener) -> Toolchain:
    """Find or build every tool that these runtimes need.

    Raises
    ------
    ToolchainError
        One of a default runtime's is missing; of the others only their own programs fail.
    """
    is_installed = isinstance(request.spec.source, Installed)
    search = ToolSearch(
        spec=request.spec,
        suite=request.suite_folder,
        cache=request.cache,
        environment={**request.environment, **(dict(request.spec.settings) if is_installed else {})},
        target_cpu=request.target_cpu,
        listen=listen,
    )
    needs: dict[str, tuple[ToolNeed, Runtime]] = {}
    for runtime in runtimes:
        for need in runtime.tools:
            needs.setdefault(need.key, (need, runtime))
    found: dict[str, Tool] = {}
    missing = []
    # The quick ones first: a missing clang should be reported before minutes of building seqc.
    for need, runtime in sorted(needs.values(), key=lambda each: each[0].is_slow):
        others = {other.name: found[other.key] for other in runtime.tools if other.key in found}
        try:
            found[need.key] = find_tool(need, search, others)
        except ToolchainError as error:
            if runtime.is_default:
                raise
            missing.append((need.key, error))
    for runtime in runtimes:
        compiler = found.get(runtime.compiler)
        if is_installed and compiler is not None:
            own = tuple(each for each in request.spec.settings if runtime.run.reads(each[0]))
            found[runtime.compiler] = replace(compiler, settings=own, flags=request.spec.flags)
    return Toolchain(
        tools=tuple(found[key] for key in needs if key in found),
        search_path=request.environment.get("PATH", os.defpath),
        target_cpu=request.target_cpu,
        missing=tuple(missing),
    )
