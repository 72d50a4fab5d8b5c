import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock

from seqbench.errors import UsageError
from seqbench.events import Event, Remark
from seqbench.system.lock import cache_unused, held, measuring_lock
from seqbench.system.process import interruptible
from tests.support.world import until


@contextmanager
def hold(cache: Path) -> Iterator[threading.Event]:
    """Hold the lock from elsewhere, until the end or until the event is set."""
    held, release = threading.Event(), threading.Event()

    def work() -> None:
        with FileLock(cache / "measuring.lock"):
            held.set()
            release.wait()

    thread = threading.Thread(target=work)
    thread.start()
    held.wait()
    try:
        yield release
    finally:
        release.set()
        thread.join()


def test_the_first_run_does_not_wait_and_says_nothing(tmp_path: Path) -> None:
    events: list[Event] = []
    with measuring_lock(tmp_path / "cache", events.append):
        holder = (tmp_path / "cache" / "measuring.pid").read_text()

    assert events == []
    assert holder.splitlines()[0] == str(os.getpid())
    assert not (tmp_path / "cache" / "measuring.pid").exists()


def test_the_second_run_says_whom_it_waits_for_and_goes_on_when_the_first_is_done(tmp_path: Path) -> None:
    events: list[Event] = []
    order: list[str] = []

    def second() -> None:
        with measuring_lock(tmp_path, events.append):
            order.append("second in")

    with measuring_lock(tmp_path, events.append):
        thread = threading.Thread(target=second)
        thread.start()
        until(lambda: events, "the second run says that it waits")
        order.append("first out")
    thread.join()

    (event,) = events
    assert isinstance(event, Remark)
    assert event.text.startswith(f"waiting for another run (process {os.getpid()}) to finish measuring: `")
    assert re.search(r"`, since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$", event.text)
    assert order == ["first out", "second in"]


def test_a_holder_that_has_not_said_its_name_yet_is_waited_for_too(tmp_path: Path) -> None:
    events: list[Event] = []
    with hold(tmp_path) as release:

        def hear(event: Event) -> None:
            events.append(event)
            release.set()

        with measuring_lock(tmp_path, hear):
            pass

    assert events == [Remark(text="waiting for another run to finish measuring")]


def test_who_waits_can_be_interrupted_and_does_not_get_the_lock_later(tmp_path: Path) -> None:
    def interrupt(_event: Event) -> None:
        threading.Thread(target=lambda: os.kill(os.getpid(), signal.SIGINT)).start()

    with hold(tmp_path), pytest.raises(KeyboardInterrupt), interruptible(), measuring_lock(tmp_path, interrupt):
        pytest.fail("it got in")

    events: list[Event] = []
    with measuring_lock(tmp_path, events.append):
        assert events == []


def test_what_a_dead_run_left_holds_nobody_up(tmp_path: Path) -> None:
    (tmp_path / "measuring.lock").touch()
    (tmp_path / "measuring.pid").write_text("999999999\n")
    events: list[Event] = []
    with measuring_lock(tmp_path, events.append):
        assert events == []


def test_a_run_that_fails_lets_the_next_one_in(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), measuring_lock(tmp_path, lambda _event: None):
        raise ZeroDivisionError
    events: list[Event] = []
    with measuring_lock(tmp_path, events.append):
        assert events == []


@pytest.mark.parametrize(("name", "doing"), [("measuring.lock", "measures"), ("seqc/.7.7.5.lock", "builds a compiler")])
def test_cache_in_use_is_refused_with_the_process_that_uses_it(tmp_path: Path, name: str, doing: str) -> None:
    with held(tmp_path / name, lambda _event: None, to="end"):
        with pytest.raises(UsageError) as caught, cache_unused(tmp_path):
            pytest.fail("it got in")
        assert f"another run (process {os.getpid()}) {doing}: `" in caught.value.message
        assert f"kill {os.getpid()}" in caught.value.fix

    with cache_unused(tmp_path):
        pass


def test_cache_that_does_not_exist_is_unused(tmp_path: Path) -> None:
    with cache_unused(tmp_path / "cache"):
        assert not (tmp_path / "cache").exists()
