"""Build the notes under the tables of a comparison: how to read them, tools, settings and machine. Pure."""

from collections.abc import Sequence

from seqbench.compare.compared import effective_settings
from seqbench.compare.comparison import Comparison
from seqbench.compare.metrics import ONLY_TIME
from seqbench.compare.used import used_lines
from seqbench.compare.verdict import FAMILY_ERROR, POWER
from seqbench.sessions.remarks import remark_lines
from seqbench.sessions.session import Session
from seqbench.sessions.table_notes import budget_lines, machine_lines
from seqbench.units import iso_utc, percent

DETECTS = "Would detect"
"""The title of the column with the smallest slowdown that would be found."""


def meaning(comparison: Comparison, base_name: str, head_name: str) -> Sequence[str]:
    """Return the lines under the tables; the names are those of the sides, as the user typed them."""
    base, head = comparison.base, comparison.head
    lines = [f"base is {base_name}, head is {head_name}"]
    if comparison.paired:
        lines += [
            "Head / Base is above 1 where head is slower; both ran in the same rounds.",
            f"The intervals of all benchmarks together have a confidence of {percent(1 - FAMILY_ERROR)}.",
            f"same: the interval lies within {percent(comparison.margin, digits=1)}; faster, slower: it excludes 1.",
            f"{DETECTS}: the smallest slowdown found in {percent(POWER)} of comparisons as long and as noisy.",
        ]
        if comparison.metrics != ONLY_TIME:
            named = ", ".join(comparison.metrics)
            lines.append(
                f"Judged by {named}: slower is more of it, faster less. A size is exact, and costs no confidence."
            )
        if used := used_lines(comparison.benchmarks):
            lines += [
                "A benchmark stops at the look at which its verdict stands; the intervals hold for all looks.",
                *used,
            ]
    else:
        lines += [
            "These sessions were measured at different times. Their ratio may come from a change of the compiler or",
            "from a change of the machine's speed, so there is no verdict. For a verdict, run",
            "`{invoke} compare --base SPEC --head SPEC`, which measures both in the same rounds.",
        ]
    if base.target_cpu != head.target_cpu:
        base_cpu, head_cpu = (each.target_cpu or "a target CPU that was not recorded" for each in (base, head))
        lines.append(
            f"the sides are compiled for different CPUs, {base_cpu} and {head_cpu}, which changes the times too"
        )
    elif _all_identical(comparison):
        lines.append(
            "A/A run: both sides run the same executables with the same effective settings, so they are the same by "
            "definition, and the figures show the noise."
        )
    for side, session in (("base", base), ("head", head)):
        lines += [f"{side}: {tool.sentence()}" for tool in session.toolchain if tool.name == "seqc"]
        lines += [f"{side}: {line}" for line in session.target_lines()]
        if session.settings:
            lines.append(f"{side}: {session.settings_text}")
    lines += [
        f"{result.name}: started with {' '.join(f'{key}={value}' for key, value in result.settings)} on both sides:"
        " start-up is not judged, and a shorter one leaves time for more rounds"
        for result in base.results
        if result.settings
    ]
    lines += base.setting_notes
    lines += budget_lines(base)
    spent = f"{base.wall_ns / 1e9:.0f} s in all, {base.programs_ns / 1e9:.0f} s of it in programs"
    return [
        *lines,
        *remark_lines(*comparison.rounds),
        *machine_lines(base, *comparison.rounds),
        f"seed {base.seed}, {iso_utc(base.started_at)}, {spent}",
    ]


def _all_identical(comparison: Comparison) -> bool:
    def executables(session: Session) -> list[str]:
        return [program.executable for result in session.results for program in result.programs]

    base, head = comparison.base, comparison.head
    return effective_settings(base) == effective_settings(head) and executables(base) == executables(head)
