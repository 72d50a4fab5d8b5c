"""Sessions as JSON files, `results/*.json` and `--json FILE`: written whole, read strictly.

docs/RESULTS.md describes the schema.
"""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

from seqbench.errors import UsageError
from seqbench.sessions.document import HEAD_BYTES, read_document, read_text_file, write_document
from seqbench.sessions.session import Measured, Session
from seqbench.system.files import write_atomically
from seqbench.units import iso_utc, parse_iso

_SESSION = "session"
SCHEMA = f"seqbench/{_SESSION}"

# What SQLite and plots can hold with room to spare.
_MOST = 1 << 62


def to_json(session: Session) -> str:
    """Write a session, with the schema's name and version first."""
    return write_document(session, SCHEMA)


def from_json(text: str, name: str) -> Session:
    """Read a session; `name` is the file, for errors.

    Raises
    ------
    UsageError
        Not JSON, cut short, another schema or version, or a value that is missing or of the wrong kind.
    """
    return read_document(text, name, Session, SCHEMA)


def result_path(folder: Path, session: Session) -> Path:
    """Return where a session is kept: by its start, and the seed because two may start in the same second."""
    return folder / f"{iso_utc(session.started_at).replace(':', '-')}-{session.seed}.json"


def save(path: Path, session: Session) -> None:
    """Write a session to a file, whole or not at all.

    Raises
    ------
    OSError
        The disk is full or read-only.
    """
    write_atomically(path, to_json(session).encode())


def load(path: Path) -> Session:
    """Read a session from a file.

    Raises
    ------
    UsageError
        It cannot be read, is no session (as `from_json`), or has a sample that no run can have.
    """
    session = from_json(read_text_file(path), str(path))
    if where := _impossible(session):
        raise UsageError(
            f"{path}: a sample of {where} has a figure that no run can have", "run it again, or leave the file out"
        )
    return session


def _impossible(session: Session) -> str:
    """Name the first sample whose figures no run can have; empty where there is none."""
    for result in session.results:
        for program in result.programs:
            if not isinstance(program.outcome, Measured):
                continue
            for sample in (*program.outcome.warm_ups, *program.outcome.samples):
                counts = (
                    *(sample.user_ns, sample.system_ns, sample.max_rss_bytes, sample.max_rss_floor_bytes),
                    *(sample.window_ns, sample.machine_busy_ns, sample.machine_steal_ns, sample.own_cpu_ns),
                )
                times = (sample.elapsed_ns, sample.wall_ns)
                if min(times) < 1 or min(counts) < 0 or max(*counts, *times) > _MOST:
                    return f"{result.name}, {program.runtime}, round {sample.round_number}"
    return ""


def load_latest(folder: Path) -> tuple[Path, Session, tuple[str, ...]]:
    """Return the session of a folder that began last, its file, and what is wrong with files that may be later ones.

    Comparisons and the like, which lie there too, are passed over.

    Raises
    ------
    UsageError
        There is no session, or none that can be read.
    """
    problems = []
    begun = []
    for path in sorted(folder.glob("*.json")):
        try:
            if (moment := _begun(path)) is not None:
                begun.append((moment, path))
        except UsageError as error:
            problems.append(error.message)
    for _, path in sorted(begun, reverse=True):
        try:
            return path, load(path), tuple(problems)
        except UsageError as error:
            problems.append(error.message)
    found = "".join(f"\n  - {problem}" for problem in problems)
    raise UsageError(f"there is no stored session in {folder}{found}", "{invoke} bench, or give --session FILE")


def _begun(path: Path) -> datetime | None:
    """Return when the session in a file began, from its first lines, for there may be many files; None: no session.

    Raises
    ------
    UsageError
        It cannot be read, or is nothing of seqbench.
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
        # Reading all of it tells what is wrong; where that is only the order of its fields, it tells the moment too.
        return load(path).started_at.astimezone(UTC)


def is_of_another_kind(path: Path) -> bool:
    """Return whether a file is one of seqbench's that holds no session but a comparison, a sweep or the like."""
    try:
        document = json.loads(read_text_file(path))
    except (UsageError, ValueError, RecursionError):
        return False
    schema = document.get("schema") if isinstance(document, dict) else None
    return isinstance(schema, str) and schema != SCHEMA and schema.startswith(f"{SCHEMA.partition('/')[0]}/")
