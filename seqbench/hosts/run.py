"""Run a task on hosts: prepare all of them, start all of them, follow, and fetch what each measured."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from seqbench.compare.asking import ANSWERS_VARIABLE
from seqbench.errors import SeqbenchError, UsageError
from seqbench.events import Listener, Phase, Remark, ignore
from seqbench.hosts import probe, scripts
from seqbench.hosts.arrival import Arrival, Commit
from seqbench.hosts.bundle import Bundle
from seqbench.hosts.deciding import CommonLooks
from seqbench.hosts.follow import Follower
from seqbench.hosts.link import Link
from seqbench.hosts.names import same_machine
from seqbench.hosts.problem import MAY_CONTINUE, HostError
from seqbench.hosts.record import HostRun, RunRecord
from seqbench.hosts.scripts import ANSWERS, SUITE_FILE, Places

_SUITE, _OTHER_SUITE = "benchmarks", "suite"
ListenerOf = Callable[[str], Listener]
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A task to run on hosts."""

    hosts: tuple[str, ...]
    task: str
    words: tuple[str, ...]
    """Its flags, without those that name a place here."""
    code: Bundle
    extra: str
    suite: Bundle
    is_default_suite: bool
    suite_folder: str
    """The folder of the suite here."""
    suite_file: str
    """The file of `--suite-file` here; empty if there is none."""
    has_common_looks: bool
    """Whether a benchmark stops on all hosts at the same look."""
    has_document: bool
    """Whether the task writes what it measured as JSON."""
    project_file: str
    commit: Commit
    settings: Mapping[str, str]
    """The environment variables that programs read; the only ones that go to a host."""


def measure(job: Job, *, listen: ListenerOf, started: Callable[[RunRecord], None]) -> tuple[Arrival, ...]:
    """Run a task on all hosts at once, and return what each sent back.

    Nothing is started before all hosts are ready. One that goes away afterwards does not stop the others.

    Parameters
    ----------
    listen
        Returns the listener for the events of a host; the empty name is for all of them.
    started
        Called once with what `fetch` needs, just before the runs begin.

    Raises
    ------
    HostError
        A host cannot be used; the message has the problem of each.
    UsageError
        Two hosts are one machine, or share a folder where that stops them.
    KeyboardInterrupt
        The user interrupted it before the runs began.
    """
    with _links(job.hosts) as links:
        facts = _on_each(links, lambda link: _probed(link, listen(link.name)))
        if twice := same_machine({name: facts[name].identity for name in job.hosts}):
            raise UsageError(
                f"--hosts: {twice[0]} and {twice[1]} are the same machine: it would count twice",
                "remove one of them; machines with a copied /etc/machine-id need new ones: systemd-machine-id-setup",
            )
        for text in probe.remarks(facts):
            listen("")(Remark(text=text))
        run = secrets.token_hex(6)
        # Hosts may have one home folder, as by NFS.
        names = {name: f"{run}-{place}" for place, name in enumerate(job.hosts, start=1)}
        ready = _on_each(
            links, lambda link: _installed(link, facts[link.name], job, names[link.name], listen(link.name))
        )
        if job.has_common_looks:
            _require_own_folders(links, ready, run)
        suite = _SUITE if job.is_default_suite else _OTHER_SUITE
        runs = tuple(
            HostRun(name=name, places=ready[name], suite=suite, is_clock_off=facts[name].is_clock_off)
            for name in job.hosts
        )
        record = RunRecord(
            task=job.task,
            hosts=runs,
            commit=job.commit,
            suite_folder=job.suite_folder,
            suite_file=job.suite_file,
        )
        started(record)
        return _followed(links, record, listen, CommonLooks(job.hosts, listen("")), begins=True)


def fetch(record: RunRecord, *, listen: ListenerOf) -> tuple[Arrival, ...]:
    """Follow the runs of an earlier `measure` to their end, and return what each host sent back.

    Raises
    ------
    HostError
        The ssh configuration cannot be used.
    """
    with _links(tuple(host.name for host in record.hosts)) as links:
        looks = CommonLooks(links, ignore)
        for name in links:
            # What was decided before the connection broke is not known any more: hosts that still ask run to the end.
            looks.lost(name)
        return _followed(links, record, listen, looks, begins=False)


@contextmanager
def _links(names: Sequence[str]) -> Iterator[dict[str, Link]]:
    links = {name: Link(name) for name in names}
    try:
        yield links
    finally:
        for link in links.values():
            link.close()


def _on_each(links: Mapping[str, Link], work: Callable[[Link], _Made]) -> dict[str, _Made]:
    """Do the work for all hosts at once, and return what each made.

    Raises
    ------
    HostError
        It failed for some of them; the message has all problems.
    """
    done: dict[str, _Made] = {}
    problems: dict[str, SeqbenchError] = {}
    defects: list[Exception] = []

    def one(name: str, link: Link) -> None:
        try:
            done[name] = work(link)
        except SeqbenchError as error:
            problems[name] = error
        except Exception as error:  # noqa: BLE001 - raised again in the main thread
            defects.append(error)

    _wait([_begun(one, name, link) for name, link in links.items()])
    for defect in defects:
        raise defect
    found = [problems[name] for name in links if name in problems]
    if len(found) == 1:
        raise found[0]
    if found:
        texts = "\n".join(f"  - {each.message}\n    fix: {each.fix}" for each in found)
        raise HostError(f"{len(found)} hosts cannot be used:\n{texts}", "correct them, or remove them from --hosts")
    return done


def _begun(work: Callable[..., None], *arguments: object) -> threading.Event:
    """Begin some work in a thread, and return what is set at its end."""
    ended = threading.Event()

    def body() -> None:
        try:
            work(*arguments)
        finally:
            ended.set()

    threading.Thread(target=body, daemon=True).start()
    return ended


def _wait(ends: Sequence[threading.Event]) -> None:
    """Wait in short steps, so that a signal is handled at once.

    A signal during `Thread.join` makes Python 3.11 believe that the thread has ended (bpo-45274), so it is not used.
    """
    for ended in ends:
        while not ended.wait(0.2):
            pass


def _probed(link: Link, listen: Listener) -> probe.Facts:
    listen(Phase(text="connecting"))
    link.open()
    said = link.run(probe.SCRIPT, doing="ask what it has")
    return probe.parse(said, link.name, time.time())


def _installed(link: Link, facts: probe.Facts, job: Job, run: str, listen: Listener) -> Places:
    """Bring code and suite to a host as far as they are not there, and make the folder of the run."""
    code, suite = (
        scripts.code_name(job.code.digest, job.extra, facts),
        scripts.suite_name(job.suite.digest),
    )
    probe.require_usable(facts, link.name, (code, suite))
    to = scripts.places(facts, code=code, suite=suite, run=run)
    link.run(scripts.make_folder(to.run), doing="make a folder")
    if code not in facts.kept:
        listen(Phase(text="installing seqbench there, once"))
        wheel = f"{to.run}/wheel/{job.code.name}"
        link.run(scripts.make_folder(f"{to.run}/wheel"), doing="make a folder")
        link.put(wheel, job.code.content)
        link.run(scripts.install(facts, to, wheel, job.extra), doing="install seqbench")
    if suite not in facts.kept:
        listen(Phase(text="sending the suite"))
        link.put(f"{to.run}/{job.suite.name}", job.suite.content)
        link.run(scripts.unpack(to, f"{to.run}/{job.suite.name}"), doing="unpack the suite")
    _write_run(link, to, job)
    return to


def _require_own_folders(links: Mapping[str, Link], ready: Mapping[str, Places], run: str) -> None:
    """Raise a UsageError if two hosts have one cache folder: one would wait for its lock, and the other for a look."""
    runs = {name: ready[name].run.rpartition("/")[2] for name in links}
    said = _on_each(links, lambda link: link.run(scripts.runs_beside(ready[link.name], run), doing="look for runs"))
    for name in links:
        there = {line.rpartition("/")[2] for line in said[name].splitlines()}
        if other := next((other for other in runs if other != name and runs[other] in there), None):
            raise UsageError(
                f"--hosts: {name} and {other} share {ready[name].folder}: only one measures at a time in a "
                "cache folder, and hosts that stop a benchmark at the same look wait for each other",
                f"set SEQBENCH_CACHE on {name} and {other} to different folders, or add --fixed",
            )


def _write_run(link: Link, to: Places, job: Job) -> None:
    """Write the project of the run: its settings, and the file that starts the task."""
    suite = _SUITE if job.is_default_suite else _OTHER_SUITE
    words = [job.task, *job.words]
    if not job.is_default_suite:
        words.append(f"--suite={to.run}/{suite}")
    if job.suite_file:
        words.append(f"--suite-file={to.run}/{suite}/{SUITE_FILE}")
    if job.has_document:
        words.append(f"--json={to.run}/{scripts.RESULT}")
    looks = {ANSWERS_VARIABLE: f"{to.run}/{ANSWERS}"} if job.has_common_looks else {}
    settings = {**job.settings, **looks}
    link.put(f"{to.run}/pyproject.toml", job.project_file.encode())
    link.put(f"{to.run}/{scripts.START}", scripts.start_file(to, words, settings).encode())


def _followed(
    links: Mapping[str, Link], record: RunRecord, listen: ListenerOf, looks: CommonLooks, *, begins: bool
) -> tuple[Arrival, ...]:
    """Follow all runs to their ends; an interrupt ends them first, and what they measured until then comes back.

    Raises
    ------
    KeyboardInterrupt
        A second interrupt, which waits for nothing.
    """
    stop = threading.Event()
    followers = [
        Follower(
            links[host.name],
            host,
            listen=listen(host.name),
            stop=stop,
            looks=looks,
            local=record.local_names(host),
        )
        for host in record.hosts
    ]
    ends = [_begun(each.start_and_follow if begins else each.connect_and_follow) for each in followers]
    try:
        _wait(ends)
    except KeyboardInterrupt:
        stop.set()
        try:
            _wait(ends)
        except KeyboardInterrupt as again:
            raise KeyboardInterrupt(MAY_CONTINUE) from again
    return tuple(follower.arrival() for follower in followers)
