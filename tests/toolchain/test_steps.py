import json
import os
from pathlib import Path

import pytest

from seqbench.events import Detail, Event, Phase, Remark
from seqbench.toolchain.steps import SECONDS, Step, Steps, last_seconds

STEPS = (Step(title="fetch", share=0.1), Step(title="runtime", share=0.5), Step(title="compiler", share=0.4))


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def started(clock: Clock, *, last_s: tuple[float, ...] = ()) -> tuple[Steps, list[Event]]:
    events = list[Event]()
    return Steps(STEPS, events.append, clock, last_s=last_s), events


def left_s(events: list[Event]) -> int | None:
    """Return the time left in the last event."""
    last = events[-1]
    assert isinstance(last, Detail)
    return None if last.remaining_s is None else round(last.remaining_s)


def bar(done: int, of: int) -> Detail:
    return Detail(text=f"   Building [====>     ] {done}/{of}: syn, tokio")


def test_every_line_of_a_build_has_its_step_and_the_time_so_far() -> None:
    clock = Clock()
    steps, events = started(clock)
    steps.begin()
    clock.now += 4
    steps.begin()
    clock.now += 21
    steps(bar(45, 123))
    steps(Detail(text="Compiling may v0.3.51"))

    assert [(event.text, event.elapsed_s) for event in events if isinstance(event, Detail)] == [
        ("step 1 of 3, fetch", 0),
        ("step 2 of 3, runtime", 4),
        ("step 2 of 3, runtime: 45 of 123 crates, syn, tokio", 25),
        ("step 2 of 3, runtime: Compiling may v0.3.51", 25),
    ]


def test_time_left_is_estimated_from_the_steps_that_are_done() -> None:
    clock = Clock()
    steps, events = started(clock)
    steps.begin()
    steps.begin()
    assert left_s(events) is None
    clock.now += 90
    steps.begin()
    assert left_s(events) == 60
    clock.now += 20
    steps(Detail(text="Compiling x"))
    assert left_s(events) == 40


def test_time_left_is_estimated_from_the_crates_before_a_long_step_is_done() -> None:
    clock = Clock()
    steps, events = started(clock)
    steps.begin()
    steps.begin()
    steps(bar(1, 100))
    assert left_s(events) is None
    clock.now += 100
    # Half of the crates are a quarter of the time of this step, and 22.5 % of the whole time.
    steps(bar(50, 100))
    assert left_s(events) == round(100 * 0.775 / 0.225)


def test_build_that_takes_longer_than_estimated_gets_a_longer_estimate() -> None:
    clock = Clock()
    steps, events = started(clock)
    steps.begin()
    steps.begin()
    clock.now += 90
    steps.begin()
    clock.now += 210
    steps(bar(90, 100))
    first = left_s(events)
    clock.now += 100
    steps(Detail(text="Compiling y"))
    later = left_s(events)

    assert first is not None
    assert later is not None
    assert 0 < first < later


def test_time_left_is_known_at_once_from_the_last_build_on_this_machine() -> None:
    clock = Clock()
    steps, events = started(clock, last_s=(4.0, 200.0, 96.0))
    steps.announce("building seqc", "2 minutes")
    steps.begin()
    clock.now += 4
    steps.begin()

    assert events[:2] == [
        Phase(text="building seqc"),
        Remark(text="the last build of seqc on this machine took 5 min 00 s"),
    ]
    assert left_s(events) == 296
    # This one is twice as slow as the last one.
    clock.now += 400
    steps.begin()
    assert left_s(events) == round(96 * 404 / 204)


def test_seconds_of_the_steps_are_those_of_the_next_estimate(tmp_path: Path) -> None:
    clock = Clock()
    steps, _ = started(clock)
    for seconds in (4, 70, 45):
        steps.begin()
        clock.now += seconds
    old, new, other = (tmp_path / name for name in ("old.json", "new.json", "other.json"))
    old.write_text(json.dumps({SECONDS: {"fetch": 1, "runtime": 2, "compiler": 3}}))
    new.write_text(json.dumps({SECONDS: steps.seconds()}))
    other.write_text(json.dumps({SECONDS: {"all": 3}}))
    for place, path in enumerate((old, new, other)):
        os.utime(path, (place, place))

    assert steps.seconds() == {"fetch": 4.0, "runtime": 70.0, "compiler": 45.0}
    assert last_seconds([old, new, other], STEPS) == (4.0, 70.0, 45.0)
    assert last_seconds([other], STEPS) == ()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"step_seconds": 1}', '{"step_seconds": {"fetch": "x"}}'])
def test_file_that_says_nothing_of_the_steps_is_passed(tmp_path: Path, text: str) -> None:
    path = tmp_path / "provenance.json"
    path.write_text(text)

    assert last_seconds([path], STEPS) == ()


def test_other_events_pass_unchanged() -> None:
    events = list[Event]()
    Steps(STEPS, events.append)(Phase(text="building"))
    assert events == [Phase(text="building")]
