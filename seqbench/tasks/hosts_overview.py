"""Build the texts and figures of the overview over several hosts. Pure."""

import re
from collections.abc import Sequence
from typing import TypeVar

from seqbench.compare.calibration import CALIBRATION_SCHEMA, Calibration
from seqbench.compare.machines import Judged, OverMachines
from seqbench.compare.machines_gate import GateOverMachines
from seqbench.compare.report import outcome_text, probe_table
from seqbench.compare.verdict import POWER
from seqbench.doctor.health import Health
from seqbench.errors import UsageError
from seqbench.experiments.sweep.analysis import analyze_sweep
from seqbench.experiments.sweep.document import SWEEP_SCHEMA, SweepDocument
from seqbench.hosts.arrival import Arrival
from seqbench.sessions.document import read_document
from seqbench.sessions.report import headline_rows
from seqbench.sessions.session import Session
from seqbench.text import SIMPLE, Cell, fits, table
from seqbench.units import percent, short_ratio

_Document = TypeVar("_Document")
# A line of `doctor`, whose subject may contain single spaces.
_CHECK = re.compile(rf"^({'|'.join(Health)}) +(\S+(?: \S+)*)  ", re.MULTILINE)


def side_by_side(task: str, arrivals: Sequence[Arrival], sessions: dict[str, Session], width: int | None) -> str:
    """Return a table with what each host found, for a task without verdicts; empty if there is nothing to show."""
    match task:
        case "bench":
            return _ratios(sessions, width) if sessions else ""
        case "calibrate":
            return _smallest_found(arrivals, width)
        case "sweep":
            return _swept(arrivals, width)
        case "doctor":
            return _checks(arrivals, width)
    return ""


def _table(
    first: Sequence[str], rows: dict[tuple[str, ...], dict[str, str]], names: Sequence[str], width: int | None
) -> str:
    """Return a table with a column for each host; `-` where a host has nothing."""
    cells = [[*row, *(found.get(name, "-") for name in names)] for row, found in rows.items()]
    return table(cells, [*first, *names], SIMPLE, width=width, least_important=tuple(reversed(names)))


def _smallest_found(arrivals: Sequence[Arrival], width: int | None) -> str:
    """Return a table with the smallest slowdown that each host detects."""
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for arrival in arrivals:
        found = _read(arrival, Calibration, CALIBRATION_SCHEMA)
        for each in found.benchmarks if found else ():
            cell = "above 100 %" if each.smallest is None else percent(each.smallest, digits=1)
            rows.setdefault((each.name,), {})[arrival.name] = cell
    if not rows:
        return ""
    note = f"the smallest slowdown that a comparison on one host detects with a probability of {percent(POWER)}"
    return f"{_table(['Benchmark'], rows, [each.name for each in arrivals], width)}\n\n{note}"


def _swept(arrivals: Sequence[Arrival], width: int | None) -> str:
    """Return a table with the ratio of each host at each value."""
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    compared = ""
    for arrival in arrivals:
        found = _read(arrival, SweepDocument, SWEEP_SCHEMA)
        for each in analyze_sweep(found) if found else ():
            trend = each.runtimes[0].ratio_trend if each.runtimes else None
            for value, ratio in trend.ratios if trend else ():
                compared = f"{each.runtimes[0].title} / {trend.to}" if trend else ""
                row = (each.name, f"{value:,} {each.unit}")
                rows.setdefault(row, {})[arrival.name] = short_ratio(ratio.median)
    if not rows:
        return ""
    note = f"{compared} on each host; times of different machines are not compared"
    return f"{_table(['Benchmark', 'At'], rows, [each.name for each in arrivals], width)}\n\n{note}"


def _checks(arrivals: Sequence[Arrival], width: int | None) -> str:
    """Return a table with the checks that are not ok on every host."""
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for arrival in arrivals:
        for health, subject in _CHECK.findall(arrival.text):
            rows.setdefault((subject,), {})[arrival.name] = health
    if not rows:
        return ""
    open_ones = {row: found for row, found in rows.items() if set(found.values()) != {Health.OK.value}}
    if not open_ones:
        return "nothing to fix"
    return _table(["Check"], open_ones, [each.name for each in arrivals], width)


def _read(arrival: Arrival, kind: type[_Document], schema: str) -> _Document | None:
    """Return the document of a host; None if it sent none of this kind, as after an interrupt."""
    try:
        return read_document(arrival.document, arrival.name, kind, schema) if arrival.document else None
    except UsageError:
        return None


def _ratios(sessions: dict[str, Session], width: int | None) -> str:
    """Return a table with a row for each benchmark and the ratio of each host."""
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for name, session in sessions.items():
        for row in headline_rows(session):
            cell = row.cells[0].text if row.ratio is None else short_ratio(row.ratio.median)
            label = f" [{row.size_label}]" if row.size_label else ""
            rows.setdefault((row.title,), {})[name] = f"{cell}{label}"
    columns = next(iter(sessions.values())).runtimes
    compared = f"{columns[0].title} / {columns[1].title}" if len(columns) > 1 else columns[0].title
    note = f"{compared} on each host; times of different machines are not compared"
    return f"{_table(['Benchmark'], rows, list(sessions), width)}\n\n{note}"


def verdicts(judged: Sequence[OverMachines], names: Sequence[str], width: int | None) -> str:
    """Return a table of the verdicts over all machines and on each, and where machines disagree."""
    header = ["Benchmark", "Head / Base", "Verdict", *names]
    of_machines = [[_cell(found) for _, found in each.machines] for each in judged]
    overall: list[list[Cell]] = [[each.label, _ratio(each.overall), each.overall.verdict] for each in judged]
    rows: list[list[Cell]] = [
        [*first, *map(" ".join, cells)] for first, cells in zip(overall, of_machines, strict=True)
    ]
    text = table(rows, header, SIMPLE)
    if not fits(text, width):
        # The ratio below the verdict, before a machine is dropped.
        rows = [[*first, *cells] for first, cells in zip(overall, of_machines, strict=True)]
        text = table(rows, header, SIMPLE, width=width, least_important=tuple(reversed(names)))
    lines = [text, ""]
    lines += [f"{each.label}: the machines disagree: {each.sentence()}" for each in judged if each.is_disagreement]
    lines += [
        "Verdict is over all machines (signed ranks, each machine a stratum). It has half of the error of 1 %;",
        "the verdicts of single machines share the other half, so they need more rounds than alone.",
    ]
    if any(each.metric.is_exact for each in judged):
        lines.append("A size is exact: it is that of the machine with the largest ratio.")
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


def _cell(judged: Judged) -> tuple[str, ...]:
    return (judged.verdict,) if judged.ratio is None else (judged.verdict, f"{judged.ratio:.3f}")


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
