"""Sessions as JSON files, `results/*.json` and `--json FILE`: written whole, read strictly.

docs/RESULTS.md describes the schema.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from seqbench.compare.calibration import Calibration
from seqbench.errors import UsageError
from seqbench.experiments.explain.document import Explanation
from seqbench.experiments.sweep.document import SweepDocument
from seqbench.experiments.tune.document import TuneDocument
from seqbench.sessions.session import Measured, Session
from seqbench.system.files import write_atomically
from seqbench.units import iso_utc, parse_iso

_SESSION = "session"
SCHEMA = f"seqbench/{_SESSION}"
COMPARISON_SCHEMA = "seqbench/comparison"
CALIBRATION_SCHEMA = "seqbench/calibration"
SWEEP_SCHEMA = "seqbench/sweep"
TUNE_SCHEMA = "seqbench/tune"
EXPLANATION_SCHEMA = "seqbench/explanation"
SCHEMA_VERSION = 1
# The first fields of a session take half a kilobyte.
_HEAD_BYTES = 4096

# What SQLite and plots can hold with room to spare.
_MOST = 1 << 62


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


_Document = Session | StoredComparison | Calibration | SweepDocument | TuneDocument | Explanation
_Data = TypeVar("_Data", bound=_Document)


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


def explanation_to_json(explanation: Explanation) -> str:
    """Write an explanation, with the schema's name and version first."""
    return _write(explanation, EXPLANATION_SCHEMA)


def load_explanation(path: Path) -> Explanation:
    """Read an explanation from a file, as `load` reads a session."""
    return _read(_text(path), str(path), Explanation, EXPLANATION_SCHEMA)


def load_calibration(path: Path) -> Calibration | None:
    """Read a calibration; None where there is none that can be read, for it only serves a warning."""
    try:
        return _read(_text(path), str(path), Calibration, CALIBRATION_SCHEMA)
    except UsageError:
        return None


def sweep_to_json(document: SweepDocument) -> str:
    """Write a sweep, with the schema's name and version first."""
    return _write(document, SWEEP_SCHEMA)


def load_sweep(path: Path) -> SweepDocument:
    """Read a sweep from a file, as `load` reads a session."""
    return _read(_text(path), str(path), SweepDocument, SWEEP_SCHEMA)


def tune_to_json(document: TuneDocument) -> str:
    """Write a tuning, with the schema's name and version first."""
    return _write(document, TUNE_SCHEMA)


def load_tune(path: Path) -> TuneDocument:
    """Read a tuning from a file, as `load` reads a session."""
    return _read(_text(path), str(path), TuneDocument, TUNE_SCHEMA)


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
    UsageError : it cannot be read, is no session (as `from_json`), or has a sample that no run can have.
    """
    session = from_json(_text(path), str(path))
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
                counts = (sample.user_ns, sample.system_ns, sample.max_rss_bytes, sample.max_rss_floor_bytes)
                times = (sample.elapsed_ns, sample.wall_ns)
                if min(times) < 1 or min(counts) < 0 or max(*counts, *times) > _MOST:
                    return f"{result.name}, {program.runtime}, round {sample.round_number}"
    return ""


def load_latest(folder: Path) -> tuple[Path, Session, tuple[str, ...]]:
    """Give the session of a folder that began last, its file, and what is wrong with files that may be later ones.

    Comparisons and the like, which lie there too, are passed over.

    Raises
    ------
    UsageError : there is no session, or none that can be read.
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
    raise UsageError(f"there is no stored session in {folder}{found}", "invoke bench, or give --session FILE")


def _begun(path: Path) -> datetime | None:
    """Say when the session in a file began, from its first lines, for there may be many files; None: no session.

    Raises
    ------
    UsageError : it cannot be read, or is nothing of seqbench.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES).decode(errors="replace")
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


def load_comparison(path: Path) -> StoredComparison:
    """Read a comparison from a file, as `load` reads a session."""
    return comparison_from_json(_text(path), str(path))


def is_of_another_kind(path: Path) -> bool:
    """Say whether a file is one of seqbench's that holds no session but a comparison, a sweep or the like."""
    try:
        document = json.loads(_text(path))
    except (UsageError, ValueError, RecursionError):
        return False
    schema = document.get("schema") if isinstance(document, dict) else None
    return isinstance(schema, str) and schema != SCHEMA and schema.startswith(f"{SCHEMA.partition('/')[0]}/")


def schema_of(path: Path) -> str:
    """Give the schema that a file names in its first lines; empty where it names none or cannot be read."""
    try:
        with path.open("rb") as file:
            named = re.search(rb'"schema":\s*"([^"]*)"', file.read(_HEAD_BYTES))
    except OSError:
        return ""
    return named[1].decode(errors="replace") if named else ""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}", "give another file") from error


def _write(data: _Document, schema: str) -> str:
    document: dict[str, Any] = {"schema": schema, "schema_version": SCHEMA_VERSION, **msgspec.to_builtins(data)}
    return json.dumps(document, indent=1) + "\n"


def _read(text: str, name: str, kind: type[_Data], schema: str) -> _Data:
    mend = "run it again, or give another file"
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}: not JSON, or cut short: {error}", mend) from error
    if not isinstance(document, dict) or document.get("schema") != schema:
        raise UsageError(f"{name}: not {_a(schema)} of seqbench: wanted schema {schema!r}", mend)
    found = document.get("schema_version")
    if found != SCHEMA_VERSION:
        raise UsageError(f"{name}: schema version {found!r}, and this seqbench reads {SCHEMA_VERSION}", mend)
    values = {key: value for key, value in document.items() if key not in ("schema", "schema_version")}
    try:
        return msgspec.convert(values, kind)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise UsageError(f"{name}: {error}", mend) from error


def _a(schema: str) -> str:
    """Name the kind of a file, with its article."""
    kind = schema.rpartition("/")[2]
    return f"{'an' if kind.startswith('e') else 'a'} {kind}"
