"""Events as lines of a file, for who follows a run from another machine."""

from pathlib import Path

import pytest

from seqbench.events import Detail, Estimate, Event, Phase, Remark, Settled
from seqbench.hosts.wire import decode
from seqbench.tasks.progress import progress
from tests.support.rounds import measuring


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "events"
    monkeypatch.setenv("SEQBENCH_EVENTS", str(path))
    return path


def logged(log: Path, *events: Event) -> list[object]:
    with progress() as view:
        for event in events:
            view(event)
    return [decode(line) for line in log.read_text().splitlines()]


def test_every_kind_of_event_comes_back_as_it_was(log: Path) -> None:
    events: list[Event] = [
        Phase(text="building seqc"),
        Remark(text="two\nlines"),
        Estimate(total_s=90.5),
        measuring("alpha", 1),
        Settled(benchmark="alpha", text="alpha: same"),
    ]
    assert logged(log, *events) == events


def test_events_that_replace_each_other_are_written_for_each_part_and_now_and_then(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqbench.tasks.progress._LOGGED_S", 1e9)
    pilot = [measuring("alpha", number, is_pilot=True) for number in range(1, 21)]
    rounds = [measuring(name, number) for name in ("alpha", "beta") for number in range(1, 31)]
    parts: list[Event] = [pilot[0], rounds[0], rounds[30]]
    assert logged(log, *pilot, *rounds, Detail(text="step 2 of 3")) == parts

    monkeypatch.setattr("seqbench.tasks.progress._LOGGED_S", 0.0)
    assert logged(log, *rounds) == [*parts, *rounds]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk at hand")
def test_full_disk_does_not_stop_the_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQBENCH_EVENTS", "/dev/full")
    with progress() as view:
        for _ in range(2):
            view(Phase(text="building seqc"))
