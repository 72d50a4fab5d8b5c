"""`explain`: measure where the time goes."""

from invoke.tasks import task

from seqbench.errors import ExitCode
from seqbench.project import Project
from seqbench.tasks.bench import BENCH_HELP
from seqbench.tasks.common import ALLOW_UNKNOWN_HELP, RUNTIME_LIST, SEED_HELP, SUITE_HELP, WIDE_HELP, guarded

# Of which traces and reports may take what the timed runs leave.
_EXPLAIN_BUDGET = "4m"


_EXPLAIN_HELP = {
    "only": "benchmarks to explain, separated by commas (default: all)",
    "runtimes": f"runtimes to run, separated by commas, of {RUNTIME_LIST} "
    "(default: seq,go,may,tokio; those that cannot be built are named and left out)",
    "reference": BENCH_HELP["reference"],
    **SUITE_HELP,
    "budget": "the time that all runs may take, those with instruments too (default: 4m)",
    "size": "the larger of the two sizes: full, reduced, quick, or a NUMBER for the parameter that scales "
    "(default: reduced)",
    "seqc": BENCH_HELP["seqc"],
    "target-cpu": BENCH_HELP["target-cpu"],
    "seed": SEED_HELP,
    "json": "also write the explanation with its samples to this file; - writes it to standard output",
    "allow-unknown-settings": ALLOW_UNKNOWN_HELP,
    "wide": WIDE_HELP,
}


@task(help=_EXPLAIN_HELP)
@guarded
def explain(
    project: Project,
    only: str | None = None,
    runtimes: str | None = None,
    reference: str | None = None,
    suite: str | None = None,
    suite_file: str | None = None,
    budget: str | None = None,
    size: str | None = None,
    seqc: str | None = None,
    target_cpu: str | None = None,
    seed: str | None = None,
    json: str | None = None,
    allow_unknown_settings: bool = False,
    wide: bool = False,
) -> None:
    """Show where the time goes."""
    from dataclasses import replace
    from functools import partial

    from seqbench.experiments.explain import report, run
    from seqbench.experiments.explain.document import explanation_to_json
    from seqbench.flags import Flags, request_of
    from seqbench.tasks.interruptible import measured_and_shown
    from seqbench.tasks.output import TaskOutput

    flags = Flags(
        only=only,
        runtimes=runtimes,
        reference=reference,
        suite=suite,
        suite_file=suite_file,
        budget=budget,
        usual_budget=_EXPLAIN_BUDGET,
        size=size or "reduced",
        seqc=seqc,
        target_cpu=target_cpu,
        seed=seed,
        allow_unknown_settings=allow_unknown_settings,
    )
    request = request_of(project, flags)
    if not request.runtimes:
        known = request.load_suite().runtimes
        every = tuple(runtime.name for runtime in known if runtime.is_ranked or runtime.is_default)
        request = replace(request, runtimes=every)
    output = TaskOutput(project, json, wide=wide)
    explanation = measured_and_shown(
        "explain", request, output, partial(run.run, request), to_json=explanation_to_json, full_text=report.full_text
    )
    output.end(ExitCode.BENCHMARK_FAILED if explanation.has_failures() else ExitCode.OK)
