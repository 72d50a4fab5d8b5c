import signal
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.system.facts import Command
from studies.claims.quit_handler import catches_quit, handles_quit

_QUIT = 1 << (signal.SIGQUIT - 1)
needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system has no /proc")


@given(st.integers(0, (1 << 64) - 1))
def test_the_bit_of_sigquit_decides_and_no_other(mask: int) -> None:
    assert catches_quit(f"Name:\tseq\nSigCgt:\t{mask | _QUIT:016x}\nThreads:\t2\n")
    assert not catches_quit(f"Name:\tseq\nSigCgt:\t{mask & ~_QUIT:016x}\nSigIgn:\t{mask | _QUIT:016x}\n")


def test_a_text_without_the_mask_tells_of_no_handler() -> None:
    assert not catches_quit("")


def _program(tmp_path: Path, *lines: str) -> Command:
    program = tmp_path / "program"
    program.write_text("\n".join((f"#!{sys.executable} -S", "import signal, time", *lines)) + "\n")
    program.chmod(0o755)
    return Command(argv=(str(program),), directory=tmp_path, environment={}, timeout_s=20.0)


@needs_proc
def test_a_program_that_handles_it_is_seen_while_it_runs_and_does_not_run_to_its_end(tmp_path: Path) -> None:
    handling = _program(tmp_path, "signal.signal(signal.SIGQUIT, lambda *_: None)", "time.sleep(300)")
    assert handles_quit(handling) is True


@needs_proc
def test_a_program_that_never_does_is_watched_to_its_end(tmp_path: Path) -> None:
    assert handles_quit(_program(tmp_path, "signal.signal(signal.SIGQUIT, signal.SIG_IGN)")) is False


def test_what_cannot_be_looked_at_is_neither(tmp_path: Path) -> None:
    assert handles_quit(_program(tmp_path), proc=tmp_path) is None
    absent = Command(argv=("/nonexistent/program",), directory=tmp_path, environment={}, timeout_s=10.0)
    assert handles_quit(absent) is None
