"""Following a run on a real sshd that a test wrote by hand: its end, its loss, and what comes back."""

import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from seqbench.errors import ExitCode
from seqbench.events import Event, Phase, Remark
from seqbench.hosts import follow
from seqbench.hosts.arrival import Commit
from seqbench.hosts.deciding import CommonLooks
from seqbench.hosts.follow import Follower
from seqbench.hosts.link import Link
from seqbench.hosts.record import HostRun, RunRecord
from seqbench.hosts.run import fetch
from seqbench.hosts.scripts import Places
from tests.support.sshd import Host
from tests.support.world import until

pytestmark = pytest.mark.whole
PHASE = '{"event": "Phase", "text": "building"}'
ENDED = 'echo 0 >status; echo \'{"event": "Ended", "status": 0}\' >>events'


class _Run:
    """A run in a folder of the host, whose script a test writes."""

    def __init__(self, host: Host, folder: Path, script: str) -> None:
        self.host = host
        self.folder = folder / "run-1"
        (folder / "suite-1").mkdir()
        (folder / "code" / "bin").mkdir(parents=True)
        (folder / "code" / "bin" / "python").symlink_to(sys.executable)
        self.folder.mkdir()
        (self.folder / "start.sh").write_text(script)
        places = Places(folder=str(folder), code=f"{folder}/code", suite=f"{folder}/suite-1", run=str(self.folder))
        self.run = HostRun(name="near", places=places, suite="suite", is_clock_off=False)
        self.record = RunRecord(task="bench", hosts=(self.run,), commit=Commit(), suite_folder="/here/suite")
        self.events: list[Event] = []
        self.stop = threading.Event()
        self.link = Link("near")

    def follower(self) -> Follower:
        return Follower(
            self.link,
            self.run,
            listen=self.events.append,
            stop=self.stop,
            looks=CommonLooks(["near"], self.events.append),
            local=self.record.local_names(self.run),
        )


@pytest.fixture
def made(near: Host, tmp_path: Path) -> Iterator[list[_Run]]:
    """Return a list for the runs of a test; their connections are closed in the end."""
    runs: list[_Run] = []
    yield runs
    for run in runs:
        run.link.close()


def _started(made: list[_Run], near: Host, tmp_path: Path, script: str) -> _Run:
    made.append(_Run(near, tmp_path / "hosts", script))
    return made[-1]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> None:
    (tmp_path / "hosts").mkdir()


def test_events_and_results_come_back_with_the_paths_of_here(made: list[_Run], near: Host, tmp_path: Path) -> None:
    script = (
        f'echo \'{PHASE}\' >>events; echo in "$PWD/suite" >out; echo "error: $PWD/suite/x" >err; '
        f'printf \'{{"suite": "%s"}}\' "$PWD/suite" >result.json; {ENDED}'
    )
    run = _started(made, near, tmp_path, script)
    follower = run.follower()
    follower.start_and_follow()
    arrival = follower.arrival()

    assert run.events == [Phase(text="building")]
    assert (arrival.status, arrival.text, arrival.messages) == (0, "in /here/suite\n", ("error: /here/suite/x",))
    assert json.loads(arrival.document) == {"suite": "/here/suite"}


def test_host_without_getconf_does_not_count_the_time_of_following(
    made: list[_Run], near: Host, tmp_path: Path
) -> None:
    near.tool("getconf", "#!/bin/sh\nexit 127\n")
    try:
        run = _started(made, near, tmp_path, ENDED)
        follower = run.follower()
        follower.start_and_follow()
    finally:
        (near.tools / "getconf").unlink()
    assert follower.arrival().messages == ()
    assert (follower.defect, follower.arrival().status, follower.arrival().watching) == (None, 0, None)


def test_run_that_does_not_end_when_it_is_asked_to_is_killed_and_keeps_its_results(
    made: list[_Run], near: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "_STOP_S", 0.0)
    results = "mkdir results; echo '{\"n\": 1}' >results/old.json; echo '{\"n\": 2}' >results/new.json"
    script = f"trap '' TERM; {results}; touch -d @1 results/old.json; touch ready; while :; do sleep 0.05; done"
    run = _started(made, near, tmp_path, script)
    follower = run.follower()
    thread = threading.Thread(target=follower.start_and_follow)
    thread.start()
    until((run.folder / "ready").exists, "the run has begun")
    run.stop.set()
    thread.join()
    arrival = follower.arrival()

    assert (arrival.status, arrival.is_interrupted, arrival.document) == (ExitCode.INTERRUPTED, True, '{"n": 2}')
    until(lambda: not [each for each in near.processes() if "start.sh" in each], "the run is gone")


def test_host_that_stays_away_is_an_arrival_without_a_status(
    made: list[_Run], near: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "RETRY_S", (0.0,))
    run = _started(made, near, tmp_path, "kill -9 $$")
    near.stop()
    follower = run.follower()
    run.stop.set()
    follower.follow()
    arrival = follower.arrival()

    assert (arrival.status, arrival.is_interrupted) == (None, True)
    (message,) = arrival.messages
    assert message.startswith("error: near: cannot connect to")
    assert message.endswith("the run continues on the host\n  fix: fetch it later with --resume")
    assert [event.text for event in run.events if isinstance(event, Remark)] == [
        "the connection broke; the run continues on the host; connecting again in 0 s"
    ]


def test_silent_run_that_was_killed_is_noticed(
    made: list[_Run], near: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqbench.hosts.link._SILENCE_S", 0.0)
    run = _started(made, near, tmp_path, "until [ -e followed ]; do sleep 0.02; done; kill -9 $$")
    follower = run.follower()
    thread = threading.Thread(target=follower.start_and_follow)
    thread.start()
    until((run.folder / "group").exists, "the run has begun")
    (run.folder / "followed").touch()
    thread.join()
    assert "has ended without a result" in follower.arrival().messages[0]


def test_defect_of_a_thread_is_raised_in_the_main_thread(made: list[_Run], near: Host, tmp_path: Path) -> None:
    run = _started(made, near, tmp_path, f"echo '{PHASE}' >>events; {ENDED}")
    run.follower().start_and_follow()

    def broken(_event: Event) -> None:
        raise LookupError("a defect")

    with pytest.raises(LookupError, match="a defect"):
        fetch(run.record, listen=lambda _name: broken)
