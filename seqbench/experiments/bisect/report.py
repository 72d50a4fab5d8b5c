"""Write a bisection as text: the answer, every comparison, what could not be measured, and how to repeat it. Pure."""

import shlex
from collections.abc import Iterator

from seqbench.experiments.bisect.analysis import Analysis, Judged, Search, Status, analyze
from seqbench.experiments.bisect.document import BisectDocument
from seqbench.experiments.bisect.search import Nearer
from seqbench.sessions.session import State
from seqbench.sessions.table_notes import origin_lines, size_lines
from seqbench.text import SIMPLE, table, writable
from seqbench.units import iso_utc

_LISTED = 12


def full_text(document: BisectDocument, found: Analysis | None = None, *, width: int | None = None) -> str:
    """Return a bisection as `invoke bisect` prints it; tables wider than `width` drop columns."""
    found = analyze(document) if found is None else found
    parts = []
    for search in found.searches:
        parts.append("\n".join(answer_lines(search, document)))
        if search.judged:
            parts.append(_steps(search, document, width))
    several = [search.name for search in found.searches if search.status in (Status.FOUND, Status.SEARCHING)]
    places = {(s.good, s.bad) for s in found.searches if s.status is Status.FOUND}
    if len(several) > 1 and len(places) > 1:
        parts.append(f"The benchmarks changed at different places: {', '.join(several)} were searched separately.")
    parts.append("\n".join(meaning(document)))
    return writable("\n\n".join(parts))


def answer_lines(search: Search, document: BisectDocument) -> Iterator[str]:
    """Yield what was found for one benchmark, with the commands that repeat it."""
    good, bad = document.versions[0], document.versions[-1]
    both = f"{bad.label} against {good.label}"
    title = search.title
    if search.failure is not None:
        yield f"{title}: not comparable: {search.failure.reason}"
        yield from (f"    {line}" for line in search.failure.detail.splitlines())
        return
    if search.first is None:
        yield f"{title}: not compared yet"
        return
    size = search.first.text
    match search.status:
        case Status.NO_DIFFERENCE:
            yield f"{title}: nothing to find: {both} is {size}, the same within {100 * document.margin:g} %"
        case Status.INCONCLUSIVE | Status.OPEN:
            yield f"{title}: inconclusive: {both} is {size} after {search.first.rounds} rounds"
            yield "  more rounds (--runs, --budget) or a less busy machine may decide whether they differ"
        case Status.SEARCHING:
            yield f"{title}: not finished: {_changed(search)} after {document.versions[search.good].text},"
            yield f"  at {document.versions[search.bad].text} or before ({both} is {size})"
        case Status.FOUND:
            yield from _found(search, document, f"{both} is {size}")
    yield from _between(search, document)
    if search.status in (Status.FOUND, Status.SEARCHING):
        yield f"  to repeat it: {command(search, document)}"


def _found(search: Search, document: BisectDocument, whole: str) -> Iterator[str]:
    before, first = document.versions[search.good], document.versions[search.bad]
    inside = range(search.good + 1, search.bad)
    if not inside:
        yield f"{search.title}: {first.text} is the first version that is {_changed(search)} ({whole})"
        yield f"  {before.text}, the one before it, is not"
        return
    yield f"{search.title}: {_changed(search)} after {before.text}, at {first.text} or before ({whole})"
    reasons = {gap.version: gap.reason for gap in search.gaps}
    reasons |= {each.version: "not nearer to one end for certain" for each in search.undecided}
    for place in list(inside)[:_LISTED]:
        yield f"  between them, not decided: {document.versions[place].text}: {reasons.get(place, 'not measured')}"
    if len(inside) > _LISTED:
        yield f"  and {len(inside) - _LISTED} more"


def _between(search: Search, document: BisectDocument) -> Iterator[str]:
    for each in search.judged:
        if each.relation:
            yield f"  {document.versions[each.version].label} is {each.relation}"


def command(search: Search, document: BisectDocument) -> str:
    """Return the command that compares both ends of the range that was found."""
    low, high = document.versions[search.good].spec, document.versions[search.bad].spec
    words = [f"--base {shlex.quote(low)}", f"--head {shlex.quote(high)}", f"--only {search.benchmark}"]
    if not document.is_default_runtime:
        words.append(f"--runtime {document.runtime}")
    if document.size:
        words.append(f"--size {document.size}")
    return f"{{invoke}} compare {' '.join(words)}"


def _changed(search: Search) -> str:
    return "slower" if search.first is not None and search.first.centre > 0 else "faster"


def _steps(search: Search, document: BisectDocument, width: int | None) -> str:
    rows = [_row(each, document) for each in sorted(search.judged, key=lambda each: each.version)]
    gaps = [[document.versions[gap.version].text, "-", "-", gap.reason, "-"] for gap in search.gaps]
    header = ["Version", "To good", "To bad", "Nearer to", "Rounds"]
    least = ("Rounds", "To bad")
    return table([*rows, *gaps], header, SIMPLE, width=width, texts=("Nearer to",), least_important=least)


def _row(each: Judged, document: BisectDocument) -> list[str]:
    nearer = {Nearer.GOOD: "good", Nearer.BAD: "bad", None: "open" if each.next_look else "neither"}[each.nearer]
    ratios = ["-" if ratio is None else ratio.text for ratio in (each.to_good, each.to_bad)]
    return [document.versions[each.version].text, *ratios, nearer, str(each.rounds)]


def meaning(document: BisectDocument) -> tuple[str, ...]:
    """Return the lines under the tables: how to read them, tools and machine."""
    lines = [
        "Ratios are times of own clocks in common rounds; above 1 is slower.",
        "Error: 1 % for the first comparison, and 1 % for all steps together, over all looks and benchmarks.",
    ]
    if document.state is not State.COMPLETE:
        lines.append(f"{document.state.value.upper()}: --resume continues it")
    first = document.first
    if first is None:
        return tuple(lines)
    started_at = first.sessions[0].started_at
    origin = origin_lines(first.sessions, *document.rounds)
    return (*lines, *size_lines(first.sessions[0]), *origin, f"seed {document.seed}, {iso_utc(started_at)}")
