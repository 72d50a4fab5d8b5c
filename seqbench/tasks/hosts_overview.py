"""Build the texts and figures of the overview over several hosts. Pure."""

from collections.abc import Sequence

from seqbench.compare.machines import Judged, OverMachines
from seqbench.compare.machines_gate import GateOverMachines
from seqbench.compare.report import outcome_text, probe_table
from seqbench.sessions.report import headline_rows
from seqbench.sessions.session import Session
from seqbench.text import SIMPLE, table
from seqbench.units import short_ratio


def ratios(sessions: dict[str, Session], width: int | None) -> str:
    """Return a table with a row for each benchmark and the ratio of each host."""
    rows: dict[str, dict[str, str]] = {}
    for name, session in sessions.items():
        for row in headline_rows(session):
            cell = row.cells[0].text if row.ratio is None else short_ratio(row.ratio.median)
            label = f" [{row.size_label}]" if row.size_label else ""
            rows.setdefault(row.title, {})[name] = f"{cell}{label}"
    cells = [[title, *(found.get(name, "-") for name in sessions)] for title, found in rows.items()]
    columns = next(iter(sessions.values())).runtimes
    compared = f"{columns[0].title} / {columns[1].title}" if len(columns) > 1 else columns[0].title
    note = f"{compared} on each host; times of different machines are not compared"
    return f"{table(cells, ['Benchmark', *sessions], SIMPLE, width=width)}\n\n{note}"


def verdicts(judged: Sequence[OverMachines], names: Sequence[str], width: int | None) -> str:
    """Return a table of the verdicts over all machines and on each, and where machines disagree."""
    rows = [
        [each.title, _ratio(each.overall), each.overall.verdict, *(_cell(found) for _, found in each.machines)]
        for each in judged
    ]
    header = ["Benchmark", "Head / Base", "Verdict", *names]
    lines = [table(rows, header, SIMPLE, width=width, least_important=tuple(reversed(names))), ""]
    lines += [f"{each.title}: the machines disagree: {each.sentence()}" for each in judged if each.is_disagreement]
    lines += [
        "Verdict is over all machines (signed ranks, each machine a stratum). It has half of the error of 1 %;",
        "the verdicts of single machines share the other half, so they need more rounds than alone.",
    ]
    return "\n".join(lines)


def gate_overview(gate: GateOverMachines, width: int | None) -> str:
    """Return the verdicts on the probes over all machines, and the outcome with its reasons."""
    rows = [
        [
            each.name,
            _ratio(each.plain),
            each.plain.verdict,
            each.slowed_by,
            _ratio(each.slowed),
            each.slowed.verdict,
            str(each.plain.rounds + each.slowed.rounds),
        ]
        for each in gate.probes
    ]
    return f"{probe_table(rows, width)}\n\n{outcome_text(gate.outcome, gate.reasons)}"


def gate_figures(gate: GateOverMachines) -> dict[str, object]:
    """Return the outcome of a gate for JSON, with its reasons and the verdicts on the probes."""
    probes = [
        {"benchmark": each.name, "plain": figures(each.plain), "slowed": figures(each.slowed)} for each in gate.probes
    ]
    return {"outcome": gate.outcome.value, "reasons": list(gate.reasons), "probes": probes}


def _ratio(judged: Judged) -> str:
    if judged.ratio is None or judged.interval is None:
        return "-"
    return f"{judged.ratio:.3f} [{judged.interval.low:.3f}, {judged.interval.high:.3f}]"


def _cell(judged: Judged) -> str:
    return str(judged.verdict) if judged.ratio is None else f"{judged.verdict} {judged.ratio:.3f}"


def figures(judged: Judged) -> dict[str, object]:
    """Return a verdict with its figures for JSON."""
    interval = judged.interval
    return {
        "verdict": judged.verdict.value,
        "ratio": judged.ratio,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "rounds": judged.rounds,
    }
