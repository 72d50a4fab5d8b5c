"""Write a timeline as text: a table and a plot for each benchmark, the steps, the gaps, and how to read them. Pure."""

from collections.abc import Iterator, Sequence

from seqbench.experiments.timeline.analysis import Course, MarkedStep, Point, analyze
from seqbench.experiments.timeline.chart import plot
from seqbench.experiments.timeline.document import OWN_CLOCK, WALL_CLOCK, TimelineDocument
from seqbench.sessions.session import State
from seqbench.sessions.table_notes import origin_lines, size_lines
from seqbench.text import MARKDOWN, SIMPLE, fenced, table, without_tags, writable
from seqbench.units import change, duration, iso_utc
from seqbench.versions.contrasts import Contrast

_CLOCKS = {
    OWN_CLOCK: "times of own clocks",
    WALL_CLOCK: "wall clocks of whole processes, less the median wall clock of a run with the least work,",
}


def full_text(document: TimelineDocument, found: Sequence[Course] | None = None, *, width: int | None = None) -> str:
    """Return a timeline as `invoke timeline` prints it; tables wider than `width` drop columns."""
    found = analyze(document) if found is None else found
    parts = []
    for course in found:
        parts += [course.title, course_table(course, document, SIMPLE, width), plot(course, document)]
        parts.append("\n".join(course_lines(course, document)))
    if any("clock" in point.gap.reason for course in found for point in course.points if point.gap):
        offer = "an own clock is wrong: --clock wall measures whole processes, less the time that their start takes"
        parts.append(offer)
    if details := gap_details(found, document):
        parts.append("\n".join(details))
    parts.append("\n".join(meaning(document)))
    return writable("\n\n".join(parts))


def markdown(document: TimelineDocument) -> str:
    """Return a timeline as Markdown."""
    parts = []
    for course in analyze(document):
        lines = "\n".join(f"- {without_tags(line)}" for line in course_lines(course, document))
        parts += [f"### {without_tags(course.title)}", course_table(course, document, MARKDOWN, None)]
        parts += [fenced(plot(course, document)), lines]
    parts.append("\n".join(f"- {without_tags(line)}" for line in meaning(document)))
    return writable("\n\n".join(parts) + "\n")


def course_table(course: Course, document: TimelineDocument, style: str, width: int | None) -> str:
    """Lay out a row for each version."""
    steps = {step.after: step for step in course.steps}
    rows = [_row(point, steps.get(point.version), document) for point in course.points]
    header = ["Version", "Time", f"Ratio to {reference_text(document)}", "Step", "Rounds"]
    # A version without a time has the reason in place of a ratio.
    return table(rows, header, style, width=width, texts=(header[2],), least_important=("Rounds", "Time"))


def reference_text(document: TimelineDocument) -> str:
    """Return what the ratios refer to."""
    if document.reference_place is not None:
        return document.versions[document.reference_place].label
    every = document.part("")
    titles = [] if every is None else [column.title for column in every.sessions[0].runtimes]
    return titles[-1] if document.reference_runtime != document.runtime and titles else document.reference


def _row(point: Point, step: MarkedStep | None, document: TimelineDocument) -> list[str]:
    version = document.versions[point.version].text
    if point.gap is not None:
        return [version, "-", point.gap.reason, "", ""]
    ratio = "1 (reference)" if point.is_reference else "?"
    if point.to_reference is not None:
        ratio = point.to_reference.text
    return [version, duration(point.median_ns), ratio, change_text(step.size) if step else "", str(point.rounds)]


def change_text(contrast: Contrast) -> str:
    """Return a ratio as a change: `+5.2 % [+4.1, +6.3]`."""
    return change(contrast.ratio, *contrast.ends)


def course_lines(course: Course, document: TimelineDocument) -> Iterator[str]:
    """Yield the steps of a benchmark, and how much its whole course changed."""
    labels = [version.label for version in document.versions]
    for step in course.steps:
        skipped = labels[step.before + 1 : step.after]
        between = f", with {', '.join(skipped)} not measured between them" if skipped else ""
        after = document.versions[step.after].text
        yield f"step: {change_text(step.size)} from {labels[step.before]} to {after}{between}"
    if course.rounds_needed:
        had = max(point.rounds for point in course.points)
        needed = course.rounds_needed
        yield f"no step can be found in {had} rounds: {needed} are needed at least; use --runs {needed} or more"
    elif not course.steps:
        yield f"no step of {100 * document.step:g} % between neighbours was found"
    for low, high in course.open_candidates:
        how = "more rounds or budget would decide it (--runs, --budget)"
        yield f"from {labels[low]} to {labels[high]} there may be a step: {how}"
    measured = [point.version for point in course.points if point.gap is None]
    if course.whole is not None and len(measured) > 1:
        yield f"from {labels[measured[0]]} to {labels[measured[-1]]}: {change_text(course.whole)}"


def gap_details(found: Sequence[Course], document: TimelineDocument) -> list[str]:
    """Return why versions have no time, once for each reason."""
    lines: dict[str, None] = {}
    for course in found:
        for point in course.points:
            if point.gap is not None and point.gap.detail:
                which = f" ({course.name})" if point.gap.benchmark else ""
                head = f"{document.versions[point.version].label}{which}: {point.gap.reason}"
                body = [f"    {line}" for line in point.gap.detail.strip().splitlines()[:12]]
                lines["\n".join([head, *body])] = None
    return list(lines)


def meaning(document: TimelineDocument) -> tuple[str, ...]:
    """Return the lines under the tables: how to read them, tools and machine."""
    clock, reference_name = _CLOCKS[document.clock], reference_text(document)
    lines = [
        f"Ratios: {clock} in common rounds with {reference_name}, with 95 % intervals; above 1 is slower.",
        "Step: the change from the version before, measured in fresh rounds of both.",
        f"All steps together have an error of 1 %, and a change within {100 * document.margin:g} % is no step.",
    ]
    if document.state is not State.COMPLETE:
        lines.append(f"{document.state.value.upper()}: --resume continues it")
    every = document.part("")
    if every is None:
        return tuple(lines)
    reference = every.sessions[0]
    origin = origin_lines((reference,), *document.rounds)
    return (*lines, *size_lines(reference), *origin, f"seed {document.seed}, {iso_utc(reference.started_at)}")
