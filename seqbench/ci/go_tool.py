"""From a pinned Go module to its program: built once by the suite's own Go, and kept by its version."""

from collections.abc import Mapping
from pathlib import Path

from seqbench.errors import ToolchainError
from seqbench.system import process
from seqbench.system.facts import Command
from seqbench.toolchain.tools import find_go

_TIMEOUT_S = 3600.0
_OUTPUT_LIMIT_BYTES = 64 << 20
_SHOWN_CHARACTERS = 3_000


def provide_go_program(package: str, *, cache: Path, environment: Mapping[str, str]) -> Path:
    """Return the program of a package such as `golang.org/x/perf/cmd/benchstat@v1.2.3`.

    Raises
    ------
    ToolchainError
        There is no Go, or it cannot build this (with what it said).
    """
    go = find_go(environment, cache)
    module, _, version = package.partition("@")
    name = module.rpartition("/")[2]
    program = cache / "tools" / f"{name}-{version}" / name
    if program.is_file():
        return program
    finished = process.run(
        Command(
            argv=(str(go.path), "install", package),
            directory=Path("/"),
            # Go keeps the modules that it fetches read-only, and `invoke clean --toolchain` could not remove them.
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
        said = (finished.stdout + finished.stderr).decode(errors="replace").strip()[-_SHOWN_CHARACTERS:]
        raise ToolchainError(f"go install {package} failed: {said}", "look whether the Go module proxy can be reached")
    return program
