"""`compare`: two compilers measured now, or two stored sessions."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from invoke.exceptions import Exit
from invoke.tasks import task

from seqbench.errors import CheckError, ExitCode, UsageError
from seqbench.project import Project
from seqbench.tasks.common import WIDE_HELP, guarded, require_alone, say

if TYPE_CHECKING:
    from seqbench.compare.comparison import Comparison
    from seqbench.tasks.output import Answer

COMPARE_HELP = {
    "base": "the compiler to compare with: a SPEC as for --seqc, or a stored session (results/x.json)",
    "head": "the compiler that is judged: a SPEC, or a stored session",
    "only": "benchmarks to compare, with commas between (default: all)",
    "runs": "rounds for each benchmark (default: as many as the budget allows)",
    "budget": "time to measure in (default: compare-budget in pyproject.toml)",
    "margin": "what is called the same, such as 2% (default: margin in pyproject.toml)",
    "seed": "for the order in the rounds (default: drawn, and recorded)",
    "json": "write the comparison with its raw samples to this file too; - writes it to standard output",
    "resume": "go on with an interrupted comparison: its file in results/",
    "wide": WIDE_HELP,
}


@task(help=COMPARE_HELP)
@guarded
def compare(
    project: Project,
    base: str | None = None,
    head: str | None = None,
    only: str | None = None,
    runs: str | None = None,
    budget: str | None = None,
    margin: str | None = None,
    seed: str | None = None,
    json: str | None = None,
    resume: str | None = None,
    wide: bool = False,
) -> None:
    """Return whether one compiler is faster than another."""
    from seqbench.compare import comparison, report
    from seqbench.compare.calibration import load_calibration, noise_warnings
    from seqbench.compare.document import comparison_to_json
    from seqbench.compare.stored import calibration_path
    from seqbench.config import load_config
    from seqbench.flags import Flags, make_margin
    from seqbench.runtimes.registry import COMPARED_RUNTIME
    from seqbench.tasks.output import Answer
    from seqbench.tasks.two_compilers import compare_two

    config, answer = load_config(project.root), Answer(project, json, wide=wide)
    stored_sides = [bool(text) and str(text).endswith(".json") for text in (base, head)]
    if any(stored_sides) and not all(stored_sides):
        raise UsageError(
            "one side is a stored session and the other is not: there is nothing to pair",
            "give two SPECs, which are measured now, or two session files",
        )
    if all(stored_sides):
        if json:
            raise UsageError("--json writes what was measured, and these sessions are files already", "leave it out")
        if any((only, runs, budget, seed, resume)):
            raise UsageError(
                "stored sessions are compared as they are, and flags for measuring were given", "leave those out"
            )
        _compare_stored(answer, Path(base or ""), Path(head or ""), make_margin(margin, config))
        return
    require_alone(resume, base, head, only, runs, budget, margin, seed)
    flags = Flags(only=only, runs=runs, budget=budget, seed=seed)
    met = compare_two(project, flags, (base, head, margin), answer=answer, resume=resume, probe=False)
    found = comparison.compare(*met.sessions, runtime=COMPARED_RUNTIME, paired=True, margin=met.margin)
    answer.text(report.full_text(found, met.base_spec, met.head_spec, width=answer.width))
    answer.document(comparison_to_json(met))
    for warning in noise_warnings(load_calibration(calibration_path(os.environ)), found):
        say(project, f"warning: {warning}")
    _exit_for(found)


def _compare_stored(answer: "Answer", base: Path, head: Path, margin: float) -> None:
    from seqbench.compare import comparison, report
    from seqbench.runtimes.registry import COMPARED_RUNTIME
    from seqbench.sessions import store

    sessions = store.load(base), store.load(head)
    if reasons := comparison.obstacles(*sessions):
        raise CheckError("not comparable:\n" + "\n".join(f"  - {reason}" for reason in reasons), "measure both again")
    found = comparison.compare(*sessions, runtime=COMPARED_RUNTIME, paired=False, margin=margin)
    answer.text(report.full_text(found, str(base), str(head), width=answer.width))
    _exit_for(found)


def _exit_for(found: "Comparison") -> None:
    """Exit with 4 where a side failed, with 5 where something could not be told, else well."""
    from seqbench.compare.verdict import Verdict

    if any(each.paired_result is None and each.unpaired_ratio is None for each in found.benchmarks):
        raise Exit(code=ExitCode.BENCHMARK_FAILED)
    if any(each.paired_result is None or each.verdict is Verdict.INCONCLUSIVE for each in found.benchmarks):
        raise Exit(code=ExitCode.INCONCLUSIVE)
