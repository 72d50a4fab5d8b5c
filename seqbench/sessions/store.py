"""Save and load sessions as JSON files, `results/*.json` and `--json FILE`: written atomically, read strictly.

docs/RESULTS.md describes the schema.
"""

import contextlib
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from seqbench.errors import UsageError
from seqbench.sessions.document import HEAD_BYTES, read_document, read_text_file, write_document
from seqbench.sessions.session import Measured, Session
from seqbench.system.facts import Machine
from seqbench.system.files import write_atomically
from seqbench.system.machine import recognised
from seqbench.units import iso_utc, parse_iso

_SESSION = "session"
SCHEMA = f"seqbench/{_SESSION}"

# Above every real figure, and below what the history's integers hold.
_LARGEST_FIGURE = 1 << 62
# A machine in a result of any kind: it holds no other object.
_MACHINE = re.compile(rb'"machine":\s*(\{[^{}]*\})')


def to_json(session: Session) -> str:
    """Return a session as JSON, with the name and version of its schema first."""
    return write_document(session, SCHEMA, (session,))


def from_json(text: str, name: str) -> Session:
    """Return the session that a JSON document describes; `name` is the file, for errors.

    Raises
    ------
    UsageError
        The text is not JSON or cut short, has another schema or version, or a value is missing or of the wrong type.
    """
    return read_document(text, name, Session, SCHEMA)


def result_stem(session: Session) -> str:
    """Return the name of a session's file without its suffix: its start and its seed."""
    return f"{iso_utc(session.started_at).replace(':', '-')}-{session.seed}"


def save(path: Path, session: Session) -> None:
    """Write a session to a file, atomically.

    Raises
    ------
    OSError
        The disk is full or read-only.
    """
    write_atomically(path, to_json(session).encode())


def load(path: Path) -> Session:
    """Read a session from a file; if it is of this machine, it has the machine's identity of today.

    Raises
    ------
    UsageError
        The file cannot be read, is no session (as `from_json`), or has a sample with a figure out of range.
    """
    session = from_json(read_text_file(path), str(path))
    if where := _out_of_range(session):
        raise UsageError(f"{path}: a sample of {where} has a figure out of range", "run it again, or leave it out")
    return replace(session, machine=recognised(session.machine))


def _out_of_range(session: Session) -> str:
    """Return the name of the first sample with a figure that no run can have; empty if there is none."""
    for result in session.results:
        for program in result.programs:
            if not isinstance(program.outcome, Measured):
                continue
            for sample in (*program.outcome.warm_ups, *program.outcome.samples):
                counts = (
                    *(sample.user_ns, sample.system_ns, sample.max_rss_bytes, sample.max_rss_floor_bytes),
                    *(sample.window_ns, sample.machine_busy_ns, sample.machine_steal_ns, sample.own_cpu_ns),
                    *(sample.kernel_threads_ns, sample.pressure_ns, sample.throttled_ns),
                )
                # A time of zero is one below the step of a coarse clock.
                own_ns = sample.elapsed_ns + (program.clock_step_ns > 1)
                times = (own_ns, sample.wall_ns)
                if min(times) < 1 or min(counts) < 0 or max(*counts, *times) > _LARGEST_FIGURE:
                    return f"{result.name}, {program.runtime}, round {sample.round_number}"
    return ""


def load_latest(folder: Path) -> tuple[Path, Session, tuple[str, ...]]:
    """Return the latest session of a folder, its file, and the problems of files that may be later ones.

    Other documents in the folder, such as comparisons, are skipped.

    Raises
    ------
    UsageError
        There is no session, or none that can be read.
    """
    problems = []
    started = []
    for path in sorted(folder.glob("*.json")):
        try:
            if (moment := _started_at(path)) is not None:
                started.append((moment, path))
        except UsageError as error:
            problems.append(error.message)
    for _, path in sorted(started, reverse=True):
        try:
            return path, load(path), tuple(problems)
        except UsageError as error:
            problems.append(error.message)
    found = "".join(f"\n  - {problem}" for problem in problems)
    raise UsageError(f"there is no stored session in {folder}{found}", "{invoke} bench, or give --session FILE")


def _started_at(path: Path) -> datetime | None:
    """Return the start of the session in a file; None if the file holds another document of seqbench.

    It reads only the first lines where they suffice, because there may be many files.

    Raises
    ------
    UsageError
        The file cannot be read, or was not written by seqbench.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES).decode(errors="replace")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}", "give another file") from error
    schema = re.search(r'"schema":\s*"seqbench/([^"]*)"', head)
    if schema is not None and schema[1] != _SESSION:
        return None
    moment = re.search(r'"started_at":\s*"([^"]*)"', head)
    try:
        return parse_iso(moment[1] if schema is not None and moment is not None else "")
    except ValueError:
        # Reading the whole file raises the error that names the problem, or finds the start further down.
        return load(path).started_at.astimezone(UTC)


def is_of_another_kind(path: Path) -> bool:
    """Return whether a file holds another document of seqbench, such as a comparison or a sweep."""
    try:
        document = json.loads(read_text_file(path))
    except (UsageError, ValueError, RecursionError):
        return False
    schema = document.get("schema") if isinstance(document, dict) else None
    return isinstance(schema, str) and schema != SCHEMA and schema.startswith(f"{SCHEMA.partition('/')[0]}/")


def stored_machine(identity: str, folder: Path) -> Machine | None:
    """Return the machine with this identity from the results in a folder; None if no file has it."""
    named = json.dumps(identity).encode()
    for path in sorted(folder.glob("*.json")):
        try:
            content = path.read_bytes()
        except OSError:
            continue
        for found in _MACHINE.findall(content) if named in content else ():
            with contextlib.suppress(msgspec.MsgspecError):
                machine = msgspec.json.decode(found, type=Machine)
                if machine.identity == identity:
                    return machine
    return None
