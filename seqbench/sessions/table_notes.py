"""Build the notes under the tables of a session: how to read them, sizes, warnings, tools and machine. Pure."""

from collections.abc import Sequence

from seqbench.sessions.interference import uncounted_lines, was_counted
from seqbench.sessions.remarks import remark_lines
from seqbench.sessions.session import (
    BenchmarkResult,
    Measured,
    ProgramResult,
    Session,
    Skipped,
    State,
    is_too_coarse,
)
from seqbench.units import clock_duration, iso_utc, trimmed_duration

_BUSY_LOAD_PER_CORE = 0.5
_MOST_BRIEF = 5


def meaning(session: Session) -> tuple[str, ...]:
    """Return the lines under the tables: how to read them, sizes, failures, tools, machine."""
    return (
        *how_to_read(session),
        *size_lines(session),
        *budget_lines(session),
        *clock_lines(session),
        *warnings(session),
        *(f"{tool.sentence()}" for tool in session.toolchain),
        *_settings(session),
        *machine_lines(session, (session,)),
        _when(session),
    )


def brief(session: Session) -> tuple[str, ...]:
    """Return the five lines at most that a reader of the tables needs first; the last names where the others are.

    What makes a figure less certain comes first.
    """
    every = meaning(session)
    if len(every) <= _MOST_BRIEF:
        return every
    uncertain = (
        *warnings(session),
        *uncounted_lines((session,)),
        *size_lines(session),
        *budget_lines(session),
        *clock_lines(session),
        *_settings(session),
    )
    rounds, *_, last = how_to_read(session)
    kept = (*uncertain, rounds, last, _when(session))[: _MOST_BRIEF - 1]
    rest = len(every) - len(kept)
    return (*kept, f"{rest} more notes, among them tools and machine: --verbose shows them, and the session has them")


def _settings(session: Session) -> Sequence[str]:
    settings = [f"settings: {session.settings_text}"] if session.settings else []
    return (*session.target_lines(), *settings, *session.setting_notes)


def machine_lines(session: Session, *rounds: Sequence[Session]) -> tuple[str, ...]:
    """Return the lines on the machine under a table, for sessions that are grouped as in `interference_lines`."""
    machine = f"machine: {session.machine.sentence()}; load {session.load_before:.2f} at the start"
    return (machine, *uncounted_lines(*rounds))


def origin_lines(sides: Sequence[Session], *rounds: Sequence[Session]) -> tuple[str, ...]:
    """Return the lines under a table on what was measured with and where: tools, settings, remarks and machine.

    Parameters
    ----------
    sides
        The sessions whose tools and settings are named.
    rounds
        As for `machine_lines`.
    """
    first = sides[0]
    tools = dict.fromkeys(tool.sentence() for session in sides for tool in session.toolchain)
    settings = dict.fromkeys(f"settings: {session.settings_text}" for session in sides if session.settings)
    return (*tools, *first.target_lines(), *settings, *remark_lines(*rounds), *machine_lines(first, *rounds))


def how_to_read(session: Session) -> Sequence[str]:
    """Return the lines that explain the figures of the tables, and name the benchmarks that were not chosen."""
    rounds = ", ".join(
        dict.fromkeys(f"{result.benchmark} {rounds_text(session, result)}" for result in session.results)
    )
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
    if len(session.runtimes) > 2:  # noqa: PLR2004 - the two of the ratio
        lines.append(f"The ratios of the other runtimes are to {session.runtimes[1].title} too.")
    if missing := session.missing():
        lines.append(f"not run (not chosen): {', '.join(missing)}")
    return lines


def rounds_text(session: Session, result: BenchmarkResult) -> str:
    """Return how many rounds were run: `30`, or `2 of 30` where an interrupt cut them short."""
    if session.state is State.COMPLETE:
        return str(result.rounds)
    counts = [len(p.outcome.samples) for p in result.programs if isinstance(p.outcome, Measured)]
    # What failed has no samples, and what was interrupted before its first run has none either.
    is_waiting = any(isinstance(program.outcome, Skipped) for program in result.programs)
    return f"{0 if is_waiting else min(counts, default=0)} of {result.rounds or 'an unknown number'}"


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
        notes = [f"not run: {each.reason}; {each.remedy} is enough" for each in skipped[:1]]
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


def program_title(session: Session, result: BenchmarkResult, program: ProgramResult) -> str:
    """Return the name of a program within its benchmark: the title of its runtime, or the label of its variant."""
    title = next((column.title for column in session.runtimes if column.name == program.runtime), program.runtime)
    return dict(result.variant_labels).get(program.variant, title) if program.variant else title


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
