"""The script by itself; tests/system/test_process.py starts programs by it as by the other launchers."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from seqbench.system import launcher_script

SCRIPT = Path(launcher_script.__file__)
FIGURES = 12


def reported(*argv: str, folder: str = "/", control: bytes = b"") -> list[str]:
    """Run the script with a report pipe and a control pipe; return the lines of its report."""
    report, report_end = os.pipe()
    control_end, control_writer = os.pipe()
    os.write(control_writer, control)
    inner = (sys.executable, "-I", "-S", str(SCRIPT), folder, *argv)
    code = f"import os; os.dup2({report_end}, 10); os.dup2({control_end}, 11); os.execv({inner[0]!r}, {inner!r})"
    with subprocess.Popen((sys.executable, "-c", code), pass_fds=(report_end, control_end)):
        os.close(report_end)
        os.close(control_end)
        with os.fdopen(report) as lines:
            found = lines.read().splitlines()
    os.close(control_writer)
    return found


def test_end_is_reported_with_all_figures() -> None:
    (line,) = reported("/bin/sh", "-c", "exit 3")
    word, *figures = line.split()

    assert (word, len(figures)) == ("ended", FIGURES - 1)
    assert int(figures[1]) > int(figures[0])
    assert os.waitstatus_to_exitcode(int(figures[2])) == 3


def test_number_of_the_group_is_told_on_request_and_k_ends_it() -> None:
    first, last = reported("/bin/sleep", "300", control=b"pk")

    assert first.startswith("pid ")
    assert os.waitstatus_to_exitcode(int(last.split()[3])) == -signal.SIGKILL


def test_program_or_folder_that_is_not_there_is_reported() -> None:
    assert reported("/nonexistent/program") == ["failed 2"]
    assert reported("/bin/true", folder="/nonexistent") == ["failed 2"]
