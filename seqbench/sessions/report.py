"""Build the text of a session: the headline table, the table of costs, and the notes under them. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from seqbench.sessions.interference import uncounted_lines, was_counted
from seqbench.sessions.peak_memory import peak_of
from seqbench.sessions.remarks import remark_lines
from seqbench.sessions.session import (
    BenchmarkResult,
    Failed,
    Measured,
    Outcome,
    ProgramResult,
    Session,
    Skipped,
    State,
    is_too_coarse,
    paired_times,
    rounding_share,
)
from seqbench.stats.intervals import Interval, Ratio, paired_ratio, summarize
from seqbench.text import _MARKDOWN, fenced, fits, table, without_tags, writable
from seqbench.units import (
    clock_duration,
    durations,
    iso_utc,
    percent,
    short_duration,
    short_rate,
    short_ratio,
    trimmed_duration,
)

_BUSY_LOAD_PER_CORE = 0.5
_LEAST_COSTS = ("Context switches", "Page faults", "User", "Peak memory")
COST_HEADER = ("Program", "Elapsed", "User", "System", "System %", "Peak memory", "Page faults", "Context switches")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The median time and the rate of a program; without a time a short reason, and no rate."""

    text: str
    rate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadlineRow:
    """A benchmark or one of its variants, with a cell for each runtime; `size_label` is empty at full size."""

    title: str
    size_label: str
    cells: tuple[Cell, ...]
    ratio: Ratio | None


def headline(session: Session, *, style: str = "simple", width: int | None = None) -> str:
    """Return the table with a row for each benchmark and variant, a column for each runtime, and the ratio.

    Parameters
    ----------
    style
        One of tabulate's formats.
    width
        The most characters of a line. A wider table drops the rates, then the runtimes that are not in the ratio.
    """
    columns = [column.title for column in session.runtimes]
    header = ["Benchmark", *columns, *(["Ratio"] if len(columns) > 1 else [])]

    def rows(*, with_rates: bool) -> list[list[str]]:
        return [
            [
                f"{row.title} [{row.size_label}]" if row.size_label else row.title,
                *(f"{cell.text} ({cell.rate})" if cell.rate and with_rates else cell.text for cell in row.cells),
                *([_ratio_cell(row.ratio)] if len(columns) > 1 else []),
            ]
            for row in headline_rows(session)
        ]

    text = table(rows(with_rates=True), header, style)
    if fits(text, width):
        return text
    return table(rows(with_rates=False), header, style, width=width, least_important=columns[:1:-1], left_out=["rates"])


def headline_rows(session: Session) -> tuple[HeadlineRow, ...]:
    """Return the rows of the headline table; `how_to_read` names the benchmarks that --only left out."""
    return tuple(
        _row(session, result, variant) for result in session.results for variant in variants_of(session, result)
    )


def costs(session: Session, *, style: str = "simple", width: int | None = None) -> str:
    """Return the table of the resources that each program used: medians over the rounds, from the kernel."""
    return table(cost_rows(session), COST_HEADER, style, width=width, least_important=_LEAST_COSTS)


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
    if len(session.runtimes) < 2:  # noqa: PLR2004 - a ratio has two sides
        return None
    first, second = session.runtimes[:2]
    return ratio_between(result, first.name, second.name, variant)


def _widened(ratio: Ratio, first: float, second: float) -> Ratio:
    """Return a ratio whose interval holds for times that are rounded: each by this share of it at most."""
    if ratio.interval is None or not (first or second):
        return ratio
    low = ratio.interval.low * max(0.0, 1 - first) / (1 + second)
    high = ratio.interval.high * (1 + first) / max(1e-9, 1 - second)
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
    found = paired_ratio([pair[0] for pair in pairs], [pair[1] for pair in pairs])
    return _widened(found, *(rounding_share(side) for side in sides if side))


def meaning(session: Session) -> tuple[str, ...]:
    """Return the lines under the tables: how to read them, sizes, failures, tools, machine."""
    return (
        *how_to_read(session),
        *size_lines(session),
        *budget_lines(session),
        *clock_lines(session),
        *warnings(session),
        *(f"{tool.sentence()}" for tool in session.toolchain),
        *session.target_lines(),
        *([f"settings: {session.settings_text}"] if session.settings else []),
        *session.setting_notes,
        *machine_lines(session, (session,)),
        _when(session),
    )


def machine_lines(session: Session, *rounds: Sequence[Session]) -> tuple[str, ...]:
    """Return the lines on the machine under a table, for sessions that are grouped as in `interference_lines`."""
    machine = f"machine: {session.machine.sentence()}; load {session.load_before:.2f} at the start"
    return (machine, *uncounted_lines(*rounds))


def failure_details(session: Session) -> tuple[str, ...]:
    """Return a paragraph for each failed program: its name, the stage, the reason and the detail."""
    return tuple(
        f"{result.name}, {program_title(session, result, program)}: {failed.stage} failed: {failed.reason}\n"
        + "\n".join(f"    {line}" for line in failed.detail.splitlines())
        for result, program, failed in session.failures()
    )


def full_text(session: Session, *, width: int | None = None) -> str:
    """Return both tables and the notes under them, as `invoke bench` prints them on a terminal of this width."""
    return writable("\n\n".join((headline(session, width=width), costs(session, width=width), notes(session))))


def notes(session: Session) -> str:
    """Return the text under both tables: how to read them, then a paragraph for each failure."""
    return "\n\n".join(("\n".join(meaning(session)), *failure_details(session)))


def markdown(session: Session) -> str:
    """Return the tables and notes as Markdown, for a job summary."""
    failures = failure_details(session)
    parts = [
        headline(session, style=_MARKDOWN),
        costs(session, style=_MARKDOWN),
        "\n".join(f"- {without_tags(line)}" for line in meaning(session)),
        *(fenced(text) for text in failures),
    ]
    return writable("\n\n".join(parts) + "\n")


def _row(session: Session, result: BenchmarkResult, variant: str) -> HeadlineRow:
    label = dict(result.variant_labels).get(variant, "")
    return HeadlineRow(
        title=f"{result.title}{', ' + label if label else ''}{'' if _is_checked(result) else ', result not checked'}",
        size_label="" if result.is_full else result.size_label,
        cells=tuple(_time_cell(result, result.program(column.name, variant)) for column in session.runtimes),
        ratio=ratio_of(session, result, variant),
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


def _time_cell(result: BenchmarkResult, program: ProgramResult | None) -> Cell:
    if program is None:
        return Cell(text="no program", rate="")
    if not isinstance(program.outcome, Measured) or not program.outcome.samples:
        return Cell(text=problem(program.outcome), rate="")
    median = summarize([sample.elapsed_ns for sample in program.outcome.samples]).median
    if median < program.clock_step_ns:
        return Cell(text=f"< {short_duration(program.clock_step_ns)}", rate="")
    rate = "" if result.rate_count is None else f"{short_rate(result.rate_count * 1e9 / median)} {result.rate_unit}"
    return Cell(text=short_duration(median), rate=rate)


def ratio_text(ratio: Ratio) -> str:
    """Return a ratio with its interval: `2.3x [2.1, 2.4]`, and `2.3x?` where there are too few rounds for one."""
    if ratio.interval is None:
        return f"{short_ratio(ratio.median)}?"
    low, high = (short_ratio(end).removesuffix("x") for end in (ratio.interval.low, ratio.interval.high))
    return f"{short_ratio(ratio.median)} [{low}, {high}]"


def _ratio_cell(ratio: Ratio | None) -> str:
    if ratio is None:
        return "-"
    bands = " or ".join(ratio.bands())
    if ratio.interval is None:
        return f"{short_ratio(ratio.median)} {bands}?"
    return f"{ratio_text(ratio)} {bands}"


def problem(outcome: Outcome) -> str:
    """Return in short why a program has no figures."""
    match outcome:
        case Failed(reason=reason):
            return f"failed: {reason}"
        case Skipped(reason=reason):
            return f"skipped: {reason}"
        case Measured():
            return "skipped: interrupted before its first counted run"


def program_title(session: Session, result: BenchmarkResult, program: ProgramResult) -> str:
    """Return the name of a program within its benchmark: the title of its runtime, or the label of its variant."""
    title = next((column.title for column in session.runtimes if column.name == program.runtime), program.runtime)
    return dict(result.variant_labels).get(program.variant, title) if program.variant else title


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


def _rounds(session: Session, result: BenchmarkResult) -> str:
    """Return how many rounds were run: `30`, or `2 of 30` where an interrupt cut them short."""
    if session.state is State.COMPLETE:
        return str(result.rounds)
    counts = [len(p.outcome.samples) for p in result.programs if isinstance(p.outcome, Measured)]
    # What failed has no samples, and what was interrupted before its first run has none either.
    is_waiting = any(isinstance(program.outcome, Skipped) for program in result.programs)
    return f"{0 if is_waiting else min(counts, default=0)} of {result.rounds or 'an unknown number'}"


def how_to_read(session: Session) -> Sequence[str]:
    """Return the lines that explain the figures of the tables, and name the benchmarks that --only left out."""
    rounds = ", ".join(dict.fromkeys(f"{result.benchmark} {_rounds(session, result)}" for result in session.results))
    lines = [
        f"Times are medians of each program's own clock over its complete work; rounds: {rounds or 'none'}.",
        "Elapsed, user, system and the counts come from the kernel, for the whole process with its start and exit.",
        "System % is system time of all cores as a share of elapsed time, and can exceed 100 %.",
    ]
    if len(session.runtimes) > 1:
        first, second = (column.title for column in session.runtimes[:2])
        lines.append(
            f"Ratio is {first} / {second}, the median over the rounds, with its 95 % interval "
            "(none under 6 rounds: marked ?). Excellent up to 2x, Good 2-5x, Investigate above 5x."
        )
    if missing := session.missing():
        lines.append(f"not run (left out by --only): {', '.join(missing)}")
    return lines


def clock_lines(session: Session) -> Sequence[str]:
    """Return a line for each program whose clock is too coarse for small differences, and one on wall clocks."""
    rows: dict[tuple[str, str], list[str]] = {}
    for result in session.results:
        for program in filter(is_too_coarse, result.programs):
            key = (trimmed_duration(program.clock_step_ns), program_title(session, result, program))
            rows.setdefault(key, []).append(result.name)
    lines = [
        f"the clock of {title} counts in steps of {step}; smaller differences cannot be seen in {', '.join(names)}"
        for (step, title), names in rows.items()
    ]
    if any(result.is_wall for result in session.results):
        lines.append("A row by the wall clock has the time of whole processes, their start included.")
    return lines


def size_lines(session: Session) -> Sequence[str]:
    """Return a line for each benchmark that was not run at full size, with the reason."""
    lines = []
    for result in session.results:
        if not result.is_full:
            sentence = result.size_sentence or f"{session.size} size"
            fix = "; the task `doctor` prints the command that fixes it" if result.remedies else ""
            lines.append(f"{result.name}: {sentence}{fix}")
    return lines


def budget_lines(session: Session) -> Sequence[str]:
    """Return a line for everything that the budget reduced, with the flag that gives more."""
    found: dict[str, list[str]] = {}
    for result in session.results:
        skipped = [p.outcome for p in result.programs if isinstance(p.outcome, Skipped) and not result.rounds]
        notes = [f"not run: {each.reason}; {each.remedy} holds it" for each in skipped[:1]]
        for note in (*result.reduced, *notes):
            found.setdefault(note, []).append(result.name)
    return [f"{', '.join(names)}: {note}" for note, names in found.items()]


def warnings(session: Session) -> Sequence[str]:
    """Return warnings about the figures: an interrupt, a busy machine."""
    lines = []
    if session.state is State.INTERRUPTED:
        lines.append("INTERRUPTED: only what was measured before the interrupt is shown and kept, and not recorded")
    lines += remark_lines((session,))
    if not was_counted((session,)) and session.load_before > _BUSY_LOAD_PER_CORE * session.machine.cores:
        load = f"load {session.load_before:.2f} on {session.machine.cores} cores"
        lines.append(f"the machine was busy at the start ({load}): expect wider intervals")
    return lines


def _when(session: Session) -> str:
    names = f" of {', '.join(session.changed)}" if session.changed else ""
    commit = f"commit {session.commit[:12] or 'none'}{f' with changes{names}' if session.dirty else ''}"
    return f"{commit}, seed {session.seed}, {iso_utc(session.started_at)}; {harness_share(session)}"


def harness_share(session: Session) -> str:
    """Return how long the session took, and the shares of building, of the programs and of the harness."""
    harness_ns = max(0, session.wall_ns - session.programs_ns - session.build_ns)
    return (
        f"{clock_duration(session.wall_ns / 1e9)} in all: {session.build_ns / 1e9:.1f} s finding tools and building, "
        f"{session.programs_ns / 1e9:.1f} s in programs, {harness_ns / 1e9:.1f} s in the harness"
    )
