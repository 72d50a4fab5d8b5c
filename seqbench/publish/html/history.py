"""Build the history part of a report: one section per machine, so that machines are never mixed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqbench.events import Detail, Listener, ignore
from seqbench.publish.history import database
from seqbench.publish.history.report import full_text
from seqbench.publish.history.series import Selection
from seqbench.publish.history.trend import Trend, trend_of
from seqbench.publish.html.plots.of_history import LEAST_PLOTTED, history_plot, is_plotted, together
from seqbench.publish.html.section import Section

KIND = "History"
# A longer page is hard to read, and takes more than a few seconds to draw.
MOST_MACHINES = 4
MOST_PLOTS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What a report has of the history: a section for each machine, and the trends of all of them."""

    sections: tuple[Section, ...] = ()
    trends: tuple[Trend, ...] = ()


def read_history(path: Path, here: Sequence[str] = (), listen: Listener = ignore) -> History:
    """Return a section for each machine: first those with the identities `here`, then the last used ones.

    A section has the latest points of every program, as `invoke history` prints them. Without a history there is
    nothing.

    Raises
    ------
    HistoryError
        The history cannot be read.
    """
    try:
        shown, others = _choose(database.machines(path, listen), here)
        found = database.series(path, Selection(machines=shown), listen) if shown else ()
    except database.NoHistoryError:
        return History()
    trends = []
    for series in found:
        listen(Detail(text=f"history of {series.name}"))
        trends.append(trend_of(series))
    sections: list[Section] = []
    for identity in shown:
        own = [trend for trend in trends if trend.series.machine.identity == identity]
        room = MOST_PLOTS - sum(len(section.plots) for section in sections)
        if own:
            sections.append(_section(path, own, f"h{len(sections) + 1}", room, others))
            others = 0
    return History(sections=tuple(sections), trends=tuple(trends))


def _choose(known: Sequence[database.KnownMachine], here: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """Return the machines to show, and the number of the others.

    A machine without a session on the page needs enough sessions for a plot, because CI may run once on each of many
    machines. If no machine qualifies, the last used one is shown.
    """
    own = [machine.identity for machine in known if machine.identity in here]
    long = [machine.identity for machine in known if machine.sessions >= LEAST_PLOTTED]
    last = [machine.identity for machine in known[:1]]
    shown = tuple(dict.fromkeys((*own, *long) or last))[:MOST_MACHINES]
    return shown, len(known) - len(shown)


def _section(path: Path, trends: Sequence[Trend], ident: str, room: int, others: int) -> Section:
    groups = [[trend for trend in group if is_plotted(trend)] for group in together(trends)]
    drawn = [group for group in groups if group]
    machine = trends[0].series.machine
    moments = [point.started_at for trend in trends for point in trend.series.points]
    when = f", {min(moments):%Y-%m-%d} to {max(moments):%Y-%m-%d}" if moments else ""
    return Section(
        kind=KIND,
        title=machine.sentence(),
        about=f"{path.name}, machine {machine.identity}{when}",
        text=full_text(trends),
        plots=tuple(history_plot(group, f"{ident}-{number}") for number, group in enumerate(drawn[:room], start=1)),
        remarks=tuple(_remarks(trends, len(drawn) - room, others)),
    )


def _remarks(trends: Sequence[Trend], left_out: int, others: int) -> Iterator[str]:
    """Yield sentences on programs and machines without a plot."""
    few = [trend.series for trend in trends if not is_plotted(trend)]
    if few:
        named = "; ".join(f"{series.name}: {len(series.points)}" for series in few)
        yield f"Too few sessions for a plot, which needs {LEAST_PLOTTED}: {named}."
    if left_out > 0:
        what = "plot was left out; the table has its" if left_out == 1 else "plots were left out; the table has their"
        yield f"{left_out:,} more {what} figures."
    if others:
        machines = "1 more machine has" if others == 1 else f"{others:,} more machines have"
        yield f"{machines} sessions in the history; invoke history shows them."
