"""Documents as JSON: written with the name and version of their schema, and read strictly.

docs/RESULTS.md describes the schemas. Nothing here changes a file.
"""

import json
import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from seqbench.errors import UsageError

SCHEMA_VERSION = 1
# The first fields of a session take half a kilobyte.
HEAD_BYTES = 4096
_Data = TypeVar("_Data")


def schema_of(path: Path) -> str:
    """Return the schema that a file names in its first lines; empty where it names none or cannot be read."""
    try:
        with path.open("rb") as file:
            named = re.search(rb'"schema":\s*"([^"]*)"', file.read(HEAD_BYTES))
    except OSError:
        return ""
    return named[1].decode(errors="replace") if named else ""


def read_text_file(path: Path) -> str:
    """Read a stored file.

    Raises
    ------
    UsageError
        It cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}", "give another file") from error


def write_document(data: object, schema: str) -> str:
    """Write a dataclass as JSON, with the schema's name and version first."""
    document: dict[str, Any] = {"schema": schema, "schema_version": SCHEMA_VERSION, **msgspec.to_builtins(data)}
    return json.dumps(document, indent=1) + "\n"


def read_document(text: str, name: str, kind: type[_Data], schema: str) -> _Data:
    """Read a dataclass from JSON; `name` is the file, for errors.

    Raises
    ------
    UsageError
        Not JSON, cut short, another schema or version, or a value that is missing or of the wrong kind.
    """
    fix = "run it again, or give another file"
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}: not JSON, or cut short: {error}", fix) from error
    if not isinstance(document, dict) or document.get("schema") != schema:
        raise UsageError(f"{name}: not {_a(schema)} of seqbench: wanted schema {schema!r}", fix)
    found = document.get("schema_version")
    if found != SCHEMA_VERSION:
        raise UsageError(f"{name}: schema version {found!r}, and this seqbench reads {SCHEMA_VERSION}", fix)
    values = {key: value for key, value in document.items() if key not in ("schema", "schema_version")}
    try:
        return msgspec.convert(values, kind)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise UsageError(f"{name}: {error}", fix) from error


def _a(schema: str) -> str:
    """Name the kind of a file, with its article."""
    kind = schema.rpartition("/")[2]
    return f"{'an' if kind.startswith('e') else 'a'} {kind}"
