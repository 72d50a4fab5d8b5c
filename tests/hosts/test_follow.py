"""Following a run on a real sshd that a test wrote by hand: its end, its loss, and what comes back."""

import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from seqbench.errors import ExitCode
from seqbench.events import Event, Phase, Remark, ignore
from seqbench.hosts import follow
from seqbench.hosts.arrival import Commit
from seqbench.hosts.deciding import CommonLooks
from seqbench.hosts.follow import Follower
from seqbench.hosts.link import Link
from seqbench.hosts.record import HostRun, RunRecord
from seqbench.hosts.run import fetch
from seqbench.hosts.scripts import Places
from tests.support.sshd import Host, Network
from tests.support.world import World, until

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
    arrival = follower.arrival()
    assert (arrival.defect, arrival.status, arrival.watching) == (None, 0, None)


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


def _away(world: World, network: Network) -> None:
    """Let the user know two more names: of the same host, and of one that does not answer."""
    network.introduce(world, aliases={"again": "near"})
    with (world.home / ".ssh" / "config").open("a") as file:
        file.write("Host away\n  HostName 127.0.0.1\n  Port 1\n  User root\n")


def test_defect_is_a_message_of_its_host_and_costs_no_other(
    made: list[_Run], near: Host, tmp_path: Path, world: World, network_of_module: Network
) -> None:
    run = _started(made, near, tmp_path, f"echo '{PHASE}' >>events; {ENDED}")
    run.follower().start_and_follow()
    _away(world, network_of_module)

    def broken(_event: Event) -> None:
        raise LookupError("a defect")

    record = replace(run.record, hosts=(run.run, replace(run.run, name="again")))
    first, second = fetch(record, listen=lambda name: broken if name == "near" else ignore)
    assert (first.status, type(first.defect)) == (None, LookupError)
    (message,) = first.messages
    assert message.startswith("error: a defect in seqbench: LookupError: a defect\n  fix: set SEQBENCH_TRACEBACK=1")
    assert (second.status, second.defect) == (0, None)


def test_host_that_is_away_keeps_the_results_of_no_other(
    made: list[_Run], near: Host, tmp_path: Path, world: World, network_of_module: Network
) -> None:
    run = _started(made, near, tmp_path, f"echo '{{\"n\": 1}}' >result.json; {ENDED}")
    run.follower().start_and_follow()
    _away(world, network_of_module)

    record = replace(run.record, hosts=(replace(run.run, name="away"), run.run))
    away, found = fetch(record, listen=lambda _name: ignore)
    assert (away.status, away.is_gone) == (None, False)
    assert away.messages[0].startswith("error: away: cannot connect to 127.0.0.1:1")
    assert (found.status, found.document) == (0, '{"n": 1}')


def test_results_of_a_run_that_is_gone_come_back(
    made: list[_Run], near: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqbench.hosts.link._SILENCE_S", 0.0)
    script = "mkdir results; echo '{\"n\": 1}' >results/a.json; echo table >out; kill -9 $$"
    run = _started(made, near, tmp_path, script)
    follower = run.follower()
    follower.start_and_follow()
    arrival = follower.arrival()

    assert (arrival.status, arrival.is_gone, arrival.document, arrival.text) == (None, True, '{"n": 1}', "table\n")
    assert "has ended without a result" in arrival.messages[-1]


@pytest.mark.parametrize(("status", "expected"), [("4", (4, False)), ("", (None, True))], ids=["known", "full disk"])
def test_run_that_ends_without_its_last_event_is_not_followed_for_ever(
    made: list[_Run],
    near: Host,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    status: str,
    expected: tuple[int | None, bool],
) -> None:
    """As on a host whose disk is full."""
    monkeypatch.setattr("seqbench.hosts.link._SILENCE_S", 0.0)
    run = _started(made, near, tmp_path, f"until [ -e followed ]; do sleep 0.02; done; printf '{status}' >status")
    follower = run.follower()
    thread = threading.Thread(target=follower.start_and_follow)
    thread.start()
    until((run.folder / "group").exists, "the run has begun")
    (run.folder / "followed").touch()
    thread.join()
    arrival = follower.arrival()
    assert (arrival.status, arrival.is_gone) == expected


def _login_prints(near: Host, text: str) -> Path:
    file = near.home / ".bashrc"
    file.write_text(f"printf '{text}'\n")
    return file


def test_what_a_shell_prints_at_a_login_shifts_no_events(
    made: list[_Run], near: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "RETRY_S", (0.0,) * 50)
    noise = _login_prints(near, "Welcome :)\\nrelay station\\none more, and no end of a line ")
    script = f"echo '{PHASE}' >>events; until [ -e broken ]; do sleep 0.02; done; echo '{PHASE}' >>events; {ENDED}"
    run = _started(made, near, tmp_path, script)

    def listen(event: Event) -> None:
        run.events.append(event)
        if event == Phase(text="building") and not (run.folder / "broken").exists():
            near.break_connections()
            (run.folder / "broken").touch()

    follower = Follower(
        run.link,
        run.run,
        listen=listen,
        stop=run.stop,
        looks=CommonLooks(["near"], ignore),
        local=run.record.local_names(run.run),
    )
    try:
        follower.start_and_follow()
    finally:
        noise.unlink()
    assert follower.arrival().status == 0
    assert [event for event in run.events if isinstance(event, Phase)] == [Phase(text="building")] * 2


def test_run_that_is_gone_is_noticed_whatever_a_shell_prints_at_a_login(
    made: list[_Run], near: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqbench.hosts.link._SILENCE_S", 0.0)
    noise = _login_prints(near, "Welcome\\n")
    run = _started(made, near, tmp_path, "kill -9 $$")
    follower = run.follower()
    try:
        follower.start_and_follow()
    finally:
        noise.unlink()
    assert follower.arrival().is_gone


def test_run_is_asked_to_end_again_where_that_did_not_reach_it(
    made: list[_Run], near: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "RETRY_S", (0.0,) * 50)
    asked, hold = near.home / "asked", near.home / "hold"
    wait = '[ "$1" = group ] && [ -e "$HOME/hold" ] && { touch "$HOME/asked"; sleep 600; }'
    near.tool("cat", f'#!/bin/sh\n{wait}\nexec /bin/cat "$@"\n')
    script = f"end() {{ touch asked; {ENDED}; exit; }}; trap end TERM; touch ready; while :; do sleep 0.05; done"
    run = _started(made, near, tmp_path, script)
    follower = run.follower()
    thread = threading.Thread(target=follower.start_and_follow)
    thread.start()
    try:
        until((run.folder / "ready").exists, "the run has begun")
        until(lambda: follower._relay is not None, "the run is followed")
        hold.touch()
        run.stop.set()
        until(asked.exists, "the host is asked to end the run")
        hold.unlink()
        near.break_connections()
        thread.join()
    finally:
        (near.tools / "cat").unlink()
        asked.unlink(missing_ok=True)
    assert (run.folder / "asked").exists()
    assert (follower.arrival().status, follower.arrival().is_interrupted) == (0, True)
