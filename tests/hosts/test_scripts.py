"""The scripts for a host, run by the shell of this machine."""

import os
import signal
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from seqbench.hosts import scripts
from seqbench.hosts.scripts import Places
from tests.support.world import is_gone, until


@pytest.fixture
def to(tmp_path: Path) -> Places:
    """The folders of a run, with a name that a careless script would split."""
    folder = tmp_path / "a b'c"
    for name in ("code/bin", "suite", "run"):
        (folder / name).mkdir(parents=True)
    (folder / "code/bin/python").symlink_to(sys.executable)
    (folder / "suite/x").touch()
    return Places(folder=str(folder), code=f"{folder}/code", suite=f"{folder}/suite", run=f"{folder}/run")


def sh(script: str) -> str:
    done = subprocess.run(("bash", "-c", scripts.shell(script)), capture_output=True, text=True, check=True)
    return done.stdout


def state(to: Places) -> tuple[str, int | None]:
    return scripts.state_of(sh(scripts.is_running(to)))


def begin(to: Places, program: str) -> Path:
    """Start a run whose seqbench is this shell script; return the folder."""
    python = Path(to.python)
    python.unlink()
    python.write_text(f'#!/bin/sh\ncase "$*" in *seqbench*) {program} ;; *) exec {sys.executable} "$@" ;; esac\n')
    python.chmod(0o755)
    run = Path(to.run)
    (run / scripts.START).write_text(scripts.start_file(to, ("bench", "--only=it's"), {"GOGC": "a b"}))
    sh(scripts.start(to, "benchmarks"))
    return run


def test_run_has_its_words_settings_status_and_last_event(to: Places) -> None:
    run = begin(to, 'echo "$@"; echo "$GOGC $SEQBENCH_EVENTS"; exit 4')
    until((run / scripts.STATUS).exists, "the run has ended")
    assert (run / scripts.OUT).read_text() == f"-I -m seqbench bench --only=it's\na b {run}/events\n"
    assert (run / scripts.STATUS).read_text() == "4\n"
    until(lambda: "Ended" in (run / scripts.EVENTS).read_text(), "the last event")
    assert (run / scripts.EVENTS).read_text() == '{"event": "Ended", "status": 4}\n'
    assert (run / "benchmarks" / "x").exists()
    assert state(to) == ("ended", 4)


def test_run_is_started_once_and_leads_a_session_of_its_own(to: Places) -> None:
    run = begin(to, "sleep 300")
    group = int((run / scripts.GROUP).read_text())
    sh(scripts.start(to, "benchmarks"))
    try:
        assert int((run / scripts.GROUP).read_text()) == group
        until(lambda: os.getsid(group) == group, "it leads a session")
        assert state(to) == ("running", None)
        sh(scripts.stop(to, "TERM"))
        until((run / scripts.STATUS).exists, "the run has ended")
    finally:
        sh(scripts.stop(to, "KILL"))
    assert (run / scripts.STATUS).read_text() == f"{128 + signal.SIGTERM}\n"


def test_run_that_was_killed_is_gone(to: Places) -> None:
    run = begin(to, "sleep 300")
    group = int((run / scripts.GROUP).read_text())
    until(lambda: os.getsid(group) == group, "it leads a session")
    sh(scripts.stop(to, "KILL"))
    until(lambda: is_gone(group), "it was killed")
    assert state(to) == ("gone", None)


def test_run_that_ends_while_it_is_looked_for_is_not_gone(to: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process has ended when it is looked for, and its status was not there before."""
    run, tools = Path(to.run), Path(to.folder) / "tools"
    (run / scripts.GROUP).write_text("999999999\n")
    tools.mkdir()
    (tools / "cat").write_text(f'#!/bin/sh\necho 0 >{scripts.STATUS}\nexec /bin/cat "$@"\n')
    (tools / "cat").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    assert state(to) == ("ended", 0)


def test_run_that_never_was_is_gone_and_stops_quietly(to: Places) -> None:
    assert state(to) == ("gone", None)
    sh(scripts.stop(to, "TERM"))
    assert state(Places(folder="", code="", suite="", run="/nowhere")) == ("gone", None)


def test_variables_of_ssh_do_not_reach_the_task(to: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSH_CLIENT", "SSH_CONNECTION", "SSH_AUTH_SOCK"):
        monkeypatch.setenv(name, "x")
    run = begin(to, "env")
    until((run / scripts.STATUS).exists, "the run has ended")
    assert "SSH_" not in (run / scripts.OUT).read_text()


def test_task_on_a_host_prints_no_colours_that_would_hide_its_errors(
    to: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    run = begin(to, "env")
    until((run / scripts.STATUS).exists, "the run has ended")
    assert "NO_COLOR=1\n" in (run / scripts.OUT).read_text()


def test_follow_names_its_processes_and_goes_on_at_a_line(to: Places) -> None:
    Path(to.run, scripts.EVENTS).write_text("one\ntwo\nthree\n")
    running = subprocess.Popen(("sh", "-c", scripts.follow(to, 2)), stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    try:
        relay, stat, *lines = (running.stdout.readline() for _ in range(4))
    finally:
        running.kill()
        running.communicate()
    assert relay.split()[:2] == ["relay", str(running.pid)]
    assert scripts.processor_ticks(stat) >= 0
    assert lines == ["two\n", "three\n"]


def test_install_leaves_nothing_half_done(to: Places, tmp_path: Path) -> None:
    from seqbench.hosts.probe import Facts, Python  # noqa: PLC0415 - for this test only

    python = tmp_path / "python3"
    python.write_text(
        '#!/bin/sh\nmkdir -p "$3/bin"; printf "#!/bin/sh\\necho no index >&2; exit 1\\n" >"$3/bin/python"\n'
        'chmod 755 "$3/bin/python"\n'
    )
    python.chmod(0o755)
    facts = Facts(
        system="Linux",
        architecture="x",
        identity="1",
        cache="",
        free_kb=1,
        has_compiler=True,
        clock_ahead_s=0,
        pythons=(Python(path=str(python), version=(3, 12)),),
    )
    new = Places(folder=to.folder, code=f"{to.folder}/code-new", suite=to.suite, run=to.run)
    done = subprocess.run(
        ("sh", "-c", scripts.install(facts, new, f"{to.run}/wheel/w.whl", "toolchain")),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "no index" in done.stderr
    assert [path.name for path in Path(to.folder).glob("code-new*")] == []


def test_run_whose_status_could_not_be_written_is_gone(to: Places) -> None:
    """On a full disk the file is there, and empty."""
    Path(to.run, scripts.STATUS).touch()
    assert state(to) == ("gone", None)


def test_state_is_read_after_what_a_shell_prints_at_a_login(to: Places) -> None:
    Path(to.run, scripts.STATUS).write_text("5\n")
    said = sh(scripts.is_running(to))
    assert scripts.state_of(f"Welcome!\ngone running {said}") == ("ended", 5)


@pytest.mark.parametrize("line", ["Welcome :)", ")", "a) 1 2 3 4 5 6 7 8 9 10 11 x y", ""])
def test_other_lines_count_no_processor_time(line: str) -> None:
    stat = "7 (tail -f) S 1 7 7 0 -1 4194304 90 0 0 0 3 2 0 0 20 0 1 0 55 1 1"
    assert scripts.processor_ticks(f"{line}\n{stat}\n") == 5


def test_runs_beside_are_those_of_the_same_start(to: Places) -> None:
    for name in ("run-ab-1", "run-ab-2", "run-cd-1"):
        Path(to.folder, name).mkdir()
    assert [line.rpartition("/")[2] for line in sh(scripts.runs_beside(to, "ab")).splitlines()] == [
        "run-ab-1",
        "run-ab-2",
    ]


def test_suite_that_another_host_unpacked_meanwhile_stays_as_it_is(to: Places, tmp_path: Path) -> None:
    """Two hosts with one home folder send it at the same time."""
    archive = tmp_path / "suite.tar"
    with tarfile.open(archive, "w") as file:
        file.add(Path(to.suite, "x"), "x")
    Path(to.suite).rename(tmp_path / "first")
    python = Path(to.python)
    python.unlink()
    # The other one is as far as this one when this one has unpacked it.
    python.write_text(
        f'#!/bin/sh\n{sys.executable} "$@" || exit\n[ -e {tmp_path}/first ] && mv {tmp_path}/first "{to.suite}"\ntrue\n'
    )
    python.chmod(0o755)
    sh(scripts.unpack(to, str(archive)))
    assert [path.name for path in Path(to.suite).iterdir()] == ["x"]
    assert [path.name for path in Path(to.folder).glob("suite*")] == ["suite"]
