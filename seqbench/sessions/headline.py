"""Lay out the headline table of a session within a width. Pure."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from seqbench.text import Cell, fits, table

_RATIO_SIDES = 2
# A table with a column for each of more runtimes is too wide to read.
_MOST_COLUMNS = 4
_NO_PROGRAM = "no program"
# A folded time with its rate is broken where it is longer, and so is the reason for a missing time.
_LONGEST_WITH_RATE = 26
_LONGEST_TIME = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeCell:
    """The median time and the rate of a program; without a time a short reason, and no rate."""

    text: str
    rate: str

    @classmethod
    def of_no_program(cls) -> "TimeCell":
        """Return the cell of a runtime without a program."""
        return cls(text=_NO_PROGRAM, rate="")

    def cell(self, *, with_rate: bool, is_folded: bool) -> Cell:
        """Return the text of the cell; if it is folded, in lines."""
        rate = f"({self.rate})" if self.rate and with_rate else ""
        text = f"{self.text} {rate}".rstrip()
        longest = _LONGEST_WITH_RATE if with_rate else _LONGEST_TIME
        if not is_folded or len(text) <= longest:
            return text
        return (self.text, rate) if rate else tuple(textwrap.wrap(text, longest))


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioCell:
    """A ratio with its interval, and the bands that it touches."""

    text: str
    bands: tuple[str, ...] = ()
    is_rough: bool = False
    """There are too few rounds for an interval."""

    def cell(self, *, is_folded: bool) -> Cell:
        """Return the text of the cell; if it is folded, in lines: the ratio, two bands, and the third one."""
        if not self.bands:
            return self.text
        mark = "?" if self.is_rough else ""
        lines = (self.text, f"{' or '.join(self.bands[:2])}{mark}", *(f"or {band}" for band in self.bands[2:]))
        return lines if is_folded else " ".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A benchmark or one of its variants: the time of each runtime, and the ratio of each to the second one."""

    title: str
    times: tuple[TimeCell, ...]
    ratios: tuple[RatioCell, ...]
    """Without that of the second runtime, which is the reference."""


def laid_out(lines: Sequence[Line], runtimes: Sequence[str], style: str, width: int | None) -> str:
    """Return the table in the first layout that fits, or in the narrowest one.

    Parameters
    ----------
    runtimes : the titles of the runtimes, of which the second one is the reference.
    style : one of tabulate's formats.
    width : the most characters of a line; None for no limit.
    """
    found = ""
    for found in _layouts(lines, runtimes, style, width):
        if fits(found, width):
            break
    return found


def _layouts(lines: Sequence[Line], runtimes: Sequence[str], style: str, width: int | None) -> Iterator[str]:
    """Yield the table in every layout, the one that is easiest to read first."""
    is_pair = len(runtimes) <= _RATIO_SIDES
    if len(runtimes) <= _MOST_COLUMNS:
        # Rows for each runtime have room for all, so that only a pair may lose its rates.
        for with_rates, is_folded in product((True, False), (False, True)) if is_pair else ((True, False),):
            rows = _in_columns(lines, with_rates=with_rates, is_folded=is_folded)
            yield table(rows, _columns(runtimes), style, width=width, left_out=[] if with_rates else ["rates"])
    if len(runtimes) <= 1:
        return
    header = ["Benchmark", "Runtime", "Time", "Rate", "Ratio"]
    if not is_pair:
        # A title that is folded in each row would be harder to read than blocks.
        yield table(_in_rows(lines, runtimes), header, style)
    header.remove("Runtime")
    yield table(_in_blocks(lines, runtimes, is_folded=False), header, style, width=width)
    yield table(_in_blocks(lines, runtimes, is_folded=True), header, style, width=width, least_important=("Rate",))


def _columns(runtimes: Sequence[str]) -> list[str]:
    # The notes say which two the ratio is of.
    others = [f"{title} / {runtimes[1]}" for title in runtimes[_RATIO_SIDES:]]
    return ["Benchmark", *runtimes, *(["Ratio", *others] if len(runtimes) > 1 else [])]


def _in_columns(lines: Sequence[Line], *, with_rates: bool, is_folded: bool) -> list[list[Cell]]:
    return [
        [
            line.title,
            *(time.cell(with_rate=with_rates, is_folded=is_folded) for time in line.times),
            *(ratio.cell(is_folded=is_folded) for ratio in line.ratios),
        ]
        for line in lines
    ]


def _in_rows(lines: Sequence[Line], runtimes: Sequence[str]) -> list[list[Cell]]:
    """Return a row for each runtime of a benchmark."""
    return [
        [line.title, title, *cells] for line in lines for title, cells in _by_runtime(line, runtimes, is_folded=False)
    ]


def _in_blocks(lines: Sequence[Line], runtimes: Sequence[str], *, is_folded: bool) -> list[list[Cell]]:
    """Return a row with the title of each benchmark, and under it one for each runtime."""
    rows: list[list[Cell]] = []
    for line in lines:
        rows.append([line.title, "", "", ""])
        rows += ([f"  {title}", *cells] for title, cells in _by_runtime(line, runtimes, is_folded=is_folded))
    return rows


def _by_runtime(line: Line, runtimes: Sequence[str], *, is_folded: bool) -> Iterator[tuple[str, list[Cell]]]:
    """Yield the title of each runtime that has a program, with its time, rate and ratio."""
    ratios = (*line.ratios[:1], RatioCell(text="reference"), *line.ratios[1:])
    for title, time, ratio in zip(runtimes, line.times, ratios, strict=True):
        if time != TimeCell.of_no_program():
            text = time.cell(with_rate=False, is_folded=is_folded)
            yield title, [text, time.rate, ratio.cell(is_folded=is_folded)]
