"""Build the text of a session: the headline table, the table of costs, and the notes under them. Pure."""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, replace

from seqbench.sessions.headline import Line, RatioCell, TimeCell, laid_out
from seqbench.sessions.peak_memory import peak_of
from seqbench.sessions.session import (
    BenchmarkResult,
    Failed,
    Measured,
    Outcome,
    ProgramResult,
    Session,
    Skipped,
    paired_times,
    rounding_share,
)
from seqbench.sessions.table_notes import brief, meaning, program_title
from seqbench.stats.intervals import Interval, Ratio, paired_ratio, summarize
from seqbench.text import MARKDOWN, SIMPLE, Cell, fenced, fits, printable, table, without_tags
from seqbench.units import (
    durations,
    percent,
    short_duration,
    short_rate,
    short_ratio,
)

_RATIO_SIDES = 2
# The reason for missing costs is broken here in a table that is too wide.
_LONGEST_REASON = 14
_LEAST_COSTS = ("Context switches", "Page faults", "User", "Peak memory")
COST_HEADER = ("Program", "Elapsed", "User", "System", "System %", "Peak memory", "Page faults", "Context switches")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadlineRow:
    """A benchmark or one of its variants, with a cell for each runtime; `size_label` is empty at full size."""

    title: str
    size_label: str
    cells: tuple[TimeCell, ...]
    ratio: Ratio | None
    """Of the first runtime to the second one, the reference."""
    others: tuple[Ratio | None, ...] = ()
    """Of the third runtime and those after it to the reference."""

    @property
    def full_title(self) -> str:
        """Return the title with the size."""
        return f"{self.title} [{self.size_label}]" if self.size_label else self.title


def headline(session: Session, *, style: str = SIMPLE, width: int | None = None) -> str:
    """Return the table with a row for each benchmark and variant, a column for each runtime, and their ratios.

    Parameters
    ----------
    style
        One of tabulate's formats.
    width
        The most characters of a line. A wider table of one or two runtimes gets rows of several lines, and drops the
        rates if that is not enough. One of more runtimes gets a row for each runtime, or a block for each benchmark.
    """
    lines = [
        Line(
            title=row.full_title,
            times=row.cells,
            ratios=tuple(map(_ratio_cell, (row.ratio, *row.others))) if len(row.cells) > 1 else (),
        )
        for row in headline_rows(session)
    ]
    return laid_out(lines, [column.title for column in session.runtimes], style, width)


def headline_rows(session: Session) -> tuple[HeadlineRow, ...]:
    """Return the rows of the headline table; `how_to_read` names the benchmarks that --only left out."""
    return tuple(
        _row(session, result, variant) for result in session.results for variant in variants_of(session, result)
    )


def costs(session: Session, *, style: str = SIMPLE, width: int | None = None) -> str:
    """Return the table of the resources that each program used: medians over the rounds, from the kernel."""
    text = table(cost_rows(session), COST_HEADER, style)
    if fits(text, width):
        return text
    # Only the reason for missing figures is as long.
    folded: list[list[Cell]] = [
        [title, tuple(textwrap.wrap(elapsed, _LONGEST_REASON)), *rest] for title, elapsed, *rest in cost_rows(session)
    ]
    return table(folded, COST_HEADER, style, width=width, least_important=_LEAST_COSTS)


def cost_rows(session: Session) -> list[list[str]]:
    """Return the rows of the table of costs; for a program without figures the second cell has the reason.

    A program of several tests has one row, since the kernel counts for its whole process.
    """
    rows = []
    seen: set[tuple[str, str, str]] = set()
    for result in session.results:
        for program in result.programs:
            key = (result.benchmark, program.runtime, program.variant)
            if result.test and key in seen:
                continue
            seen.add(key)
            shown = result.name.removeprefix(f"{result.benchmark}/").removesuffix("/wall").replace("/", " / ")
            title = result.title.replace(f" / {shown}", "") if result.test else result.title
            label = f"{title}, {program_title(session, result, program)}"
            if isinstance(program.outcome, Measured) and program.outcome.samples:
                rows.append([label, *_cost_cells(program.outcome)])
            else:
                rows.append([label, problem(program.outcome), *[""] * (len(COST_HEADER) - 2)])
    return rows


def ratio_of(session: Session, result: BenchmarkResult, variant: str) -> Ratio | None:
    """Return the ratio of the first runtime to the second one in a row; None if either was not measured."""
    if len(session.runtimes) < _RATIO_SIDES:
        return None
    first, second = session.runtimes[:2]
    return ratio_between(result, first.name, second.name, variant)


def _widened(ratio: Ratio, first: float, second: float) -> Ratio:
    """Return a ratio whose interval holds for times that are rounded: each by this share of it at most."""
    if ratio.interval is None or not (first or second):
        return ratio
    low = ratio.interval.low * (1 - first) / (1 + second)
    high = ratio.interval.high * (1 + first) / (1 - second)
    return replace(ratio, interval=Interval(low=low, high=high))


def ratio_between(result: BenchmarkResult, first: str, second: str, variant: str) -> Ratio | None:
    """Return the ratio of one runtime to another one in a row; None if either was not measured."""
    sides = [result.program(runtime, variant) for runtime in (first, second)]
    measured = [side.outcome.samples for side in sides if side and isinstance(side.outcome, Measured)]
    if len(measured) < len(sides):
        return None
    pairs = paired_times(*measured).values()
    if not pairs:
        return None
    first_share, second_share = (rounding_share(side) for side in sides if side)
    # A time that may be zero but for its rounding has no ratio.
    if max(first_share, second_share) >= 1:
        return None
    found = paired_ratio([pair[0] for pair in pairs], [pair[1] for pair in pairs])
    return _widened(found, first_share, second_share)


def failure_details(session: Session) -> tuple[str, ...]:
    """Return a paragraph for each failed program: its name, the stage, the reason and the detail."""
    return tuple(
        f"{result.name}, {program_title(session, result, program)}: {failed.stage} failed: {failed.reason}\n"
        + "\n".join(f"    {line}" for line in failed.detail.splitlines())
        for result, program, failed in session.failures()
    )


def full_text(session: Session, *, width: int | None = None) -> str:
    """Return both tables and the notes under them, as `invoke bench` prints them on a terminal of this width."""
    return printable("\n\n".join((headline(session, width=width), costs(session, width=width), notes(session))))


def brief_text(session: Session, *, width: int | None = None) -> str:
    """Return both tables, at most five notes, and a paragraph for each failure."""
    details = failure_details(session)
    parts = (headline(session, width=width), costs(session, width=width), "\n".join(brief(session)), *details)
    return printable("\n\n".join(parts))


def notes(session: Session) -> str:
    """Return the text under both tables: how to read them, then a paragraph for each failure."""
    return "\n\n".join(("\n".join(meaning(session)), *failure_details(session)))


def markdown(session: Session) -> str:
    """Return the tables and notes as Markdown, for a job summary."""
    failures = failure_details(session)
    parts = [
        headline(session, style=MARKDOWN),
        costs(session, style=MARKDOWN),
        "\n".join(f"- {without_tags(line)}" for line in meaning(session)),
        *(fenced(text) for text in failures),
    ]
    return printable("\n\n".join(parts) + "\n")


def _row(session: Session, result: BenchmarkResult, variant: str) -> HeadlineRow:
    label = dict(result.variant_labels).get(variant, "")
    return HeadlineRow(
        title=f"{result.title}{', ' + label if label else ''}{'' if _is_checked(result) else ', result not checked'}",
        size_label="" if result.is_full else result.size_label,
        cells=tuple(_time_cell(result, result.program(column.name, variant)) for column in session.runtimes),
        ratio=ratio_of(session, result, variant),
        others=tuple(
            ratio_between(result, other.name, session.runtimes[1].name, variant)
            for other in session.runtimes[_RATIO_SIDES:]
        ),
    )


def _is_checked(result: BenchmarkResult) -> bool:
    """Return whether the programs print a result, so that it can be compared."""
    measured = [program.outcome for program in result.programs if isinstance(program.outcome, Measured)]
    return not any(sample.result == "" for outcome in measured for sample in outcome.samples[:1])


def variants_of(session: Session, result: BenchmarkResult) -> tuple[str, ...]:
    """Return the variants that have a row: always the plain one, others if a runtime of the session has a source."""
    names = {column.name for column in session.runtimes}
    present = {program.variant for program in result.programs if program.runtime in names}
    return ("", *(name for name, _ in result.variant_labels if name in present and name))


def _time_cell(result: BenchmarkResult, program: ProgramResult | None) -> TimeCell:
    if program is None:
        return TimeCell.of_no_program()
    if not isinstance(program.outcome, Measured) or not program.outcome.samples:
        return TimeCell(text=problem(program.outcome), rate="")
    median = summarize([sample.elapsed_ns for sample in program.outcome.samples]).median
    if median < program.clock_step_ns:
        return TimeCell(text=f"< {short_duration(program.clock_step_ns)}", rate="")
    rate = "" if result.rate_count is None else f"{short_rate(result.rate_count * 1e9 / median)} {result.rate_unit}"
    return TimeCell(text=short_duration(median), rate=rate)


def ratio_text(ratio: Ratio) -> str:
    """Return a ratio with its interval: `2.3x [2.1, 2.4]`, and `2.3x?` where there are too few rounds for one."""
    if ratio.interval is None:
        return f"{short_ratio(ratio.median)}?"
    low, high = (short_ratio(end).removesuffix("x") for end in (ratio.interval.low, ratio.interval.high))
    return f"{short_ratio(ratio.median)} [{low}, {high}]"


def _ratio_cell(ratio: Ratio | None) -> RatioCell:
    if ratio is None:
        return RatioCell(text="-")
    text = short_ratio(ratio.median) if ratio.interval is None else ratio_text(ratio)
    return RatioCell(text=text, bands=tuple(ratio.bands()), is_rough=ratio.interval is None)


def problem(outcome: Outcome) -> str:
    """Return in short why a program has no figures."""
    match outcome:
        case Failed(reason=reason):
            return f"failed: {reason}"
        case Skipped(reason=reason):
            return f"skipped: {reason}"
        case Measured():
            return "skipped: interrupted before its first counted run"


def _cost_cells(measured: Measured) -> list[str]:
    def median(value: Callable[[int], float]) -> float:
        return summarize([value(index) for index in range(len(measured.samples))]).median

    samples = measured.samples
    return [
        *durations(
            [
                median(lambda i: samples[i].wall_ns),
                median(lambda i: samples[i].user_ns),
                median(lambda i: samples[i].system_ns),
            ]
        ),
        percent(median(lambda i: samples[i].system_ns / samples[i].wall_ns)),
        peak_of(samples).text,
        f"{median(lambda i: samples[i].minor_faults + samples[i].major_faults):,.0f}",
        f"{median(lambda i: samples[i].voluntary_switches + samples[i].involuntary_switches):,.0f}",
    ]
