"""`sweep`: measure how time and memory grow."""

from functools import partial
from typing import TYPE_CHECKING

from invoke.tasks import task

from seqbench.errors import ExitCode
from seqbench.project import Project
from seqbench.tasks.bench import BENCH_HELP
from seqbench.tasks.common import (
    ALLOW_UNKNOWN_HELP,
    SEED_HELP,
    SUITE_HELP,
    WIDE_HELP,
    guarded,
    require_alone,
)
from seqbench.tasks.on_hosts import HOSTS_HELP, on_hosts

if TYPE_CHECKING:
    from collections.abc import Callable

    from seqbench.bench.request import Request
    from seqbench.events import Listener
    from seqbench.experiments.sweep.document import SweepDocument

SWEEP_HELP = {
    "over": "a parameter of a benchmark and its range, such as leaves=1000:1000000",
    "only": "benchmarks to sweep, separated by commas (default: all with this parameter)",
    "runtimes": BENCH_HELP["runtimes"],
    "reference": BENCH_HELP["reference"],
    **SUITE_HELP,
    "runs": "rounds at each value (default: as many as fit in the budget, at most 30)",
    "budget": "the time that measuring may take (default: 10m, or compare-budget in pyproject.toml)",
    "steps": "how many values, on a geometric scale (default: 6 to 10)",
    "timeout": BENCH_HELP["timeout"],
    "seqc": BENCH_HELP["seqc"],
    "target-cpu": BENCH_HELP["target-cpu"],
    "seed": SEED_HELP,
    "json": "also write the sweep with its samples to this file; - writes it to standard output",
    "resume": "continue an interrupted sweep: its file in results/; only --json may be added",
    "allow-unknown-settings": ALLOW_UNKNOWN_HELP,
    "wide": WIDE_HELP,
    **HOSTS_HELP,
}


@task(help=SWEEP_HELP)
@guarded
@on_hosts("sweep")
def sweep(
    project: Project,
    over: str | None = None,
    only: str | None = None,
    runtimes: str | None = None,
    reference: str | None = None,
    suite: str | None = None,
    suite_file: str | None = None,
    runs: str | None = None,
    budget: str | None = None,
    steps: str | None = None,
    timeout: str | None = None,
    seqc: str | None = None,
    target_cpu: str | None = None,
    seed: str | None = None,
    json: str | None = None,
    resume: str | None = None,
    allow_unknown_settings: bool = False,
    wide: bool = False,
) -> None:
    """Show how time and memory grow with a parameter."""
    from dataclasses import replace

    from seqbench.config import load_config
    from seqbench.experiments.sweep import report, run
    from seqbench.experiments.sweep.document import load_sweep, sweep_to_json
    from seqbench.flags import Flags, request_of
    from seqbench.tasks.output import TaskOutput
    from seqbench.tasks.resumable import Resumable

    flags = Flags(
        only=only,
        runtimes=runtimes,
        reference=reference,
        suite=suite,
        suite_file=suite_file,
        runs=runs,
        budget=budget,
        timeout=timeout,
        seqc=seqc,
        target_cpu=target_cpu,
        seed=seed,
        allow_unknown_settings=allow_unknown_settings,
    )
    require_alone(resume, flags != Flags(), over, steps)
    request = request_of(project, replace(flags, usual_budget=load_config(project.root).compare_budget))
    output = TaskOutput(project, json, wide=wide)
    document = Resumable(
        task="sweep",
        load=load_sweep,
        to_json=sweep_to_json,
        begin=partial(_begin, request, over, steps),
        resume=run.resume,
    ).measured(project, request, output, resume)
    output.text(report.full_text(document, width=output.width))
    output.document(sweep_to_json(document))
    output.end(ExitCode.BENCHMARK_FAILED if document.failed_throughout() else ExitCode.OK)


def _begin(
    request: "Request",
    over: str | None,
    steps: str | None,
    *,
    listen: "Listener",
    save: "Callable[[SweepDocument], None]",
) -> "SweepDocument":
    """Read the range, and measure it."""
    from seqbench.experiments.sweep import run
    from seqbench.experiments.sweep.ranges import parse_over, parse_steps

    return run.run(request, parse_over(over), steps=parse_steps(steps), listen=listen, save=save)
