"""`gate` and `calibrate`: check for a slowdown, and measure which slowdowns this machine can detect."""

import os
import time
from math import inf
from typing import TYPE_CHECKING, Any

from invoke.tasks import task

from seqbench.errors import ExitCode, UsageError
from seqbench.project import Project
from seqbench.tasks.bench import BENCH_HELP
from seqbench.tasks.common import SUITE_HELP, flags_of, guarded, require_alone, say, shown
from seqbench.tasks.compare import COMPARE_HELP, compare
from seqbench.tasks.on_hosts import HOSTS_HELP, on_hosts

if TYPE_CHECKING:
    from seqbench.bench.budget import Budget

# Of the budget of a calibration, for the A/A pairs; three fifths of that for code layouts, and the rest for judging
# resampled comparisons.
_MEASURING_SHARE = 0.5
_JUDGING_SHARE = 0.2
# Flags of compare that are for commands, which a gate does not compare.
_OF_COMMANDS = ("set", "pattern")


@task(
    name="gate",
    help={
        **{key: text for key, text in COMPARE_HELP.items() if key not in _OF_COMMANDS},
        "base": "the baseline compiler: a SPEC (default: baseline in pyproject.toml)",
        "head": "the compiler that is judged: a SPEC (default: SEQC, or seqc in pyproject.toml)",
    },
)
@guarded
@on_hosts("gate")
@flags_of(compare, without=_OF_COMMANDS)
def regression_gate(
    project: Project,
    *,
    base: str | None,
    head: str | None,
    margin: str | None,
    json: str | None,
    resume: str | None,
    wide: bool,
    **measuring: Any,  # noqa: ANN401 - as declared by compare
) -> None:
    """Fail if the current compiler is slower than the baseline."""
    from seqbench.compare.calibration import all_warnings
    from seqbench.compare.document import judged_to_json, verdicts_of
    from seqbench.compare.gate import GateOutcome, judge_gate
    from seqbench.compare.report import gate_text
    from seqbench.compare.stored import known_calibration
    from seqbench.compare.used import used_share
    from seqbench.config import load_config
    from seqbench.runtimes.registry import COMPARED_RUNTIME
    from seqbench.tasks.output import TaskOutput
    from seqbench.tasks.two_compilers import compare_two, flags_of_comparison

    flags = flags_of_comparison(resume, (base, head, margin), **measuring)
    config = load_config(project.root)
    baseline = base or ("" if flags.runtimes else config.baseline)
    if not baseline and not resume:
        raise UsageError("there is no baseline to compare with", "give --base SPEC, or set baseline in pyproject.toml")
    # The defaults are compilers of Seq.
    current = head or (None if flags.runtimes else os.environ.get("SEQC") or config.seqc)
    output = TaskOutput(project, json, wide=wide)
    met = compare_two(project, flags, (baseline, current, margin), output=output, task="gate", resume=resume)
    found = judge_gate(*met.sessions, runtime=met.runtime or COMPARED_RUNTIME, margin=met.margin, metrics=met.metrics)
    output.text(gate_text(found, met.base_spec, met.head_spec, width=output.width, flags=met.flags()))
    verdicts = verdicts_of(found.comparison, found.settlings)
    warnings = all_warnings(known_calibration(project, os.environ), found.comparison)
    output.document(judged_to_json(met, verdicts, warnings, used_share(found.comparison.benchmarks)))
    for warning in warnings:
        say(project, f"warning: {warning}")
    codes = {GateOutcome.PASS: ExitCode.OK, GateOutcome.FAIL: ExitCode.CHECK_FAILED}
    output.end(codes.get(found.outcome, ExitCode.INCONCLUSIVE))


@task(
    help={
        **{
            key: COMPARE_HELP[key]
            for key in ("target-cpu", "only", "size", "runs", "budget", "seed", "allow-unknown-settings", "wide")
        },
        "seqc": BENCH_HELP["seqc"],
        **SUITE_HELP,
        "json": "also write the calibration to this file; - writes it to standard output",
        "resume": "continue an interrupted calibration: its file in results/",
        **HOSTS_HELP,
    }
)
@guarded
@on_hosts("calibrate")
def calibrate(
    project: Project,
    only: str | None = None,
    size: str | None = None,
    runs: str | None = None,
    budget: str | None = None,
    seed: str | None = None,
    seqc: str | None = None,
    suite: str | None = None,
    suite_file: str | None = None,
    target_cpu: str | None = None,
    json: str | None = None,
    resume: str | None = None,
    allow_unknown_settings: bool = False,
    wide: bool = False,
) -> None:
    """Measure which slowdowns can be detected on this machine."""
    from seqbench.compare import report
    from seqbench.compare.calibration import TRIALS, calibration_of, calibration_to_json, with_layouts
    from seqbench.compare.gate import judge_gate
    from seqbench.compare.layouts import spreads_of, unmeasured
    from seqbench.compare.stored import calibration_path
    from seqbench.config import load_config
    from seqbench.events import Phase
    from seqbench.flags import Flags
    from seqbench.runtimes.registry import COMPARED_RUNTIME
    from seqbench.sessions.interference import uncounted_lines
    from seqbench.sessions.remarks import remark_lines
    from seqbench.system.files import write_atomically
    from seqbench.tasks.output import TaskOutput
    from seqbench.tasks.progress import progress
    from seqbench.tasks.two_compilers import compare_two

    require_alone(resume, suite, suite_file, only, size, runs, budget, seed, seqc, target_cpu, allow_unknown_settings)
    config = load_config(project.root)
    spec = seqc or os.environ.get("SEQC") or config.seqc
    flags = Flags(
        suite=suite,
        suite_file=suite_file,
        target_cpu=target_cpu,
        only=only,
        size=size,
        runs=runs,
        budget=budget,
        fixed=True,
        seed=seed,
        measuring_share=_MEASURING_SHARE,
        allow_unknown_settings=allow_unknown_settings,
    )
    output = TaskOutput(project, json, wide=wide)
    met = compare_two(project, flags, (spec, spec, None), output=output, task="calibrate", resume=resume)
    judging = _judging_budget(met.sessions[0].budget_s)
    seen = judge_gate(*met.sessions, runtime=met.runtime or COMPARED_RUNTIME, margin=met.margin)
    spreads = spreads_of(met.layouts, met.runtime or COMPARED_RUNTIME)
    try:
        with progress() as view:
            view(Phase(text=f"judging up to {TRIALS:,} resampled comparisons of each benchmark"))
            found = with_layouts(
                calibration_of(seen, config.compare_budget_s, has_time=lambda: judging.holds(1, time.monotonic_ns())),
                spreads,
                problem=met.layout_problem or unmeasured(met.layouts, spreads),
                margin=met.margin,
            )
    except KeyboardInterrupt:
        if output.kept_at is not None:
            say(project, f"kept: {{invoke}} calibrate --resume {shown(output.kept_at)} judges it")
        raise
    if not found.benchmarks:
        output.text(report.gate_text(seen, spec, spec, width=output.width))
        output.end(ExitCode.BENCHMARK_FAILED)
    document = calibration_to_json(found, *seen.comparison.rounds)
    with output.attempt():
        write_atomically(calibration_path(os.environ), document.encode())
    text = report.calibration_text(found, seen.probe_results, config.compare_budget_s, width=output.width)
    rounds = (*seen.comparison.rounds, *((met.layouts,) if met.layouts else ()))
    missing = [
        f"{each.name}: not calibrated: {each.reason or 'too few rounds; a longer --budget holds more'}"
        for each in seen.comparison.benchmarks
        if each.is_unfinished
    ]
    output.text("\n".join((text, *missing, *remark_lines(*rounds), *uncounted_lines(*rounds))))
    for warning in found.warnings:
        say(project, f"warning: {warning}")
    output.document(document)
    output.end()


def _judging_budget(measured_s: float | None) -> "Budget":
    """Return the time for judging after so much for measuring; without a limit if the rounds were given."""
    from seqbench.bench.budget import Budget

    length_s = inf if measured_s is None else measured_s / _MEASURING_SHARE * _JUDGING_SHARE
    return Budget.of(length_s, time.monotonic_ns())
