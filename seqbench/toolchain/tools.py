"""Find clang and cargo on this machine; clang is identified by version and digest."""

import hashlib
import os
import re
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path

from seqbench.errors import ToolchainError
from seqbench.system.files import write_atomically
from seqbench.toolchain.places import Found, basics, found_at, version_output
from seqbench.toolchain.target_cpu import TargetCpu
from seqbench.toolchain.toolchain import Tool

OLDEST_CLANG = 15
_ZIG = "wheel:ziglang/ziglang/zig"
_CLANG_PLACES = ("env:CLANG", _ZIG, "path:clang", "path:clang-*")
_INSTALL = "pip install 'seqbench[toolchain]'"


def find_clang(environment: Mapping[str, str], cache: Path, cpu: TargetCpu) -> Tool:
    """Find clang in `CLANG`, then as `zig cc` of the `ziglang` wheel, then as clang or clang-NN on PATH.

    Seq's compiler starts a program called `clang`. The tool therefore has a folder with a `clang` that starts it.

    Raises
    ------
    ToolchainError
        Clang was not found, or none that works and is of version 15 or later.
    """
    problems: list[str] = []
    for place in _CLANG_PLACES:
        for found in found_at(place, environment, cache):
            try:
                return _clang_at(found, environment, cache, cpu, is_zig=place == _ZIG)
            except ToolchainError as error:
                # A newer one may have its version in its name.
                problems.append(error.message)
        # What the user chose is not replaced by something else.
        if problems and place.startswith("env:"):
            break
    if problems:
        raise ToolchainError(
            "; ".join(dict.fromkeys(problems)),
            f"{_INSTALL}, or set CLANG to the path of a clang of version {OLDEST_CLANG} or later",
        )
    raise ToolchainError(
        f"clang not found: checked CLANG, the ziglang wheel of this Python, and clang and clang-NN on PATH; "
        f"expected version {OLDEST_CLANG} or later",
        f"{_INSTALL}, or install your system's clang",
    )


def _clang_at(found: Found, environment: Mapping[str, str], cache: Path, cpu: TargetCpu, *, is_zig: bool) -> Tool:
    """Return the tool for a clang, with a folder in which `clang` means it and makes code for the target CPU."""
    path = found.path
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
    output = version_output("clang", (str(folder / "clang"), "--version"), {**basics(environment), **variables})
    match = re.search(r"clang version (\d+(?:\.\d+)*)", output)
    if not match:
        raise ToolchainError(f"{path} is not clang: `--version` prints {output[:200]!r}", "set CLANG to another one")
    if int(match[1].partition(".")[0]) < OLDEST_CLANG:
        raise ToolchainError(
            f"{path} is clang {match[1]}: expected version {OLDEST_CLANG} or later", "set CLANG to a newer one"
        )
    return Tool(
        name="clang",
        path=path,
        version=match[1],
        digest=found.digest,
        provenance=f"{found.provenance}, code for {cpu.name}",
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
