"""From an explanation to the lines that people read: where the time went, what more costs, and what that says. Pure."""

from collections.abc import Callable, Sequence
from statistics import median

from seqbench.experiments.explain.conclusions import finding_lines
from seqbench.experiments.explain.document import Account, Explanation
from seqbench.experiments.explain.evidence import Evidence, evidence_of
from seqbench.experiments.explain.unit_cost import UnitCalls, UnitCost, excludes
from seqbench.sessions.peak_memory import peak_of
from seqbench.sessions.report import failure_details, problem, program_title
from seqbench.sessions.session import Measured, Sample
from seqbench.stats.growth import Estimate
from seqbench.text import table, writable
from seqbench.units import NS_PER_S, clock_duration, durations, iso_utc, percent, short_bytes, time_writer

_STYLE = "simple"
_SHOWN_CALLS = 4
# For each strand or message; less is written as nothing.
_LEAST_SHOWN = 0.005


def full_text(explanation: Explanation, *, width: int | None = None) -> str:
    """Return all of it, as `invoke explain` shows it.

    Tables that are wider than `width` leave out their least important columns; None is no limit.
    """
    evidence = evidence_of(explanation)
    parts = [
        _times(explanation, width),
        *_costs(explanation, evidence, width),
        *_calls(explanation, evidence, width),
        *_reports(explanation, width),
        "\n".join(["Findings:", *(f"- {line}" for line in finding_lines(explanation, evidence))]),
        *dict.fromkeys(text for session in explanation.sessions() for text in failure_details(session)),
        "\n".join(_meaning(explanation)),
    ]
    return writable("\n\n".join(parts))


def _titles(explanation: Explanation) -> dict[tuple[str, str, str], str]:
    """Return what each program is called, by benchmark, runtime and variant."""
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
    return table(
        rows, header, _STYLE, width=width, least_important=("Switches", "Page faults", "User %", "Process", "User")
    )


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
        return [f"What one more strand or message costs cannot be told: no program did more work at one of {sizes}."]
    titles = _titles(explanation)
    header = ["Program", "One more", "Time", "User", "System", "Page faults", "Memory", "Switches"]
    rows = [
        [titles[cost.benchmark, cost.runtime, cost.variant], f"{cost.unit} (of {cost.more:,})", *_cost_cells(cost)]
        for cost in evidence.costs
    ]
    least = ("Switches", "Page faults", "User", "System")
    return [table(rows, header, _STYLE, width=width, least_important=least)]


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
    """Write a figure; where its interval holds nothing at all, say so."""
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
    header = ["Program", "System calls", "One more", "Most frequent (for one more)"]
    rows = [[title, *_call_cells(last[key], each.get(key))] for key, title in titles.items() if key in last]
    return [table(rows, header, _STYLE, width=width, least_important=header[-1:])] if rows else []


def _call_cells(account: Account, each: UnitCalls | None) -> list[str]:
    if account.problem:
        return [account.problem, "", ""]
    total = sum(number for _, number in account.figures)
    more = dict(each.each) if each else {}
    shown = [
        f"{name} {number:,}{f' ({more[name]:.2f})' if more.get(name, 0) >= _LEAST_SHOWN else ''}"
        for name, number in account.figures[:_SHOWN_CALLS]
    ]
    return [f"{total:,}", f"{each.each_of():.2f} a {each.unit}" if each else "", ", ".join(shown)]


def _reports(explanation: Explanation, width: int | None) -> Sequence[str]:
    titles = _titles(explanation)
    header = ["Program", "Strands", "Messages", "Most alive", "Threads", "Report and ledger"]
    rows = []
    for account in explanation.reports:
        label = titles.get((account.benchmark, account.runtime, account.variant), account.benchmark)
        rows.append([label, *(_report_cells(account))])
    return [table(rows, header, _STYLE, width=width, least_important=("Threads", "Most alive"))] if rows else []


def _report_cells(account: Account) -> list[str]:
    if account.problem:
        return [account.problem, "", "", "", ""]
    wanted = dict(account.wanted)

    def beside(*names: str) -> str:
        """Write what was counted, once where that is all the same, and what the ledger lets expect."""
        found = "/".join(dict.fromkeys(f"{account.figure(name):,}" for name in names))
        expected = f"{wanted[names[0]]:,} wanted" if names[0] in wanted else "not compared"
        return f"{found} ({expected})"

    return [
        beside("spawned", "completed"),
        beside("sent", "received"),
        f"{account.figure('peak'):,}",
        f"{account.figure('threads'):,}",
        "agree" if account.agrees() else "DISAGREE",
    ]


def _meaning(explanation: Explanation) -> Sequence[str]:
    large = explanation.large
    lines = [
        "Own clock: the program's own, over its complete work; medians over the rounds. All else is the kernel's for",
        "the whole process with its start and end; User % and System % are of all cores, and can exceed 100 %.",
        "One more: the difference between two sizes, of which the start of the process is no part, for each strand or",
        "message more; for messages alone where there are as many strands at both. Intervals are 95% (bootstrap over",
        "the rounds); ?: fewer than 6 rounds have none; 0?: cannot be told from nothing at all.",
        "Memory: <: the harness's own peak hides one of the two peaks, and it is less than this.",
        "System calls: in runs under strace, none of which was timed. Strands and messages: the runtime's own report,",
        "also in runs of their own, beside what the ledger lets expect (with main's strand, sentinels and reports).",
    ]
    for result in large.results:
        small = next((each for each in explanation.small.results if each.name == result.name), None)
        sizes = [" ".join(f"{k}={v:,}" for k, v in each.parameters) for each in (small, result) if each]
        why = f" ({result.size_sentence})" if result.remedies else ""
        lines.append(f"{result.name}: {' and '.join(dict.fromkeys(sizes))}, rounds {result.rounds}{why}")
    lines += [tool.sentence() for tool in large.toolchain]
    if large.settings:
        lines.append(f"settings: {' '.join(f'{key}={value}' for key, value in large.settings)}")
    return [
        *lines,
        f"machine: {large.machine.sentence()}; load {large.load_before:.2f} at the start",
        f"seed {large.seed}, {iso_utc(explanation.small.started_at)}",
        _shares(explanation),
    ]


def _shares(explanation: Explanation) -> str:
    """Return how much of the time was measurement."""
    timed_ns = sum(session.programs_ns for session in explanation.sessions())
    build_ns = sum(session.build_ns for session in explanation.sessions())
    rest_ns = max(0, explanation.wall_ns - timed_ns - build_ns - explanation.watched_ns)
    return (
        f"{clock_duration(explanation.wall_ns / NS_PER_S)} in all: {timed_ns / NS_PER_S:.1f} s in timed runs, "
        f"{explanation.watched_ns / NS_PER_S:.1f} s in runs that were watched, "
        f"{build_ns / NS_PER_S:.1f} s finding tools and "
        f"building, {rest_ns / NS_PER_S:.1f} s in the harness"
    )
