"""Write an explanation as text: times, unit costs, system calls and findings. Pure."""

from collections.abc import Callable, Sequence
from statistics import median

from seqbench.experiments.explain.conclusions import finding_lines
from seqbench.experiments.explain.document import Explanation, InstrumentedRun
from seqbench.experiments.explain.evidence import Evidence, evidence_of
from seqbench.experiments.explain.unit_cost import UnitCalls, UnitCost, excludes
from seqbench.sessions.peak_memory import peak_of
from seqbench.sessions.report import failure_details, problem
from seqbench.sessions.session import Measured, Sample, Session, State
from seqbench.sessions.table_notes import budget_lines, origin_lines, program_title, rounds_text
from seqbench.stats.growth import Estimate
from seqbench.text import SIMPLE, printable, table
from seqbench.units import NS_PER_S, clock_duration, durations, iso_utc, percent, short_bytes, time_writer

_SHOWN_CALLS = 4
# Calls per strand or message; fewer are not shown.
_LEAST_SHOWN = 0.005


def full_text(explanation: Explanation, *, width: int | None = None) -> str:
    """Return an explanation as `invoke explain` prints it.

    Tables that are wider than `width` omit their least important columns; None means no limit.
    """
    interrupted = _interrupted(explanation)
    if interrupted and not explanation.large.results:
        # One size says nothing.
        return printable(interrupted[0])
    evidence = evidence_of(explanation)
    parts = [
        *interrupted,
        _times(explanation, width),
        *_costs(explanation, evidence, width),
        *_calls(explanation, evidence, width),
        *_reports(explanation, width),
        "\n".join(["Findings:", *(f"- {line}" for line in finding_lines(explanation, evidence))]),
        *dict.fromkeys(text for session in explanation.sessions() for text in failure_details(session)),
        "\n".join(_meaning(explanation)),
    ]
    return printable("\n\n".join(parts))


def _interrupted(explanation: Explanation) -> Sequence[str]:
    """Return what was measured at each size, if the timed runs were interrupted."""
    if all(session.state is State.COMPLETE for session in explanation.sessions()):
        return []

    def measured(session: Session) -> str:
        rounds = dict.fromkeys(f"{each.benchmark} {rounds_text(session, each)}" for each in session.results)
        return f"{', '.join(rounds) or 'nothing'} at {session.size} size"

    found = "; ".join(measured(session) for session in explanation.sessions())
    return [f"INTERRUPTED: only what was measured before the interrupt is shown and kept. Rounds: {found}."]


def _titles(explanation: Explanation) -> dict[tuple[str, str, str], str]:
    """Return the title of each program, by benchmark, runtime and variant."""
    return {
        (result.name, program.runtime, program.variant): (
            f"{result.title}, {program_title(explanation.large, result, program)}"
        )
        for result in explanation.large.results
        for program in result.programs
    }


def _times(explanation: Explanation, width: int | None) -> str:
    header = ["Program", "Own clock", "Process", "User", "System", "User %", "System %"]
    header += ["Peak memory", "Page faults", "Switches"]
    titles = _titles(explanation)
    rows = []
    for result in explanation.large.results:
        for program in result.programs:
            label = titles[result.name, program.runtime, program.variant]
            if isinstance(program.outcome, Measured) and program.outcome.samples:
                rows.append([label, *_time_cells(program.outcome.samples)])
            else:
                rows.append([label, problem(program.outcome), *[""] * (len(header) - 2)])
    least = ("Switches", "Page faults", "User %", "Process", "User")
    return table(rows, header, SIMPLE, width=width, texts=("Own clock",), least_important=least)


def _time_cells(samples: Sequence[Sample]) -> list[str]:
    def middle(figure: Callable[[Sample], float]) -> float:
        return median(figure(sample) for sample in samples)

    return [
        *durations(
            [
                middle(lambda sample: sample.elapsed_ns),
                middle(lambda sample: sample.wall_ns),
                middle(lambda sample: sample.user_ns),
                middle(lambda sample: sample.system_ns),
            ]
        ),
        percent(middle(lambda sample: sample.user_ns / sample.wall_ns)),
        percent(middle(lambda sample: sample.system_ns / sample.wall_ns)),
        peak_of(samples).text,
        f"{middle(lambda sample: sample.minor_faults + sample.major_faults):,.0f}",
        f"{middle(lambda sample: sample.voluntary_switches + sample.involuntary_switches):,.0f}",
    ]


def _costs(explanation: Explanation, evidence: Evidence, width: int | None) -> Sequence[str]:
    if not evidence.costs:
        sizes = f"{explanation.small.size} and {explanation.large.size}"
        why = f"no program did different amounts of work at the sizes {sizes}"
        return [f"Unit costs could not be computed: {why}; fix: use another --size."]
    titles = _titles(explanation)
    header = ["Program", "Unit", "Time", "User", "System", "Page faults", "Memory", "Switches"]
    rows = [
        [
            titles[cost.benchmark, cost.runtime, cost.variant],
            f"{cost.unit} (of {cost.extra_units:,})",
            *_cost_cells(cost),
        ]
        for cost in evidence.costs
    ]
    least = ("Switches", "Page faults", "User", "System")
    return [table(rows, header, SIMPLE, width=width, least_important=least)]


def _cost_cells(cost: UnitCost) -> list[str]:
    memory = f"< {short_bytes(cost.memory_bytes.value)}" if cost.is_memory_hidden else _cell(cost.memory_bytes, _bytes)
    write = time_writer(estimate.value for estimate in (cost.time, cost.user, cost.system))
    return [
        cost.time.text(write),
        _cell(cost.user, write),
        _cell(cost.system, write),
        _cell(cost.faults, lambda value: f"{value:.2g}"),
        memory,
        _cell(cost.switches, lambda value: f"{value:.2g}"),
    ]


def _cell(estimate: Estimate, write: Callable[[float], str]) -> str:
    """Write a figure; `0?` if its interval includes 0, and a `?` after it if it has no interval."""
    if estimate.interval is None:
        return f"{write(estimate.value)}?"
    return write(estimate.value) if excludes(estimate, 0) else "0?"


def _bytes(value: float) -> str:
    return short_bytes(value) if value >= 0 else f"-{short_bytes(-value)}"


def _calls(explanation: Explanation, evidence: Evidence, width: int | None) -> Sequence[str]:
    if explanation.no_calls:
        return [f"System calls were not counted: {explanation.no_calls}"]
    titles = _titles(explanation)
    each = {(c.benchmark, c.runtime, c.variant): c for c in reversed(evidence.calls)}
    last = {(a.benchmark, a.runtime, a.variant): a for a in explanation.calls}
    header = ["Program", "System calls", "Per unit", "Most frequent (per unit)"]
    rows = [[title, *_call_cells(last[key], each.get(key))] for key, title in titles.items() if key in last]
    texts, least = ("System calls", header[-1]), header[-1:]
    return [table(rows, header, SIMPLE, width=width, texts=texts, least_important=least)] if rows else []


def _call_cells(instrumented: InstrumentedRun, each: UnitCalls | None) -> list[str]:
    if instrumented.problem:
        return [instrumented.problem, "", ""]
    total = sum(number for _, number in instrumented.figures)
    more = dict(each.per_unit) if each else {}
    shown = [
        f"{name} {number:,}{f' ({more[name]:.2f})' if more.get(name, 0) >= _LEAST_SHOWN else ''}"
        for name, number in instrumented.figures[:_SHOWN_CALLS]
    ]
    return [f"{total:,}", f"{each.per_unit_of():.2f} per {each.unit}" if each else "", ", ".join(shown)]


def _reports(explanation: Explanation, width: int | None) -> Sequence[str]:
    titles = _titles(explanation)
    header = ["Program", "Strands", "Messages", "Most alive", "Threads", "Report and ledger"]
    rows = []
    for instrumented in explanation.reports:
        label = titles.get((instrumented.benchmark, instrumented.runtime, instrumented.variant), instrumented.benchmark)
        rows.append([label, *(_report_cells(instrumented))])
    texts, least = ("Strands", "Messages"), ("Threads", "Most alive")
    return [table(rows, header, SIMPLE, width=width, texts=texts, least_important=least)] if rows else []


def _report_cells(instrumented: InstrumentedRun) -> list[str]:
    if instrumented.problem:
        return [instrumented.problem, "", "", "", ""]
    wanted = dict(instrumented.wanted)

    def beside(*names: str) -> str:
        """Write what was counted, once if all counts are equal, and the count that the ledger lets expect."""
        found = "/".join(dict.fromkeys(f"{instrumented.figure(name):,}" for name in names))
        expected = f"{wanted[names[0]]:,} expected" if names[0] in wanted else "not compared"
        return f"{found} ({expected})"

    return [
        beside("spawned", "completed"),
        beside("sent", "received"),
        f"{instrumented.figure('peak'):,}",
        f"{instrumented.figure('threads'):,}",
        "agree" if instrumented.agrees() else "DISAGREE",
    ]


def _meaning(explanation: Explanation) -> Sequence[str]:
    large = explanation.large
    lines = [
        "Own clock: the program's own time over its complete work. All times are medians over the rounds.",
        "The other columns are the kernel's, for the whole process with its start and exit.",
        "User % and System % add up all cores, so that they can exceed 100 %.",
        "Unit costs: the difference between two sizes, divided by the number of additional strands or messages.",
        "The start of the process cancels out. Where both sizes have as many strands, the unit is a message.",
        "Intervals are 95 % (bootstrap over the rounds); ?: fewer than 6 rounds, no interval; 0?: includes 0.",
        "System calls were counted in separate runs under strace, which are not timed.",
        "Strands and messages were reported by the runtime in separate runs. The expected counts come from the ledger,",
        "plus main's strand, sentinels and reports.",
    ]
    for result in large.results:
        small = next((each for each in explanation.small.results if each.name == result.name), None)
        sizes = [" ".join(f"{k}={v:,}" for k, v in each.parameters) for each in (small, result) if each]
        why = f" ({result.size_sentence})" if result.remedies else ""
        lines.append(f"{result.name}: {' and '.join(dict.fromkeys(sizes))}, rounds {rounds_text(large, result)}{why}")
    lines += dict.fromkeys(line for session in explanation.sessions() for line in budget_lines(session))
    return [
        *lines,
        *origin_lines((large,), *explanation.rounds),
        f"seed {large.seed}, {iso_utc(explanation.small.started_at)}",
        _shares(explanation),
    ]


def _shares(explanation: Explanation) -> str:
    """Return how much of the wall time was measurement."""
    timed_ns = sum(session.programs_ns for session in explanation.sessions())
    build_ns = sum(session.build_ns for session in explanation.sessions())
    rest_ns = max(0, explanation.wall_ns - timed_ns - build_ns - explanation.watched_ns)
    return (
        f"{clock_duration(explanation.wall_ns / NS_PER_S)} in all: {timed_ns / NS_PER_S:.1f} s in timed runs, "
        f"{explanation.watched_ns / NS_PER_S:.1f} s in instrumented runs, "
        f"{build_ns / NS_PER_S:.1f} s finding tools and building, "
        f"{rest_ns / NS_PER_S:.1f} s in the harness"
    )
