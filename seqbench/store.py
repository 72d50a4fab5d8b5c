"""Sessions as JSON files, `results/*.json` and `--json FILE`: written whole, read strictly.

docs/RESULTS.md describes the schema.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from seqbench.calibration import Calibration
from seqbench.errors import UsageError
from seqbench.files import write_atomically
from seqbench.session import Session
from seqbench.units import iso_utc

SCHEMA = "seqbench/session"
COMPARISON_SCHEMA = "seqbench/comparison"
CALIBRATION_SCHEMA = "seqbench/calibration"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredComparison:
    """A comparison on its way to a file: what was asked, and its sessions as far as they came.

    They are base, head and, for a gate, the probe.
    """

    base_spec: str
    head_spec: str
    only: tuple[str, ...]
    margin: float
    sessions: tuple[Session, ...]


_Data = TypeVar("_Data", Session, StoredComparison, Calibration)


def to_json(session: Session) -> str:
    """Write a session, with the schema's name and version first."""
    return _write(session, SCHEMA)


def from_json(text: str, name: str) -> Session:
    """Read a session; `name` is the file, for errors.

    Raises
    ------
    UsageError : not JSON, cut short, another schema or version, or a value that is missing or of the wrong kind.
    """
    return _read(text, name, Session, SCHEMA)


def comparison_to_json(comparison: StoredComparison) -> str:
    """Write a comparison, with the schema's name and version first."""
    return _write(comparison, COMPARISON_SCHEMA)


def comparison_from_json(text: str, name: str) -> StoredComparison:
    """Read a comparison, as `from_json` reads a session."""
    return _read(text, name, StoredComparison, COMPARISON_SCHEMA)


def calibration_to_json(calibration: Calibration) -> str:
    """Write a calibration, with the schema's name and version first."""
    return _write(calibration, CALIBRATION_SCHEMA)


def load_calibration(path: Path) -> Calibration | None:
    """Read a calibration; None where there is none that can be read, for it only serves a warning."""
    try:
        return _read(_text(path), str(path), Calibration, CALIBRATION_SCHEMA)
    except UsageError:
        return None


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
    return from_json(_text(path), str(path))


def load_comparison(path: Path) -> StoredComparison:
    """Read a comparison from a file, as `load` reads a session."""
    return comparison_from_json(_text(path), str(path))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}", "give another file") from error


def _write(data: Session | StoredComparison | Calibration, schema: str) -> str:
    document: dict[str, Any] = {"schema": schema, "schema_version": SCHEMA_VERSION, **msgspec.to_builtins(data)}
    return json.dumps(document, indent=1) + "\n"


def _read(text: str, name: str, kind: type[_Data], schema: str) -> _Data:
    mend = "run it again, or give another file"
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}: not JSON, or cut short: {error}", mend) from error
    if not isinstance(document, dict) or document.get("schema") != schema:
        raise UsageError(f"{name}: not a {schema.rpartition('/')[2]} of seqbench: wanted schema {schema!r}", mend)
    found = document.get("schema_version")
    if found != SCHEMA_VERSION:
        raise UsageError(f"{name}: schema version {found!r}, and this seqbench reads {SCHEMA_VERSION}", mend)
    values = {key: value for key, value in document.items() if key not in ("schema", "schema_version")}
    try:
        return msgspec.convert(values, kind)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise UsageError(f"{name}: {error}", mend) from error
