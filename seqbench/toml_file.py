"""Read a TOML file into structs; errors name the file, the line, and a similar key for an unknown one."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from seqbench.errors import UsageError

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class TomlFile:
    """A TOML file, or one table of it."""

    path: Path
    text: str
    document: Mapping[str, Any]
    table: tuple[str, ...] = ()
    """The keys that lead from the top of the file to the document."""

    def error_at(self, message: str, *path: str) -> UsageError:
        """Return an error that names the line of the last key of a path such as `expect`, `ledger`, `tasks`."""
        return UsageError(f"{self.path}:{self.line(*path)}: {message}", f"fix {self.path}")

    def line(self, *path: str) -> int:
        """Return the line of the last key of a path, or of the last one that the text shows."""
        lines = self.text.splitlines()
        number = 0
        for key in (*self.table, *path):
            name = rf"(?<![\w-]){re.escape(key)}(?![\w-])"
            place = re.compile(rf"""^\s*\[[^\]=]*{name}|(^|[{{,.])\s*["']?{name}["']?\s*[=.]""")
            number = next((n for n in range(number, len(lines)) if place.search(lines[n])), number)
        return number + 1

    def below(self, *keys: str) -> "TomlFile":
        """Return one table of the document, whose errors still name its lines in the file."""
        document: Any = self.document
        for key in keys:
            document = document[key]
        return TomlFile(path=self.path, text=self.text, document=document, table=(*self.table, *keys))

    def convert(self, kind: type[S]) -> S:
        """Return the document as a struct.

        Raises
        ------
        UsageError
            A key is unknown or missing, or a value has the wrong type; the message names the line.
        """
        try:
            return msgspec.convert(self.document, kind)
        except msgspec.ValidationError as error:
            path, owner = _place_of(error, self.document, kind)
            unknown = re.search(r"unknown field `([^`]+)`", str(error))
            if unknown is None:
                raise self.error_at(_plain(error, path), *path) from error
            known = tuple(field.encode_name for field in msgspec.structs.fields(owner))
            near = difflib.get_close_matches(unknown[1], known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"expected one of: {', '.join(known)}"
            where = f" in {'.'.join((*self.table, *path))}" if (*self.table, *path) else ""
            raise self.error_at(f"unknown key {unknown[1]!r}{where}; {hint}", *path, unknown[1]) from error


def read_toml(path: Path) -> TomlFile:
    """Read a TOML file.

    Raises
    ------
    UsageError
        The file cannot be read, or is not TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return TomlFile(path=path, text=text, document=tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise UsageError(f"{path}:{line[1] if line else 1}: invalid TOML: {error}", f"fix {path}") from error
    except (UnicodeDecodeError, OSError) as error:
        raise UsageError(f"{path}: cannot be read: {error}", f"fix {path}") from error


def _plain(error: msgspec.ValidationError, path: tuple[str, ...]) -> str:
    """Return what msgspec says, with the path as it is written in TOML."""
    message = re.sub(r" - at `[^`]*`$", "", str(error))
    message = message.replace("Object missing", "missing")
    return f"{'.'.join(path)}: {message}" if path else message


def _place_of(error: msgspec.ValidationError, document: Any, kind: Any) -> tuple[tuple[str, ...], Any]:  # noqa: ANN401
    """Return the keys that lead to the value of an error, and its type.

    msgspec writes `$.parameters[...].full` without the name of the entry, which is the first that does not fit.
    """
    written = re.search(r"`\$\.?([^`]*)`", str(error))
    path: list[str] = []
    for part in re.findall(r"[\w-]+|\[\.\.\.\]|\[\d+\]", written[1]) if written else ():
        kind = _without_none(kind)
        if re.fullmatch(r"\[\d+\]", part):
            kind, document = _item(kind), document[int(part[1:-1])] if isinstance(document, list) else None
            continue
        key = part
        if part == "[...]":
            kind = _item(kind)
            key = next((name for name, entry in document.items() if not _is_a(entry, kind)), "")
        else:
            hints = get_type_hints(kind)
            names = {field.encode_name: hints[field.name] for field in msgspec.structs.fields(kind)}
            kind = names[key]
        path.append(key)
        document = document.get(key) if isinstance(document, dict) else None
    return tuple(path), _without_none(kind)


def _without_none(kind: Any) -> Any:  # noqa: ANN401 - any type that msgspec accepts
    options = [each for each in get_args(kind) if each is not type(None)]
    return options[0] if isinstance(kind, UnionType) and len(options) == 1 else kind


def _item(kind: Any) -> Any:  # noqa: ANN401 - any type that msgspec accepts
    """Return the type of the entries of a table or list."""
    arguments = get_args(kind)
    return arguments[1] if get_origin(kind) is dict else arguments[0]


def _is_a(entry: object, kind: Any) -> bool:  # noqa: ANN401 - any type that msgspec accepts
    try:
        msgspec.convert(entry, kind)
    except msgspec.ValidationError:
        return False
    return True
