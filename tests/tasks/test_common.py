"""What the tasks have in common: errors as messages and exit codes, and streams that fail."""

import errno
import io
import os
import resource
import sys
from pathlib import Path

import pytest
from invoke.exceptions import Exit

from seqbench.errors import UsageError
from seqbench.project import Project
from seqbench.tasks.common import can_show, errors_reported, say, write, write_page

needs_full_disk = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk at hand")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(root=tmp_path, command="invoke")


@pytest.mark.parametrize(
    ("error", "code", "message", "fix"),
    [
        (UsageError("--runs 0", "use {invoke} bench"), 2, "--runs 0", "use invoke bench"),
        (OSError(errno.ENOSPC, "No space left on device", "/x/a"), 2, "/x/a: No space left on device", "free disk"),
        (OSError("a socket"), 2, "a socket", "free disk space, or choose a writable place"),
        (OSError(errno.EROFS, "Read-only file system", "/x/a"), 2, "/x/a: Read-only", "correct the permissions"),
        (IsADirectoryError(errno.EISDIR, "Is a directory", "/x/a"), 2, "/x/a: Is a directory", "name a file"),
        (FileNotFoundError(errno.ENOENT, "No such file", "/x/a"), 2, "/x/a: No such file", "run invoke clean"),
        (OSError(errno.EAGAIN, "Resource temporarily unavailable", "/x/go"), 2, "/x/go cannot be started: ", ""),
        (KeyboardInterrupt(), 130, "interrupted; all started programs have been stopped", ""),
        (KeyError("x"), 1, "a defect in seqbench: KeyError: 'x'", "set SEQBENCH_TRACEBACK=1"),
    ],
)
def test_every_error_is_a_message_with_a_fix_and_an_exit_code(
    project: Project, capsys: pytest.CaptureFixture[str], *, error: BaseException, code: int, message: str, fix: str
) -> None:
    with pytest.raises(SystemExit) as end, errors_reported(project):
        raise error
    said = capsys.readouterr()
    assert (end.value.code, said.out) == (code, "")
    assert said.err.startswith(f"error: {message}")
    assert fix in said.err
    assert "Traceback" not in said.err


def test_lack_of_memory_names_the_limit(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (1 << 45, before[1]))
    try:
        with pytest.raises(SystemExit) as end, errors_reported(project):
            raise MemoryError
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("error: out of memory: RLIMIT_AS (ulimit -v) is likely too low\n  fix: ")


def test_defect_has_its_traceback_when_it_is_asked_for(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEQBENCH_TRACEBACK", "1")
    with pytest.raises(SystemExit), errors_reported(project):
        raise KeyError("x")
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_exit_code_of_a_task_is_left_alone(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Exit) as end, errors_reported(project):
        raise Exit(code=4)
    assert (end.value.code, capsys.readouterr().err) == (4, "")


def _closed_pipe() -> io.TextIOWrapper:
    """Return a stream whose reader has gone."""
    ours, theirs = os.pipe()
    os.close(ours)
    return io.TextIOWrapper(os.fdopen(theirs, "wb", buffering=0), write_through=True)


def test_reader_that_went_away_ends_nothing_and_gets_nothing_more(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with _closed_pipe() as stream:
        for _ in range(2):
            write("text", stream)
    with _closed_pipe() as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        with errors_reported(project):
            sys.stdout.write("text")
        monkeypatch.undo()
    assert capsys.readouterr().err == ""


@needs_full_disk
def test_standard_output_on_a_full_disk_is_an_error(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path("/dev/full").open("w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        with pytest.raises(SystemExit) as end, errors_reported(project):
            sys.stdout.write("text")
        monkeypatch.undo()
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("error: No space left on device\n  fix: free disk space")


def test_process_without_standard_output_ends_as_any_other(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with errors_reported(project):
        pass


def test_terminal_that_lacks_a_letter_gets_a_question_mark_and_the_page_as_it_is(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind = io.BytesIO()
    stream = io.TextIOWrapper(behind, encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    with errors_reported(project):
        assert not can_show("│")
        assert can_show("|")
        sys.stdout.write("Fän\n")
        write_page("Fän")
    monkeypatch.undo()
    assert behind.getvalue() == b"F?n\nF\xc3\xa4n"


def test_page_goes_to_a_stream_without_bytes_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    write_page("Fän")
    assert stream.getvalue() == "Fän"


def test_message_without_standard_error_does_not_go_to_standard_output(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setenv("SEQBENCH_TRACEBACK", "1")
    say(project, "a message")
    with pytest.raises(SystemExit), errors_reported(project):
        raise KeyError("x")
    monkeypatch.undo()
    assert capsys.readouterr().out == ""


def test_process_without_standard_output_can_show_what_it_does_not_print(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert can_show("│")


def test_interrupt_says_what_may_continue(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end, errors_reported(project):
        raise KeyboardInterrupt("what runs on hosts may continue")
    assert (end.value.code, capsys.readouterr().err) == (130, "error: interrupted; what runs on hosts may continue\n")
