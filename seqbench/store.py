"""Sessions as JSON files, `results/*.json` and `--json FILE`: written whole, read strictly.

docs/RESULTS.md describes the schema.
"""

import json
from pathlib import Path
from typing import Any

import msgspec

from seqbench.errors import UsageError
from seqbench.files import write_atomically
from seqbench.session import Session
from seqbench.units import iso_utc

SCHEMA = "seqbench/session"
SCHEMA_VERSION = 1


def to_json(session: Session) -> str:
    """Write a session, with the schema's name and version first."""
    document: dict[str, Any] = {"schema": SCHEMA, "schema_version": SCHEMA_VERSION, **msgspec.to_builtins(session)}
    return json.dumps(document, indent=1) + "\n"


def from_json(text: str, name: str) -> Session:
    """Read a session; `name` is the file, for errors.

    Raises
    ------
    UsageError : not JSON, cut short, another schema or version, or a value that is missing or of the wrong kind.
    """
    mend = "run `invoke bench` again, or give another file"
    try:
        document = json.loads(text)
    except ValueError as error:
        raise UsageError(f"{name}: not JSON, or cut short: {error}", mend) from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise UsageError(f"{name}: not a session of seqbench: wanted schema {SCHEMA!r}", mend)
    if document.get("schema_version") != SCHEMA_VERSION:
        raise UsageError(
            f"{name}: schema version {document.get('schema_version')!r}, and this seqbench reads {SCHEMA_VERSION}", mend
        )
    try:
        return msgspec.convert(
            {key: value for key, value in document.items() if key not in ("schema", "schema_version")}, Session
        )
    except msgspec.ValidationError as error:
        raise UsageError(f"{name}: {error}", mend) from error


def result_path(folder: Path, session: Session) -> Path:
    """Give where a session is kept: by its start, and the seed because two may start in the same second."""
    return folder / f"{iso_utc(session.started_at).replace(':', '-')}-{session.seed}.json"


def save(path: Path, session: Session) -> None:
    """Write a session to a file, whole or not at all.

    Raises
    ------
    OSError : the disk is full or read-only.
    """
    write_atomically(path, to_json(session).encode())


def load(path: Path) -> Session:
    """Read a session from a file.

    Raises
    ------
    UsageError : it cannot be read, or is no session (as `from_json`).
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}", "give another file") from error
    return from_json(text, str(path))
