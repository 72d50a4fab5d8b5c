"""Define how the output of programs is read: `key: value` lines, a pattern, or nothing but the wall clock. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

RESULT = "result"
TEST, CATEGORY = "test", "category"
# The nanoseconds of one unit, by the name of the group that holds a time in it.
TIMES = {"elapsed_s": 1_000_000_000, "elapsed_ms": 1_000_000, "elapsed_us": 1_000, "elapsed_ns": 1}


class Format(StrEnum):
    """How a program says what it did."""

    LINES = "lines"
    PATTERN = "pattern"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a program prints, and which clock counts."""

    format: Format = Format.LINES
    pattern: str = ""
    """Sought in all of standard output; each match is a test, with its figures in named groups."""
    takes_last: bool = False
    """Of several matches for one test the last one counts; otherwise they are an error."""
    is_wall: bool = False
    """The time is that of the whole process."""


LINES = Output()


class OutputError(ValueError):
    """A pattern that cannot be used."""


def pattern_output(pattern: str, *, takes_last: bool, is_wall: bool) -> Output:
    """Return the output that a pattern describes.

    Raises
    ------
    OutputError
        The pattern does not compile, or its groups hold no time, or several.
    """
    try:
        groups = re.compile(pattern, re.MULTILINE).groupindex
    except re.error as error:
        raise OutputError(f"the pattern does not compile: {error}") from error
    times = [name for name in TIMES if name in groups]
    if len(times) > 1:
        raise OutputError(f"the pattern has {' and '.join(times)}, expected one time in one unit")
    if not times and not is_wall:
        raise OutputError('the pattern has no time: expected a group such as (?P<elapsed_ms>...), or clock = "wall"')
    return Output(format=Format.PATTERN, pattern=pattern, takes_last=takes_last, is_wall=is_wall)


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """One test as a program reported it."""

    test: str
    """With its category, as in `fib/naive`; empty where the program is its only test."""
    result: int | str
    """Empty where none was printed."""
    elapsed_ns: int
    step_ns: int
    """What its clock was rounded to; 1 where it counts nanoseconds."""
    ledger: tuple[tuple[str, int], ...]


def read_pattern(text: str, output: Output) -> tuple[Printed, ...] | str:
    """Return the tests that a pattern finds in an output, in their order; or what is wrong with it."""
    found: dict[str, Printed] = {}
    names: dict[str, str] = {}
    for match in re.finditer(output.pattern, text, re.MULTILINE):
        printed = _printed(match)
        if isinstance(printed, str):
            return printed
        name = _name(match)
        if names.setdefault(printed.test, name) != name:
            return f"the tests {names[printed.test]!r} and {name!r} have the same name in tables: {printed.test!r}"
        if printed.test in found and not output.takes_last:
            name = f"the test {printed.test!r}" if printed.test else "the pattern"
            return f"{name} matches twice"
        found[printed.test] = printed
    return tuple(found.values()) or "the pattern matches nothing"


def _printed(match: re.Match[str]) -> Printed | str:
    groups = {name: value for name, value in match.groupdict().items() if value is not None}
    elapsed = next(((name, groups[name]) for name in TIMES if name in groups), None)
    elapsed_ns, step_ns = 0, 1
    if elapsed is not None:
        time = _nanoseconds(elapsed[1], TIMES[elapsed[0]])
        if time is None:
            return f"{elapsed[0]} is not a time: {elapsed[1][:40]!r}"
        elapsed_ns, step_ns = time
    ledger: list[tuple[str, int]] = []
    for name, value in groups.items():
        if name in (RESULT, TEST, CATEGORY) or name in TIMES:
            continue
        count = whole_number(value)
        if count is None:
            return f"{name} is not an integer"
        ledger.append((name, count))
    result = groups.get(RESULT, "")
    number = whole_number(result)
    return Printed(
        test=_test(groups),
        result=result[:_LONGEST_RESULT] if number is None else number,
        elapsed_ns=elapsed_ns,
        step_ns=step_ns,
        ledger=tuple(ledger),
    )


def _name(match: re.Match[str]) -> str:
    """Return the name of a test as the program printed it."""
    groups = match.groupdict()
    return "/".join(text.strip() for key in (CATEGORY, TEST) if (text := groups.get(key)))


def _test(groups: Mapping[str, str]) -> str:
    names = [row_name(groups.get(name, "")) for name in (CATEGORY, TEST)]
    return "/".join(filter(None, names)) if names[1] else ""


_LONGEST_RESULT = 200
_NUMBER = re.compile(r"(?P<whole>\d{1,18})(?:\.(?P<decimals>\d{1,30}))?(?:[eE](?P<exponent>[+-]?\d{1,3}))?", re.ASCII)
# Enough for 128 bits and a sign. Python converts at most 308 digits to a float, and 4,300 to an integer.
_LONGEST_INTEGER = 40
_LONGEST_TIME_NS = 1 << 62


def whole_number(text: str) -> int | None:
    """Return an integer as all readers of an output understand it; None for any other text."""
    # int() also accepts "1_000" and digits of other alphabets.
    is_one = text.removeprefix("-").isdecimal() and text.isascii() and len(text) <= _LONGEST_INTEGER
    return int(text) if is_one else None


def row_name(text: str) -> str:
    """Return the name of a test as it stands in names of rows: without spaces and special characters."""
    return re.sub(r"[^\w.+-]+", "-", text).strip("-")[:80]


def _nanoseconds(text: str, unit_ns: int) -> tuple[int, int] | None:
    """Return a time and the step that its last digit stands for, both in nanoseconds."""
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    exponent = int(match["exponent"] or 0)
    decimals = len(match["decimals"] or "")
    digits = int(match["whole"] + (match["decimals"] or ""))
    scale = exponent - decimals
    # In whole numbers, so that 0.1 ms is 100,000 ns.
    time = digits * unit_ns * 10**scale if scale >= 0 else round(digits * unit_ns / 10**-scale)
    step = unit_ns * 10**scale if scale >= 0 else unit_ns // 10**-scale
    return (time, max(1, step)) if time < _LONGEST_TIME_NS else None


def names_differ(first: Sequence[str], other: Sequence[str]) -> str:
    """Return how the tests of a run differ from those of its first run; empty when they do not."""
    missing = [name for name in first if name not in other]
    new = [name for name in other if name not in first]
    return (f"the test {missing[0]!r} is missing" if missing else "") or (f"the test {new[0]!r} is new" if new else "")
