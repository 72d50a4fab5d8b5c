"""Follow the run on one host to its end, over as many connections as it takes, and collect what it measured."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from seqbench.compare.asking import STILL_FOLLOWED
from seqbench.errors import ExitCode
from seqbench.events import Asked, Listener, Remark
from seqbench.hosts import scripts
from seqbench.hosts.arrival import Arrival, clean, shown_messages
from seqbench.hosts.deciding import CommonLooks
from seqbench.hosts.link import Link
from seqbench.hosts.problem import HostError, LostError
from seqbench.hosts.record import HostRun, LocalNames
from seqbench.hosts.wire import decode
from seqbench.text import printable

RETRY_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""How long to wait before each attempt to connect again. Any line from the host begins anew."""
# A task ends its programs at once when it is stopped, and then writes its results.
_STOP_S = 30.0
# How often a run that waits is sent a line; after `compare.asking.PATIENCE_S` without one it continues alone.
_REPEAT_S = 20.0
_HEADER_LINES = 2
# The last word is a number where there is getconf.
_RELAY = re.compile(r"relay (\d+) (\d+) (.*)$")
_Made = TypeVar("_Made")


class _NotEndedError(Exception):
    """A task that was asked to end did not, and was killed."""


class _EndedError(Exception):
    """A run has ended, and no event says so."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _GoneError(HostError):
    """A run is gone without an end."""


class Follower:
    """What follows one run; `follow` is the body of a thread."""

    def __init__(
        self,
        link: Link,
        run: HostRun,
        *,
        listen: Listener,
        stop: threading.Event,
        looks: CommonLooks,
        local: LocalNames,
    ) -> None:
        self._link = link
        self._run = run
        self._listen = listen
        self._stop = stop
        self._looks = looks
        self._local = local
        self._answered_s = 0.0
        """When the host was sent the last line."""
        self._is_asked = False
        """Whether the run was asked to end, which may not have reached it."""
        self._asked_s: float | None = None
        """When that reached it."""
        self._seen = 0
        self._delays = iter(RETRY_S)
        self._relay: tuple[int, int, int] | None = None
        self._ticks_before = 0
        self._relay_began_s = 0.0
        self._arrival = Arrival(name=run.name, status=None, arrived_at=datetime.now(UTC))

    def arrival(self) -> Arrival:
        """Return what came back; without a status while the run continues."""
        return self._arrival

    def start_and_follow(self) -> None:
        """Start the run, and do the same."""
        script = scripts.start(self._run.places, self._run.suite)
        self.follow(lambda: self._link.run(script, doing="start the task"))

    def connect_and_follow(self) -> None:
        """Connect to a host on which the run began earlier, and do the same; a host that is away is not waited for."""
        self.follow(self._connect)

    def _connect(self) -> None:
        try:
            self._link.open()
        except LostError as error:
            raise HostError(error.message, error.fix) from error

    def follow(self, begin: Callable[[], object] = lambda: None) -> None:
        """Follow the run to its end, and collect what it measured."""
        try:
            self._persist(begin)
            self._arrival = self._collected_at_its_end()
        except HostError as error:
            self._looks.lost(self._run.name)
            self._arrival = self._without_results(_shown(error))
        except Exception as error:  # noqa: BLE001 - shown as a message of this host; what others sent is kept
            self._looks.lost(self._run.name)
            what = f"error: a defect in seqbench: {type(error).__name__}: {printable(str(error))}"
            text = f"{what}\n  fix: set SEQBENCH_TRACEBACK=1 to see where, and report it"
            self._arrival = replace(self._without_results(text), defect=error)

    def _collected_at_its_end(self) -> Arrival:
        """Follow the run until it has ended or is gone, and return what it measured."""
        try:
            status = self._persist(self._until_end)
        except _GoneError as error:
            self._looks.lost(self._run.name)
            found = self._persist(lambda: self._collected(None))
            return replace(found, is_gone=True, messages=(*found.messages, _shown(error)))
        self._looks.ended(self._run.name)
        return self._persist(lambda: self._collected(status))

    def _without_results(self, text: str) -> Arrival:
        return Arrival(
            name=self._run.name,
            status=None,
            messages=(text,),
            is_interrupted=self._stop.is_set(),
            arrived_at=datetime.now(UTC),
        )

    def _persist(self, work: Callable[[], _Made]) -> _Made:
        """Do the work, on a new connection whenever one breaks.

        Raises
        ------
        HostError
            The host cannot be reached any more.
        """
        while True:
            try:
                return work()
            except LostError as error:
                self._connect_again(error)

    def _connect_again(self, error: LostError) -> None:
        for delay_s in self._delays:
            text = f"the connection broke; the run continues on the host; connecting again in {delay_s:.0f} s"
            self._listen(Remark(text=text))
            self._stop.wait(delay_s)
            try:
                self._link.reopen()
            except LostError as again:
                error = again
            else:
                return
        raise LostError(f"{error.message}; the run continues on the host", "fetch it later with --resume") from error

    def _until_end(self) -> int:
        """Pass the events of the run on, and return its exit code."""
        if self._state()[0] == "gone":
            raise self._gone()
        header: list[str] = []
        script = scripts.follow(self._run.places, self._seen + 1)
        try:
            for line in self._link.lines(script, look=self._look, silent=self._ask):
                if len(header) < _HEADER_LINES:
                    # What the shell of the host prints at a login comes before the header.
                    if header or _RELAY.search(line):
                        header.append(line)
                        self._note_relay(header)
                    continue
                self._seen += 1
                self._delays = iter(RETRY_S)
                event = decode(line)
                if isinstance(event, int):
                    return event
                if isinstance(event, Asked):
                    self._looks.asked(self._run.name, event.text)
                elif event is not None:
                    self._listen(event)
        except _NotEndedError:
            return ExitCode.INTERRUPTED
        except _EndedError as error:
            return error.status
        raise LostError(f"{self._run.name}: the connection broke", f"ssh {self._run.name} shows whether it is there")

    def _state(self) -> tuple[str, int | None]:
        return scripts.state_of(self._link.run(scripts.is_running(self._run.places), doing="look for the run"))

    def _gone(self) -> HostError:
        return _GoneError(
            f"{self._run.name}: the run there has ended without a result: it was killed, or the host was restarted",
            "measure again",
        )

    def _ask(self) -> None:
        """Look for the run where no event came for a while: its last one is missing if the disk there is full."""
        self._link.require_answer()
        state, status = self._state()
        if state == "gone":
            raise self._gone()
        if status is not None:
            raise _EndedError(status)

    def _look(self) -> None:
        """Do what the run waits for: end it if the user interrupted it, or send it the answers to its questions."""
        self._end_if_stopped()
        self._looks.deliver(self._run.name, self._send)
        is_due = time.monotonic() - self._answered_s > _REPEAT_S
        if is_due and self._looks.is_waiting(self._run.name):
            self._send(STILL_FOLLOWED)

    def _send(self, line: str) -> None:
        self._link.run(scripts.answer(self._run.places, line), doing="answer the run")
        self._answered_s = time.monotonic()

    def _end_if_stopped(self) -> None:
        """Ask the run to end if the user interrupted it, and kill it if it does not."""
        if not self._stop.is_set():
            return
        if self._asked_s is None:
            self._is_asked = True
            self._link.run(scripts.stop(self._run.places, "TERM"), doing="end the run")
            self._asked_s = time.monotonic()
        elif time.monotonic() - self._asked_s > _STOP_S:
            self._link.run(scripts.stop(self._run.places, "KILL"), doing="end the run")
            raise _NotEndedError

    def _note_relay(self, header: list[str]) -> None:
        """Remember the processes that follow the run there, and what they had used before."""
        found = _RELAY.search(header[0])
        if len(header) == _HEADER_LINES and found and found[3].isdecimal() and int(found[3]):
            self._relay = (int(found[1]), int(found[2]), int(found[3]))
            self._ticks_before = scripts.processor_ticks(header[1])
            self._relay_began_s = time.monotonic()

    def _watching(self) -> float | None:
        """Return the processor time of following the run, as a share of one core."""
        if self._relay is None:
            return None
        relay, connection, ticks_a_second = self._relay
        ticks = scripts.processor_ticks(self._link.run(scripts.usage(relay, connection), doing="read its usage"))
        took_s = time.monotonic() - self._relay_began_s
        return max(0, ticks - self._ticks_before) / ticks_a_second / took_s if ticks and took_s > 0 else None

    def _collected(self, status: int | None) -> Arrival:
        run = self._run.places.run
        document = self._link.get(f"{run}/{scripts.RESULT}")
        if not document:
            # A run that was stopped has what it measured until then.
            names = [name for name in self._link.names(f"{run}/results") if name.endswith(".json")]
            document = self._link.get(f"{run}/results/{names[-1]}") if names else b""
        messages = shown_messages(self._local.replaced(self._text(scripts.ERR)))
        return Arrival(
            name=self._run.name,
            status=status,
            text=self._local.replaced(printable(self._text(scripts.OUT))),
            messages=messages,
            document=self._local.replaced_in_json(clean(document.decode(errors="replace"))),
            is_clock_off=self._run.is_clock_off,
            is_interrupted=self._is_asked,
            arrived_at=datetime.now(UTC),
            watching=self._watching(),
            waited_s=self._looks.waited_s(self._run.name),
        )

    def _text(self, name: str) -> str:
        return self._link.get(f"{self._run.places.run}/{name}").decode(errors="replace")


def _shown(error: HostError) -> str:
    return f"error: {error.message}\n  fix: {error.fix}"
