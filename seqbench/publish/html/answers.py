"""Answer the first questions about a session: what it measured, how sure that is, where, and since when."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from seqbench.publish.history.report import change_text
from seqbench.publish.history.rows import settings_of
from seqbench.publish.history.series import Series
from seqbench.publish.history.trend import LEAST_POINTS, Trend
from seqbench.sessions.interference import counts_in, was_counted
from seqbench.sessions.report import HeadlineRow, headline_rows
from seqbench.sessions.session import BenchmarkResult, Measured, ProgramResult, Session
from seqbench.sessions.table_notes import program_title
from seqbench.stats.intervals import Band
from seqbench.units import short_ratio

Answer = tuple[str, tuple[str, ...]]
"""A question and the lines that answer it."""


def answers(session: Session, trends: Sequence[Trend]) -> tuple[Answer, ...]:
    """Return the four questions with their answers; `trends` are those of the history."""
    rows = headline_rows(session)
    started = session.started_at.astimezone(UTC)
    return (
        ("What", tuple(_what(session, rows))),
        ("How sure", tuple(_how_sure(session, rows))),
        ("Machine", (session.machine.sentence(),)),
        ("Since when", (f"Measured {_day(started)}, {started:%H:%M} UTC.", *_since(session, trends))),
    )


def _what(session: Session, rows: Sequence[HeadlineRow]) -> Iterator[str]:
    count = _count(len(session.results), "benchmark")
    ratios = [row.ratio for row in rows if row.ratio is not None]
    titles = [column.title for column in session.runtimes]
    if not ratios:
        yield f"{', '.join(titles) or 'No runtime'} in {count}, without a ratio."
        return
    ends = [short_ratio(end(ratio.median for ratio in ratios)) for end in (min, max)]
    yield f"{titles[0]} takes {' to '.join(dict.fromkeys(ends))} the time of {titles[1]} in {count}."
    bands = Counter(ratio.bands() for ratio in ratios)
    best_first = sorted(bands, key=lambda found: [list(Band).index(band) for band in found])
    yield ", ".join(f"{bands[found]} {' or '.join(found)}" for found in best_first) + "."


def _how_sure(session: Session, rows: Sequence[HeadlineRow]) -> Iterator[str]:
    numbers = sorted({result.rounds for result in session.results})
    rounds = _count(numbers[-1], "round") if numbers else "no round"
    least = f"{numbers[0]} to " if len(numbers) > 1 else ""
    judged = [(row, row.ratio.interval) for row in rows if row.ratio is not None and row.ratio.interval is not None]
    if judged:
        row, widest = max(judged, key=lambda each: each[1].high / max(each[1].low, 1e-9))
        ends = " to ".join(short_ratio(end) for end in (widest.low, widest.high))
        yield f"95 % intervals from {least}{rounds}; the widest: {row.full_title}, {ends}."
    else:
        yield f"Medians of {least}{rounds}, without an interval."
    unsure = [row.full_title for row in rows if row.ratio is not None and row.ratio.interval is None]
    if judged and unsure:
        yield f"Without an interval: {', '.join(unsure)}."
    if failed := sum(1 for result in session.results for each in result.programs if not _has_times(each)):
        yield f"{_count(failed, 'program')} without a result."
    found = counts_in((session,))
    if found.judged_rounds:
        throttled = f", {found.throttled_rounds:,} slowed by a CPU quota" if found.throttled_rounds else ""
        yield f"{found.disturbed_rounds:,} of {found.judged_rounds:,} rounds disturbed{throttled}."
    elif judged and not was_counted((session,)):
        yield "Whether rounds were disturbed was not counted."


def _has_times(program: ProgramResult) -> bool:
    return isinstance(program.outcome, Measured) and bool(program.outcome.samples)


def _since(session: Session, trends: Sequence[Trend]) -> Iterator[str]:
    """Yield sentences on how long the times have been as they are, each with the programs that it is about."""
    here = [trend for trend in trends if trend.series.machine.identity in session.machine.identities]
    if not here:
        yield "There is no history of this machine."
        return
    found: dict[str, list[tuple[str, str]]] = {}
    programs = [(result, each) for result in session.results for each in result.programs if _has_times(each)]
    for result, program in programs:
        sentence = _standing(session, _trend_of(session, result, program, here))
        found.setdefault(sentence, []).append((result.title, program_title(session, result, program)))
    whole = Counter(result.title for result, _ in programs)
    for sentence, names in found.items():
        yield sentence.format(names=_names(names, whole))


def _names(names: Sequence[tuple[str, str]], whole: Counter[str]) -> str:
    """Return the programs in short: a benchmark stands for all of its programs."""
    if len(names) == whole.total():
        return "All programs"
    count = Counter(title for title, _ in names)
    shown = [title if count[title] == whole[title] else f"{title} {program}" for title, program in names]
    return ", ".join(dict.fromkeys(shown))


def _trend_of(
    session: Session, result: BenchmarkResult, program: ProgramResult, trends: Sequence[Trend]
) -> Trend | None:
    def is_of(series: Series) -> bool:
        wanted = (result.name, result.parameters, program.runtime, program.variant)
        return wanted == (series.benchmark, series.parameters, series.runtime, series.variant) and dict(
            settings_of(session, program.runtime)
        ) == dict(series.settings)

    return next((trend for trend in trends if is_of(trend.series)), None)


def _standing(session: Session, trend: Trend | None) -> str:
    """Return a sentence on the level of a program's times at this session, with `{names}` for the programs."""
    points = trend.series.points if trend is not None else ()
    place = next((number for number, each in enumerate(points) if each.started_at == session.started_at), None)
    if trend is None or place is None:
        if points and session.started_at < points[0].started_at:
            return f"{{names}}: before the {len(points)} sessions that the history shows."
        return "{names}: not in the history, so that changes cannot be seen."
    changes = [change for change in trend.changes if change.index <= place]
    if changes:
        last = changes[-1]
        return f"{{names}}: {change_text(last)} since {_day(points[last.index].started_at)}."
    first = f"{_day(points[0].started_at)}"
    if len(points) < LEAST_POINTS:
        if place == 0:
            return "{names}: first measured on this machine in this session."
        return f"{{names}}: {place + 1} sessions since {first}; finding changes needs {LEAST_POINTS}."
    return f"{{names}}: no change since {first}, in {place + 1} sessions."


def _day(moment: datetime) -> str:
    there = moment.astimezone(UTC)
    return f"{there.day} {there:%B} {there.year}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
