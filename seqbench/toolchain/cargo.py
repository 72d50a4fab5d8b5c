"""Run cargo, and find the crate that the Rust programs of a suite use."""

import hashlib
import os
import re
import shutil
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from seqbench.errors import ToolchainError
from seqbench.events import Detail, Listener, ignore
from seqbench.system import process
from seqbench.system.facts import Command, Finished
from seqbench.toolchain.target_cpu import TargetCpu
from seqbench.toolchain.toolchain import Tool
from seqbench.toolchain.tools import cargo_home, find_cargo

# Without a terminal the progress bar has to be given a width.
_SHOWS_PROGRESS = {"CARGO_TERM_PROGRESS_WHEN": "always", "CARGO_TERM_PROGRESS_WIDTH": "100"}
# The progress bar, which goes back to the start of its line.
_PROGRESS = re.compile(r"^[^\n]*\[[=> ]*\] \d+/\d+[^\n\r]*\r|\r", re.MULTILINE)
_CARGO_TIMEOUT_S = 3600.0
_UNKNOWN_RUSTC = "rustc unknown"
_OUTPUT_LIMIT_BYTES = 64 << 20
# Variables that change what cargo builds from the same sources.
_FOREIGN = re.compile(
    r"RUSTFLAGS|CARGO_ENCODED_RUSTFLAGS|CARGO_TARGET_DIR|CARGO_INCREMENTAL|CARGO_(BUILD|PROFILE|TARGET|UNSTABLE)_.*"
    r"|RUSTC((_WORKSPACE)?_WRAPPER)?"
)
# Settings of a configuration file that change the code, and that no variable turns off
# (https://doc.rust-lang.org/cargo/reference/config.html).
_CHANGES_CODE: Mapping[str, tuple[str, ...]] = {"build": ("target", "rustc"), "profile": (), "unstable": ()}
# What cargo says where there is no network, and where it must not use it.
_UNREACHABLE = re.compile(r"Could not (connect|resolve)|Couldn't|failed to (download|fetch)|Timeout was reached")
_OFFLINE = re.compile(r"you're using offline mode|attempting to make an HTTP request, but --offline")
_ONLINE = "connect to the network, or name a mirror in cargo's config.toml; a compiler of your own goes by --seqc PATH"
_VERSION = re.compile(r"^version: (?P<version>\S+)(?: \(latest (?P<latest>[^\s)]+))?", re.MULTILINE)


class CargoError(ToolchainError):
    """Cargo failed; `output` is what it said, from its first error on."""

    def __init__(self, message: str, fix: str, output: str) -> None:
        super().__init__(message, fix)
        self.output = output


def find_crate(
    name: str,
    suite: Path,
    *,
    rust_problem: Callable[[str], str],
    cache: Path,
    environment: Mapping[str, str],
    cpu: TargetCpu,
) -> Tool:
    """Find cargo for the suite's Cargo project, and read the version of the measured crate from its lock file.

    `rust_problem` returns why a version of Rust will not do; an empty text if it will.

    Raises
    ------
    ToolchainError
        Cargo was not found or is of a version that will not do, the suite has no lock file, or that lacks the crate.
    """
    lock = suite / "Cargo.lock"
    try:
        content = lock.read_text(encoding="utf-8")
        versions = [each["version"] for each in tomllib.loads(content)["package"] if each["name"] == name]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ToolchainError(
            f"{lock} cannot be read ({error}): expected the lock file of the Cargo project with the {name} programs",
            f"restore Cargo.toml and Cargo.lock in {suite}, or remove {name} from --runtimes",
        ) from error
    if not versions:
        raise ToolchainError(f"{lock} does not contain the crate {name}", f"run `cargo add {name}` in {suite}")
    # The builds run in folders of the cache: a rust-toolchain.toml around the suite would name another compiler.
    cache.mkdir(parents=True, exist_ok=True)
    cargo = Cargo(environment, cpu, cwd=cache, listen=ignore)
    rustc = cargo.rustc_version()
    problem = rust_problem(rustc.removeprefix("rustc ")) if rustc != _UNKNOWN_RUSTC else ""
    if problem:
        fix = "run `rustup update`, or install a newer Rust from https://rustup.rs"
        raise ToolchainError(f"the programs with {name} are built by {rustc}: {problem}", fix)
    return Tool(
        name=name,
        path=cargo.path,
        version=versions[0],
        # The result depends on the compiler as well as on the crates.
        digest="sha256:" + hashlib.sha256(f"{rustc}\n{content}".encode()).hexdigest(),
        provenance=f"crates.io, in the versions of {lock.name}, {rustc} --release, code for {cpu.name}",
        environment=(*cargo.variables.items(), ("CARGO_TARGET_DIR", str(cpu.cache(cache) / "rust"))),
        folder=cargo.path.parent,
        target_cpu=cpu.name,
    )


class Cargo:
    """Runs cargo in a folder, reports each line of its output, and raises its failures as errors."""

    def __init__(self, environment: Mapping[str, str], cpu: TargetCpu, *, cwd: Path, listen: Listener) -> None:
        self.path = find_cargo(environment)
        kept = {key: value for key, value in environment.items() if not _FOREIGN.fullmatch(key)}
        # When cargo is not on PATH (a wheel, rustup), the tools that it starts are in its own folder.
        path = os.pathsep.join([environment.get("PATH", os.defpath), str(self.path.parent)])
        self.variables = {
            **kept,
            "PATH": path,
            "CARGO_TERM_COLOR": "never",
            "CARGO_TERM_PROGRESS_WHEN": "never",
            # These override the rustflags and wrappers of every configuration file.
            "RUSTFLAGS": cpu.rustflags,
            "RUSTC_WRAPPER": "",
            "RUSTC_WORKSPACE_WRAPPER": "",
        }
        _require_neutral(_config_files(cwd, environment))
        self._cwd = cwd
        self._listen = listen

    def run(self, *arguments: str) -> str:
        """Run cargo to the end, and return its standard output.

        Raises
        ------
        CargoError
            Cargo fails; the message ends with its error output, or says in a sentence that it has no network.
        """
        finished = self._start((str(self.path), *arguments), lambda line: self._listen(Detail(text=line)))
        if finished.ok:
            return finished.stdout.decode(errors="replace")
        said = _PROGRESS.sub("", finished.stderr.decode(errors="replace")).strip()
        errors = re.search(r"^error.*", said, re.MULTILINE | re.DOTALL)
        problem = (errors[0] if errors else said)[-3000:]
        if _OFFLINE.search(problem):
            raise CargoError("cargo is offline, and what it downloaded before is not enough", _ONLINE, problem)
        if _UNREACHABLE.search(problem):
            cause = problem.splitlines()[-1].strip()
            raise CargoError(f"cargo cannot download from its registry: {cause}", _ONLINE, problem)
        raise CargoError(
            f"cargo {arguments[0]} failed in {self._cwd}:\n{problem}",
            "run `{invoke} doctor`, which lists what a build needs",
            problem,
        )

    def newest(self, crate: str) -> str:
        """Return the newest version of a crate in the registry that cargo uses; empty if cargo does not tell."""
        try:
            shown = _VERSION.search(self.run("info", crate))
        except CargoError:
            return ""
        return (shown["latest"] or shown["version"]) if shown else ""

    def rustc_version(self) -> str:
        """Return the version of the compiler that cargo uses, as `rustc 1.95.0`.

        Raises
        ------
        ToolchainError
            It does not work, as where a rust-toolchain.toml names a toolchain that is not installed.
        """
        rustc = shutil.which("rustc", path=self.variables["PATH"])
        if rustc is None:
            return _UNKNOWN_RUSTC
        finished = self._start((rustc, "--version"), None)
        match = re.search(r"rustc \S+", finished.stdout.decode(errors="replace"))
        if match is None:
            said = finished.stderr.decode(errors="replace").strip()
            raise ToolchainError(
                f"rustc does not work in {self._cwd}: {said[-500:]}",
                "correct the rust-toolchain.toml that it names, or set RUSTUP_TOOLCHAIN=stable",
            )
        return match[0]

    def _start(self, argv: tuple[str, ...], on_line: Callable[[str], None] | None) -> Finished:
        command = Command(
            argv=argv,
            directory=self._cwd,
            environment=self.variables | (_SHOWS_PROGRESS if on_line else {}),
            timeout_s=_CARGO_TIMEOUT_S,
            output_limit_bytes=_OUTPUT_LIMIT_BYTES,
        )
        return process.run(command, on_line=on_line)


def _config_files(cwd: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield the configuration files that cargo reads in a folder."""
    folders = [*(folder / ".cargo" for folder in (cwd, *cwd.parents)), cargo_home(environment)]
    for folder in dict.fromkeys(folders):
        yield from (path for name in ("config.toml", "config") if (path := folder / name).is_file())


def _require_neutral(files: Iterable[Path]) -> None:
    """Raise where a configuration file changes the code that cargo makes; mirrors and proxies may stay."""
    for path in files:
        try:
            config = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue  # cargo says better what is wrong with it
        for section, keys in _CHANGES_CODE.items():
            found = config.get(section)
            if not isinstance(found, dict):
                continue
            named = [key for key in found if not keys or key in keys]
            if named:
                raise ToolchainError(
                    f"{path}: {section}.{named[0]} changes what cargo builds",
                    "remove it, or set CARGO_HOME to a folder whose config.toml has registries only",
                )
