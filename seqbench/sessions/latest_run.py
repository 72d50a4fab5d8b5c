"""LATEST_RUN.txt: what the last run was, in a form that both a person and the freshness check can read. Pure.

The file is `key: value` lines, then the tables as blocks of indented lines, and a digest of all that stands above it.
Every record survives the way out and back: `parse(render(record)) == record`.
`recording` builds a record from a session.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from seqbench.errors import CheckError
from seqbench.stats.intervals import Interval, Ratio
from seqbench.units import iso_utc, parse_iso

FORMAT = "2"
# It has no ratios, and one block with the tables and the notes, a blank line between each two.
_EARLIER_FORMAT = "seqbench record 1"
_COMMENT = (
    "# The last benchmark run. Written by `invoke bench`, read by `invoke check-fresh`; an edit makes it invalid."
)
_INDENT = "    "
_BLOCKS = ("table", "costs", "notes")
_DIGEST = "digest"
_NO_INTERVAL = "-"


class Status(StrEnum):
    """How a benchmark of a record ended."""

    MEASURED = "measured"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedBenchmark:
    """One benchmark of the run: `size` holds its parameters as `leaves=1000000`."""

    name: str
    status: Status
    is_full: bool
    size: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRatio:
    """One ratio of the table, of the times of `runtime` to those of `reference`.

    A variant's program is named as `go.idiomatic`.
    """

    benchmark: str
    runtime: str
    reference: str
    ratio: Ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What LATEST_RUN.txt says; `timestamp` has whole seconds in UTC."""

    timestamp: datetime
    commit: str
    dirty: bool
    is_complete: bool
    """Every benchmark of the default suite and every runtime was asked for."""
    benchmarks: tuple[RecordedBenchmark, ...]
    left_out: tuple[str, ...]
    toolchain: tuple[str, ...]
    settings: tuple[str, ...]
    machine: str
    sources: str
    ratios: tuple[RecordedRatio, ...]
    """Empty in a record of the earlier format."""
    table: str
    """The headline table."""
    costs: str
    """The table of what each program used."""
    notes: str
    """What stands under the tables."""

    @property
    def text(self) -> str:
        """Return the tables with all that stands under them, as `invoke bench` shows it."""
        return f"{self.table}\n\n{self.costs}\n\n{self.notes}"


class RecordError(CheckError):
    """The file is no record, or not the one that was written."""


def render(record: Record) -> str:
    """Write a record as the text of LATEST_RUN.txt."""
    run = [b.name for b in record.benchmarks if b.status is Status.MEASURED]
    lines = [
        _COMMENT,
        f"format: {FORMAT}",
        f"timestamp: {iso_utc(record.timestamp)}",
        f"commit: {_out(record.commit)}",
        f"benchmarks_run: {_out(' '.join(run))}",
        f"dirty: {_yes(record.dirty)}",
        f"complete: {_yes(record.is_complete)}",
        *(
            f"benchmark: {_word(b.name)} {b.status.value} {'full' if b.is_full else 'scaled'} {_out(b.size)}"
            for b in record.benchmarks
        ),
        *(f"left_out: {_out(name)}" for name in record.left_out),
        *(f"toolchain: {_out(tool)}" for tool in record.toolchain),
        *(f"setting: {_out(setting)}" for setting in record.settings),
        f"machine: {_out(record.machine)}",
        f"sources: {_out(record.sources)}",
        *(f"ratio: {_ratio_words(ratio)}" for ratio in record.ratios),
        *(line for key in _BLOCKS for line in _block(key, getattr(record, key))),
    ]
    body = "\n".join(lines) + "\n"
    return f"{body}{_DIGEST}: {_digest(body)}\n"


def parse(text: str) -> Record:
    """Read the text of LATEST_RUN.txt.

    Raises
    ------
    RecordError
        Empty, cut short, edited, or of another format.
    """
    if not text.strip():
        raise RecordError("it is empty")
    body, found, last = text.rpartition(f"\n{_DIGEST}: ")
    if not found or not last.endswith("\n"):
        raise RecordError("it is cut short: the last line should be its digest")
    if last.removesuffix("\n") != _digest(body + "\n"):
        raise RecordError("it was altered after it was written: its digest does not match")
    values, blocks = _keys(body)
    found_format = values.get("format", ["unknown"])[0]
    if found_format == _EARLIER_FORMAT:
        blocks = dict(zip(_BLOCKS, [*blocks.get("table", "").split("\n\n", 2), "", ""], strict=False))
    elif found_format != FORMAT:
        raise RecordError(f"its format is {found_format!r}, and this seqbench reads {FORMAT!r}")
    try:
        return Record(
            timestamp=parse_iso(values["timestamp"][0]),
            commit=_in(values["commit"][0]),
            dirty=values["dirty"] == ["yes"],
            is_complete=values["complete"] == ["yes"],
            benchmarks=tuple(_benchmark(value) for value in values.get("benchmark", ())),
            left_out=tuple(_in(value) for value in values.get("left_out", ())),
            toolchain=tuple(_in(value) for value in values.get("toolchain", ())),
            settings=tuple(_in(value) for value in values.get("setting", ())),
            machine=_in(values["machine"][0]),
            sources=_in(values["sources"][0]),
            ratios=tuple(_ratio(value) for value in values.get("ratio", ())),
            table=blocks["table"],
            costs=blocks["costs"],
            notes=blocks["notes"],
        )
    except KeyError as error:
        raise RecordError(f"it has no {error.args[0]}") from error
    except ValueError as error:
        raise RecordError(f"a value in it cannot be read: {error}") from error


def _keys(body: str) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Return the values of each key, and the text of each block of indented lines."""
    values: dict[str, list[str]] = {}
    blocks: dict[str, list[str]] = {}
    block: list[str] = []
    for line in body.split("\n")[1:]:
        key, colon, value = line.partition(":")
        if line.startswith(_INDENT) or not line:
            block.append(line.removeprefix(_INDENT))
        elif colon and not value:
            block = blocks.setdefault(key, [])
        else:
            values.setdefault(key, []).append(value.removeprefix(" "))
    return values, {key: "\n".join(lines) for key, lines in blocks.items()}


def _block(key: str, text: str) -> Iterator[str]:
    yield f"{key}:"
    yield from (f"{_INDENT}{line}" if line else "" for line in text.split("\n"))


def _ratio_words(recorded: RecordedRatio) -> str:
    interval = recorded.ratio.interval
    ends = (_NO_INTERVAL,) * 2 if interval is None else (repr(interval.low), repr(interval.high))
    names = (_word(name) for name in (recorded.benchmark, recorded.runtime, recorded.reference))
    return " ".join((*names, repr(recorded.ratio.median), *ends, str(recorded.ratio.count)))


def _ratio(value: str) -> RecordedRatio:
    decoder = json.JSONDecoder()
    benchmark, rest = _first_word(value, decoder)
    runtime, rest = _first_word(rest, decoder)
    reference, rest = _first_word(rest, decoder)
    median, low, high, rounds = rest.split(" ")
    interval = None if low == high == _NO_INTERVAL else Interval(low=float(low), high=float(high))
    ratio = Ratio(median=float(median), interval=interval, count=int(rounds))
    return RecordedRatio(benchmark=benchmark, runtime=runtime, reference=reference, ratio=ratio)


def _benchmark(value: str) -> RecordedBenchmark:
    decoder = json.JSONDecoder()
    name, rest = _first_word(value, decoder)
    status, size_kind, size = rest.split(" ", 2)
    return RecordedBenchmark(name=name, status=Status(status), is_full=size_kind == "full", size=_in(size))


def _first_word(value: str, decoder: json.JSONDecoder) -> tuple[str, str]:
    if value.startswith('"'):
        name, end = decoder.raw_decode(value)
        return str(name), value[end + 1 :]
    name, _, rest = value.partition(" ")
    return name, rest


def _out(value: str) -> str:
    """Write a value on one line: as it is where that can be read back, else as a JSON string."""
    plain = value.isprintable() and value == value.strip() and not value.startswith('"') and value != ""
    return value if plain else json.dumps(value)


def _word(value: str) -> str:
    """Write a value so that a space ends it."""
    return json.dumps(value) if " " in value else _out(value)


def _in(value: str) -> str:
    return str(json.loads(value)) if value.startswith('"') else value


def _yes(value: bool) -> str:  # noqa: FBT001 - it is the value that is written
    return "yes" if value else "no"


def _digest(body: str) -> str:
    return f"sha256:{hashlib.sha256(body.encode()).hexdigest()}"
