"""Provide the launcher: the small process from which a measured program is started (`launcher.c` says why)."""

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from seqbench.paths import user_path
from seqbench.system import process
from seqbench.system.facts import Command

_SOURCE = Path(__file__).with_name("launcher.c")
_SCRIPT = Path(__file__).with_name("launcher_script.py")
_BUILD_TIMEOUT_S = 300.0
# Of a trial; a launcher that does not start anything would not report it.
_STATUS = 7
# A static one has the smallest memory; not every system has a C library for it.
_WAYS = (("-static",), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Launcher:
    """The command that launches a program."""

    argv: tuple[str, ...]
    problem: str = ""
    """Why it is not the compiled one, whose own memory is smaller than that of any program."""


def provide_launcher(cache: Path, environment: Mapping[str, str]) -> Launcher:
    """Return the launcher of the cache, built with `cc` where it is not there yet.

    Without a C compiler it is a Python script, which cannot see a peak memory below its own.
    """
    source = _SOURCE.read_bytes()
    path = cache / "launcher" / hashlib.sha256(source + os.uname().machine.encode()).hexdigest()[:16] / "launcher"
    if not _works(path):
        problem = _build(path, environment)
        if problem:
            return Launcher(argv=(sys.executable, "-I", "-S", str(_SCRIPT)), problem=problem)
    return Launcher(argv=(str(path),))


def _build(path: Path, environment: Mapping[str, str]) -> str:
    """Compile the launcher; return why that cannot be done, empty where it was."""
    compiler = shutil.which(user_path(environment.get("CC") or "cc"), path=environment.get("PATH", os.defpath))
    if compiler is None:
        return "there is no C compiler"
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="seqbench-", dir=path.parent) as scratch:
        made = Path(scratch) / "launcher"
        said = ""
        for way in _WAYS:
            finished = process.run(
                Command(
                    argv=(compiler, "-O2", *way, "-o", str(made), str(_SOURCE)),
                    directory=Path(scratch),
                    environment={"PATH": environment.get("PATH", os.defpath), "TMPDIR": scratch},
                    timeout_s=_BUILD_TIMEOUT_S,
                )
            )
            said = finished.stderr.decode(errors="replace").strip()
            if finished.ok and _works(made):
                made.replace(path)
                return ""
    return f"{compiler} cannot build it: {said.splitlines()[-1] if said else 'what it made does not start'}"


def _works(path: Path) -> bool:
    """Return whether this launcher starts a program and reports its end."""
    if not path.is_file():
        return False
    command = Command(
        argv=("/bin/sh", "-c", f"exit {_STATUS}"),
        directory=Path("/"),
        environment={},
        timeout_s=60.0,
        launcher=(str(path),),
    )
    try:
        return process.run(command).status == _STATUS
    except OSError:
        return False
