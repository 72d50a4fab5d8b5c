"""Convert dataclasses to JSON documents with the name and version of their schema, and read these strictly.

docs/RESULTS.md describes the schemas. Nothing here writes a file.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from seqbench.errors import UsageError
from seqbench.sessions.interference import interference_data, was_counted
from seqbench.sessions.session import Session

SCHEMA_VERSION = 1
# The first fields of a session take half a kilobyte.
HEAD_BYTES = 4096
_Data = TypeVar("_Data")


def schema_of(path: Path) -> str:
    """Return the schema that the first lines of a file name; empty if they name none or the file cannot be read."""
    try:
        with path.open("rb") as file:
            named = re.search(rb'"schema":\s*"([^"]*)"', file.read(HEAD_BYTES))
    except OSError:
        return ""
    return named[1].decode(errors="replace") if named else ""


def read_text_file(path: Path) -> str:
    """Return the text of a stored file.

    Raises
    ------
    UsageError
        The file cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}", "give another file") from error


def write_document(data: object, schema: str, *rounds: Sequence[Session]) -> str:
    """Return a dataclass as JSON, with the name and version of its schema first.

    Parameters
    ----------
    rounds
        The sessions in it, those that ran in the same rounds together. What disturbed them is written last, for other
        readers: it is computed from the samples, and ignored when the document is read.
    """
    document: dict[str, Any] = {"schema": schema, "schema_version": SCHEMA_VERSION, **msgspec.to_builtins(data)}
    if was_counted(*rounds):
        document["interference"] = interference_data(*rounds)
    return json.dumps(document, indent=1) + "\n"


def read_document(text: str, name: str, kind: type[_Data], schema: str) -> _Data:
    """Return the dataclass that a JSON document describes.

    Parameters
    ----------
    name
        The file, for errors.
    kind
        The dataclass.

    Raises
    ------
    UsageError
        The text is not JSON or cut short, has another schema or version, or a value is missing or of the wrong type.
    """
    fix = "run it again, or give another file"
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}: not JSON, or cut short: {error}", fix) from error
    if not isinstance(document, dict) or document.get("schema") != schema:
        raise UsageError(f"{name}: not {_a(schema)} of seqbench: expected schema {schema!r}", fix)
    found = document.get("schema_version")
    if found != SCHEMA_VERSION:
        raise UsageError(f"{name}: schema version {found!r}, expected {SCHEMA_VERSION}", fix)
    values = {key: value for key, value in document.items() if key not in ("schema", "schema_version")}
    try:
        return msgspec.convert(values, kind)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise UsageError(f"{name}: {error}", fix) from error


def _a(schema: str) -> str:
    """Return the kind of a document with its article, such as `a session`."""
    kind = schema.rpartition("/")[2]
    return f"{'an' if kind.startswith('e') else 'a'} {kind}"
