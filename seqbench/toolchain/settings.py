"""Describe settings of compilers and runtimes as data: their kinds, ranges and defaults. Pure."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

MOST_COUNT = (1 << 64) - 1
_MOST_BYTES = 1 << 63
_COUNT = re.compile(r"0|[1-9][0-9]{0,19}")
_UNITS = {"B": 0, "KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40}
_BYTES = re.compile(r"(0|[1-9][0-9]{0,18})(B|KiB|MiB|GiB|TiB)?")
_PAIRS = re.compile(r"[a-z0-9_]+=[^,=]+(,[a-z0-9_]+=[^,=]+)*")
_NEAR = 0.6


class Kind(StrEnum):
    """What the value of a setting looks like."""

    COUNT = "count"
    """Decimal digits, in the unit of the setting."""
    BYTES = "bytes"
    """Decimal digits, and B, KiB, MiB, GiB or TiB."""
    CHOICE = "choice"
    """One of its words."""
    FLAG = "flag"
    """No value: it is given or not."""
    PAIRS = "pairs"
    """name=value, separated by commas."""
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One environment variable of a runtime, or one option of a compiler."""

    name: str
    kind: Kind
    meaning: str
    default: str = ""
    """The value that changes nothing; empty if there is none."""
    unit: str = ""
    """What a count counts, such as `seconds`."""
    least: int = 1
    most: int = MOST_COUNT
    power_of: int | None = None
    """The base, if only its powers are allowed."""
    words: tuple[str, ...] = ()
    """Words that are allowed as the value; one that ends with a colon is followed by any text."""
    only_with: str = ""
    """The setting without which this one has no effect."""
    serves_strands: bool = False
    """Whether it is the number of live strands up to which the runtime keeps something ready."""
    maps_each: int = 0
    """Memory maps that the runtime makes at the start for each one that is counted."""
    slows_all: bool = False
    """Whether more live strands than that slow down all of them, and not only those that are too many."""
    levels: tuple[str, ...] = ()
    """The values that `invoke tune` tries beside the default."""

    def expected(self) -> str:
        """Return what a value must look like, as part of an error."""
        words = [f"{word}PATH" if word.endswith(":") else word for word in self.words]
        if self.kind is Kind.FLAG:
            return "no value"
        if self.kind is Kind.CHOICE:
            return " or ".join([", ".join(words[:-1]), words[-1]]) if words[1:] else words[0]
        if self.kind is Kind.COUNT:
            most = f"at most {self.most:,}" if self.most != MOST_COUNT else "below 2^64"
            power = f"a power of {self.power_of}, " if self.power_of else ""
            count = f"a whole number in digits{f' ({self.unit})' if self.unit else ''}"
            return " or ".join([f"{count}, {power}{self.least:,} or more and {most}", *words])
        if self.kind is Kind.BYTES:
            return " or ".join(["a number of bytes such as 500000000 or 512MiB", *words])
        return "NAME=VALUE, separated by commas" if self.kind is Kind.PAIRS else "a text that is not empty"

    def is_valid(self, value: str) -> bool:
        """Return whether the setting can have this value, which runtimes read without any leeway."""
        if any(
            value.startswith(word) and value != word if word.endswith(":") else value == word for word in self.words
        ):
            return True
        checks = {
            Kind.FLAG: lambda: not value,
            Kind.COUNT: lambda: self._is_count(value),
            Kind.BYTES: lambda: _is_bytes(value),
            Kind.PAIRS: lambda: _PAIRS.fullmatch(value) is not None,
            Kind.TEXT: lambda: bool(value.strip()),
        }
        return self.kind in checks and checks[self.kind]()

    def _is_count(self, value: str) -> bool:
        if not _COUNT.fullmatch(value) or not self.least <= int(value) <= self.most:
            return False
        rest = int(value)
        while self.power_of and rest > 1 and rest % self.power_of == 0:
            rest //= self.power_of
        return self.power_of is None or rest == 1


def _is_bytes(value: str) -> bool:
    found = _BYTES.fullmatch(value)
    return found is not None and int(found[1]) << _UNITS[found[2] or "B"] < _MOST_BYTES


def near_names(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the known names that are most similar to a name, ignoring case and leading dashes."""
    plain = {_plain(each): each for each in known}
    return tuple(plain[each] for each in difflib.get_close_matches(_plain(name), plain, n=2, cutoff=_NEAR))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the similar names as the beginning of a fix; empty if there are none."""
    near = near_names(name, known)
    return f"did you mean {near[0]!r}? Or " if near else ""


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").lstrip("-")
