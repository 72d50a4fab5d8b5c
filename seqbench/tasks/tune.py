"""`tune`: find settings that make the benchmarks faster."""

from invoke.tasks import task

from seqbench.errors import ExitCode
from seqbench.project import Project
from seqbench.tasks.common import ALLOW_UNKNOWN_HELP, SEED_HELP, SUITE_HELP, TARGET_HELP, WIDE_HELP, guarded

_TUNE_HELP = {
    "only": "benchmarks to tune for, separated by commas (default: all)",
    **SUITE_HELP,
    "budget": "the time that measuring may take (default: 15m, or tune-budget in pyproject.toml)",
    "size": "full, reduced, quick, or a NUMBER for the parameter that scales (default: reduced, a tenth of full)",
    "seqc": "the compiler to tune: a SPEC, as for bench; other settings are compared with those in it",
    "target-cpu": TARGET_HELP,
    "seed": SEED_HELP,
    "json": "also write the tuning with its samples to this file; - writes it to standard output",
    "allow-unknown-settings": ALLOW_UNKNOWN_HELP,
    "wide": WIDE_HELP,
}


@task(help=_TUNE_HELP)
@guarded
def tune(
    project: Project,
    only: str | None = None,
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
    """Find settings that make the benchmarks faster."""
    from functools import partial

    from seqbench.config import load_config
    from seqbench.experiments.tune import report, run
    from seqbench.experiments.tune.document import tune_to_json
    from seqbench.flags import Flags, make_margin, request_of
    from seqbench.tasks.interruptible import measured_and_shown
    from seqbench.tasks.output import TaskOutput

    config = load_config(project.root)
    flags = Flags(
        only=only,
        suite=suite,
        suite_file=suite_file,
        budget=budget,
        usual_budget=config.tune_budget,
        size=size or "reduced",
        seqc=seqc,
        target_cpu=target_cpu,
        seed=seed,
        allow_unknown_settings=allow_unknown_settings,
    )
    request = request_of(project, flags)
    output = TaskOutput(project, json, wide=wide)
    ask = partial(run.run, request, margin=make_margin(None, config))
    document = measured_and_shown("tune", request, output, ask, to_json=tune_to_json, full_text=report.full_text)
    output.end(ExitCode.BENCHMARK_FAILED if document.default_failed() else ExitCode.OK)
