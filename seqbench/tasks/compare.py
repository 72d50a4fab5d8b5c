"""`compare`: compare two compilers, measured now, or two stored sessions."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from invoke.tasks import task

from seqbench.errors import CheckError, ExitCode, UsageError
from seqbench.project import Project
from seqbench.tasks.common import (
    ALLOW_UNKNOWN_HELP,
    MARGIN_HELP,
    SEED_HELP,
    SUITE_HELP,
    TARGET_HELP,
    WIDE_HELP,
    guarded,
    say,
)
from seqbench.tasks.on_hosts import HOSTS_HELP, on_hosts

if TYPE_CHECKING:
    from seqbench.compare.comparison import Comparison
    from seqbench.tasks.output import TaskOutput

METRIC_HELP = "what is judged: time, peak-memory, cpu-time, build-time and size, separated by commas (default: time)"
COMPARE_HELP = {
    "base": "the compiler to compare with: a SPEC, as for --seqc of bench, or a stored session (results/x.json)",
    "head": "the compiler that is judged: a SPEC, or a stored session if --base is one",
    "set": "values of {NAME} in commands: --base 'run:./old {n}' --head 'run:./new {n}' --set n=1000",
    "pattern": "a regular expression that finds the time in the output of commands: '(?P<elapsed_ms>[0-9.]+) ms'",
    "runtime": "compare programs of another language, such as go; each SPEC is then a list of tools and settings: "
    "GO=/a/go,GOGC=200 (default: seq)",
    **SUITE_HELP,
    "target-cpu": TARGET_HELP,
    "only": "benchmarks to compare, separated by commas (default: all)",
    "size": "as for bench (default: the smallest size of each benchmark that is enough work)",
    "runs": "the most rounds of each benchmark (default: as many as the budget allows)",
    "budget": "the time that measuring may take (default: 10m, or compare-budget in pyproject.toml)",
    "metric": METRIC_HELP,
    "margin": MARGIN_HELP,
    "fixed": "run all planned rounds and judge them once (default: a benchmark stops when its verdict stands)",
    "seed": SEED_HELP,
    "json": "also write the comparison with its samples to this file; - writes it to standard output",
    "resume": "continue an interrupted comparison: its file in results/",
    "allow-unknown-settings": ALLOW_UNKNOWN_HELP,
    "wide": WIDE_HELP,
    **HOSTS_HELP,
}


@task(help=COMPARE_HELP)
@guarded
@on_hosts("compare")
def compare(
    project: Project,
    base: str | None = None,
    head: str | None = None,
    runtime: str | None = None,
    set: str | None = None,  # noqa: A002 - the name of the flag
    pattern: str | None = None,
    suite: str | None = None,
    suite_file: str | None = None,
    target_cpu: str | None = None,
    only: str | None = None,
    size: str | None = None,
    runs: str | None = None,
    budget: str | None = None,
    metric: str | None = None,
    margin: str | None = None,
    fixed: bool = False,
    seed: str | None = None,
    json: str | None = None,
    resume: str | None = None,
    allow_unknown_settings: bool = False,
    wide: bool = False,
) -> None:
    """Compare two compilers: faster, slower or the same."""
    from seqbench.compare import comparison, report
    from seqbench.compare.calibration import all_warnings
    from seqbench.compare.document import judged_to_json, verdicts_of
    from seqbench.compare.settle import settlings
    from seqbench.compare.stored import known_calibration
    from seqbench.compare.used import used_share
    from seqbench.config import load_config
    from seqbench.flags import make_margin
    from seqbench.paths import user_path
    from seqbench.runtimes.registry import COMPARED_RUNTIME
    from seqbench.tasks.output import TaskOutput
    from seqbench.tasks.two_compilers import compare_two, flags_of_comparison

    config, output = load_config(project.root), TaskOutput(project, json, wide=wide)
    stored_sides = [bool(text) and str(text).endswith(".json") for text in (base, head)]
    if any(stored_sides) and not all(stored_sides):
        raise UsageError(
            f"--base {base} and --head {head}: one is a stored session, expected two SPECs or two stored sessions",
            "give two SPECs, which are measured now, or two files in results/",
        )
    if all(stored_sides):
        if json:
            raise UsageError("--json cannot be combined with stored sessions, which are files already", "remove --json")
        if any((suite, suite_file, target_cpu, only, size, runs, budget, metric, fixed, seed, resume, set, pattern)):
            raise UsageError(
                "flags for measuring cannot be combined with stored sessions",
                "remove all flags but --base, --head, --runtime, --margin and --wide",
            )
        _compare_stored(
            output,
            user_path(base or ""),
            user_path(head or ""),
            make_margin(margin, config),
            runtime or COMPARED_RUNTIME,
        )
        return
    flags = flags_of_comparison(
        resume,
        (base, head, margin),
        runtime=runtime,
        set=set,
        pattern=pattern,
        suite=suite,
        suite_file=suite_file,
        target_cpu=target_cpu,
        only=only,
        size=size,
        runs=runs,
        budget=budget,
        metric=metric,
        fixed=fixed,
        seed=seed,
        allow_unknown_settings=allow_unknown_settings,
    )
    met = compare_two(project, flags, (base, head, margin), output=output, task="compare", resume=resume)
    found = comparison.compare(
        *met.sessions,
        runtime=met.runtime or COMPARED_RUNTIME,
        paired=True,
        margin=met.margin,
        metrics=met.metrics,
    )
    output.text(report.full_text(found, met.base_spec, met.head_spec, width=output.width, flags=met.flags()))
    verdicts = verdicts_of(found, settlings(found))
    warnings = all_warnings(known_calibration(project, os.environ), found)
    output.document(judged_to_json(met, verdicts, warnings, used_share(found.benchmarks)))
    for warning in warnings:
        say(project, f"warning: {warning}")
    output.end(_exit_code(found))


def _compare_stored(output: "TaskOutput", base: Path, head: Path, margin: float, runtime: str) -> None:
    from seqbench.compare import comparable, comparison, report
    from seqbench.sessions import store

    sessions = store.load(base), store.load(head)
    if reasons := comparable.obstacles(*sessions):
        problems = "\n".join(f"  - {reason}" for reason in reasons)
        raise CheckError(f"these sessions cannot be compared:\n{problems}", "{invoke} compare --base SPEC --head SPEC")
    found = comparison.compare(*sessions, runtime=runtime, paired=False, margin=margin)
    left_out = comparable.left_out(*sessions)
    output.text(report.full_text(found, str(base), str(head), width=output.width))
    if left_out:
        output.text("\n".join(("", *(f"not compared: {reason}" for reason in left_out))))
    output.end(_exit_code(found))


def _exit_code(found: "Comparison") -> ExitCode:
    """Return 4 if a side failed, 5 if a verdict is inconclusive or missing, else 0."""
    from seqbench.compare.verdict import Verdict

    failed = [each for each in found.benchmarks if each.verdict is Verdict.NOT_COMPARABLE and not each.is_missing]
    if any(each.unpaired_ratio is None for each in failed):
        return ExitCode.BENCHMARK_FAILED
    if any(each.paired_result is None or each.verdict is Verdict.INCONCLUSIVE for each in found.benchmarks):
        return ExitCode.INCONCLUSIVE
    return ExitCode.OK
