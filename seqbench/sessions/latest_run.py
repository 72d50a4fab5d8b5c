"""Write and read LATEST_RUN.txt, the record of the last run for people and for the freshness check. Pure.

The file has `key: value` lines, then the tables as blocks of indented lines, then a digest of everything above it.
Reading what was written returns an equal record: `parse(render(record)) == record`.
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
# It has no ratios, and a single block with both tables and the notes, separated by blank lines.
_EARLIER_FORMAT = "seqbench record 1"
_COMMENT = (
    "# The last benchmark run. Written by `invoke bench`, read by `invoke check-fresh`; an edit makes it invalid."
)
_INDENT = "    "
_BLOCKS = ("table", "costs", "notes")
_DIGEST = "digest"
_NO_INTERVAL = "-"
_INTERFERENCE = ("judged", "disturbed", "others", "throttled")


class Status(StrEnum):
    """Whether a benchmark of a record was measured or failed."""

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
    """One ratio of the table: the time of `runtime` divided by that of `reference`.

    The program of a variant has a name such as `go.idiomatic`.
    """

    benchmark: str
    runtime: str
    reference: str
    ratio: Ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedInterference:
    """What disturbed the rounds of one benchmark; it has no line if the rounds could not be judged."""

    benchmark: str
    judged_rounds: int
    disturbed_rounds: int
    """Rounds in which other processes used more than a tenth of the CPUs."""
    others_share: float
    """The mean share of the CPUs that they used in these rounds."""
    throttled_rounds: int
    """Rounds in which a CPU quota stopped the programs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The contents of LATEST_RUN.txt; `timestamp` is in UTC, in whole seconds."""

    timestamp: datetime
    commit: str
    dirty: bool
    is_complete: bool
    """Whether the run covered every benchmark of the default suite and every default runtime."""
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
    """The table of the resources that each program used."""
    notes: str
    """The lines under the tables."""
    target_cpu: str = ""
    """What the programs were compiled for; empty in a record from before it was recorded."""
    interference: tuple[RecordedInterference, ...] = ()
    """What disturbed each benchmark; empty in a record from before it was recorded."""
    changed: tuple[str, ...] = ()
    """Benchmarks whose sources differed from the commit, or were not in it."""

    @property
    def text(self) -> str:
        """Return the tables and the notes under them, as `invoke bench` prints them."""
        return f"{self.table}\n\n{self.costs}\n\n{self.notes}"


class RecordError(CheckError):
    """The file is not a record, or it was changed after it was written."""


def render(record: Record) -> str:
    """Return a record as the text of LATEST_RUN.txt."""
    run = [b.name for b in record.benchmarks if b.status is Status.MEASURED]
    lines = [
        _COMMENT,
        f"format: {FORMAT}",
        f"timestamp: {iso_utc(record.timestamp)}",
        f"commit: {_encoded(record.commit)}",
        f"benchmarks_run: {_encoded(' '.join(run))}",
        f"dirty: {_yes_or_no(record.dirty)}",
        *(f"changed: {_encoded(name)}" for name in record.changed),
        f"complete: {_yes_or_no(record.is_complete)}",
        *(
            f"benchmark: {_as_word(b.name)} {b.status.value} {'full' if b.is_full else 'scaled'} {_encoded(b.size)}"
            for b in record.benchmarks
        ),
        *(f"left_out: {_encoded(name)}" for name in record.left_out),
        *(f"toolchain: {_encoded(tool)}" for tool in record.toolchain),
        *(f"setting: {_encoded(setting)}" for setting in record.settings),
        *([f"target_cpu: {_encoded(record.target_cpu)}"] if record.target_cpu else []),
        f"machine: {_encoded(record.machine)}",
        f"sources: {_encoded(record.sources)}",
        *(f"ratio: {_ratio_text(ratio)}" for ratio in record.ratios),
        *(f"interference: {_interference_text(each)}" for each in record.interference),
        *(line for key in _BLOCKS for line in _block_lines(key, getattr(record, key))),
    ]
    body = "\n".join(lines) + "\n"
    return f"{body}{_DIGEST}: {_digest(body)}\n"


def parse(text: str) -> Record:
    """Return the record that the text of LATEST_RUN.txt describes.

    Raises
    ------
    RecordError
        The text is empty, cut short, edited, or has another format.
    """
    if not text.strip():
        raise RecordError("it is empty")
    body, found, last = text.rpartition(f"\n{_DIGEST}: ")
    if not found or not last.endswith("\n"):
        raise RecordError("it is cut short: expected its digest on the last line")
    if last.removesuffix("\n") != _digest(body + "\n"):
        raise RecordError("it was altered after it was written: its digest does not match")
    values, blocks = _values_and_blocks(body)
    found_format = values.get("format", ["unknown"])[0]
    if found_format == _EARLIER_FORMAT:
        blocks = dict(zip(_BLOCKS, [*blocks.get("table", "").split("\n\n", 2), "", ""], strict=False))
    elif found_format != FORMAT:
        raise RecordError(f"its format is {found_format!r}, expected {FORMAT!r}")
    try:
        return Record(
            timestamp=parse_iso(values["timestamp"][0]),
            commit=_decoded(values["commit"][0]),
            dirty=values["dirty"] == ["yes"],
            changed=tuple(_decoded(value) for value in values.get("changed", ())),
            is_complete=values["complete"] == ["yes"],
            benchmarks=tuple(_parse_benchmark(value) for value in values.get("benchmark", ())),
            left_out=tuple(_decoded(value) for value in values.get("left_out", ())),
            toolchain=tuple(_decoded(value) for value in values.get("toolchain", ())),
            settings=tuple(_decoded(value) for value in values.get("setting", ())),
            machine=_decoded(values["machine"][0]),
            sources=_decoded(values["sources"][0]),
            ratios=tuple(_parse_ratio(value) for value in values.get("ratio", ())),
            interference=tuple(_parse_interference(value) for value in values.get("interference", ())),
            table=blocks["table"],
            costs=blocks["costs"],
            notes=blocks["notes"],
            target_cpu=_decoded(values.get("target_cpu", [""])[0]),
        )
    except KeyError as error:
        raise RecordError(f"it has no {error.args[0]}") from error
    except ValueError as error:
        raise RecordError(f"a value in it cannot be read: {error}") from error


def _values_and_blocks(body: str) -> tuple[dict[str, list[str]], dict[str, str]]:
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


def _block_lines(key: str, text: str) -> Iterator[str]:
    yield f"{key}:"
    yield from (f"{_INDENT}{line}" if line else "" for line in text.split("\n"))


def _ratio_text(recorded: RecordedRatio) -> str:
    interval = recorded.ratio.interval
    ends = (_NO_INTERVAL,) * 2 if interval is None else (repr(interval.low), repr(interval.high))
    names = (_as_word(name) for name in (recorded.benchmark, recorded.runtime, recorded.reference))
    return " ".join((*names, repr(recorded.ratio.median), *ends, str(recorded.ratio.count)))


def _parse_ratio(value: str) -> RecordedRatio:
    decoder = json.JSONDecoder()
    benchmark, rest = _first_word(value, decoder)
    runtime, rest = _first_word(rest, decoder)
    reference, rest = _first_word(rest, decoder)
    median, low, high, rounds = rest.split(" ")
    interval = None if low == high == _NO_INTERVAL else Interval(low=float(low), high=float(high))
    ratio = Ratio(median=float(median), interval=interval, count=int(rounds))
    return RecordedRatio(benchmark=benchmark, runtime=runtime, reference=reference, ratio=ratio)


def _interference_text(found: RecordedInterference) -> str:
    numbers = (found.judged_rounds, found.disturbed_rounds, repr(found.others_share), found.throttled_rounds)
    pairs = zip(_INTERFERENCE, numbers, strict=True)
    return " ".join((_as_word(found.benchmark), *(f"{key}={number}" for key, number in pairs)))


def _parse_interference(value: str) -> RecordedInterference:
    benchmark, rest = _first_word(value, json.JSONDecoder())
    pairs = dict(pair.split("=") for pair in rest.split(" "))
    judged, disturbed, share, throttled = (pairs.get(key, "") for key in _INTERFERENCE)
    return RecordedInterference(
        benchmark=benchmark,
        judged_rounds=int(judged),
        disturbed_rounds=int(disturbed),
        others_share=float(share),
        throttled_rounds=int(throttled),
    )


def _parse_benchmark(value: str) -> RecordedBenchmark:
    decoder = json.JSONDecoder()
    name, rest = _first_word(value, decoder)
    status, size_kind, size = rest.split(" ", 2)
    return RecordedBenchmark(name=name, status=Status(status), is_full=size_kind == "full", size=_decoded(size))


def _first_word(value: str, decoder: json.JSONDecoder) -> tuple[str, str]:
    if value.startswith('"'):
        name, end = decoder.raw_decode(value)
        return str(name), value[end + 1 :]
    name, _, rest = value.partition(" ")
    return name, rest


def _encoded(value: str) -> str:
    """Return a value as one line: unchanged if `_decoded` returns it as it is, else as a JSON string."""
    plain = value.isprintable() and value == value.strip() and not value.startswith('"') and value != ""
    return value if plain else json.dumps(value)


def _as_word(value: str) -> str:
    """Return a value as one word, which the next space ends."""
    return json.dumps(value) if " " in value else _encoded(value)


def _decoded(value: str) -> str:
    return str(json.loads(value)) if value.startswith('"') else value


def _yes_or_no(value: bool) -> str:  # noqa: FBT001 - the value that is written
    return "yes" if value else "no"


def _digest(body: str) -> str:
    return f"sha256:{hashlib.sha256(body.encode()).hexdigest()}"
