"""Build the program of a pinned Go module once, with the Go that the suite uses, and cache it by its version."""

from collections.abc import Mapping
from pathlib import Path

from seqbench.config import load_config
from seqbench.errors import ToolchainError
from seqbench.events import ignore
from seqbench.runtimes.registry import RUNTIMES
from seqbench.system import machine, process
from seqbench.system.facts import Command, Target
from seqbench.toolchain.compiler_spec import parse_spec
from seqbench.toolchain.find import find_tool
from seqbench.toolchain.needs import ToolSearch
from seqbench.toolchain.target_cpu import target_cpu

_TIMEOUT_S = 3600.0
_OUTPUT_LIMIT_BYTES = 64 << 20
_SHOWN_CHARACTERS = 3_000


def provide_go_program(package: str, *, cache: Path, environment: Mapping[str, str]) -> Path:
    """Return the program of a package such as `golang.org/x/perf/cmd/benchstat@v1.2.3`, built if need be.

    Raises
    ------
    ToolchainError
        There is no Go, or it cannot build the package (the message has its output).
    """
    need = next(need for runtime in RUNTIMES for need in runtime.tools if need.name == "go")
    search = ToolSearch(
        spec=parse_spec(load_config(Path("/")).seqc),
        suite=Path("/"),
        cache=cache,
        environment=environment,
        target_cpu=target_cpu(Target.BASELINE, machine.this_processor()),
        listen=ignore,
    )
    go = find_tool(need, search, {})
    module, _, version = package.partition("@")
    name = module.rpartition("/")[2]
    program = cache / "tools" / f"{name}-{version}" / name
    if program.is_file():
        return program
    finished = process.run(
        Command(
            argv=(str(go.path), "install", package),
            directory=Path("/"),
            # Go makes modules read-only by default, and then `invoke clean --toolchain` cannot remove them.
            environment={
                **environment,
                **dict(go.environment),
                "GOBIN": str(program.parent),
                "GOFLAGS": "-modcacherw",
            },
            timeout_s=_TIMEOUT_S,
            output_limit_bytes=_OUTPUT_LIMIT_BYTES,
        )
    )
    if not finished.ok or not program.is_file():
        output = (finished.stdout + finished.stderr).decode(errors="replace").strip()[-_SHOWN_CHARACTERS:]
        raise ToolchainError(f"go install {package} failed: {output}", "check that the Go module proxy is reachable")
    return program
