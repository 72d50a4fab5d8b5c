"""Compare programs for the baseline CPU with programs for the CPU of this machine (`--target-cpu native`).

    python -m studies.target_cpu [BUDGET]

The programs of the four runtimes are built twice, the runtime inside seqc included, and run in the same rounds, in
random order, each benchmark at the smallest size with enough work. The ratio is native / baseline by the programs' own
clocks: below 1, native code is faster. Building takes some minutes the first time, measuring BUDGET (default: 3m).
Figures of a run are in docs/METHOD.md.
"""

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from seqbench.bench.budget import Budget
from seqbench.bench.pilots import MeasuringPolicy
from seqbench.bench.plan import Pilot, Plan
from seqbench.bench.prepare import build_side, prepared
from seqbench.bench.runner import Runner
from seqbench.compare.comparison import compare
from seqbench.compare.verdict import least_pairs
from seqbench.config import load_config
from seqbench.events import Event, Measuring
from seqbench.flags import Flags, make_request
from seqbench.runtimes.registry import shipped
from seqbench.suite.sizes import possible_sizes
from seqbench.system import machine
from seqbench.system.facts import Target
from seqbench.text import table
from seqbench.toolchain.target_cpu import target_cpu

PROJECT = Path(__file__).resolve().parent.parent
RUNTIMES = "seq,go,may,tokio"
SEED = 1
MOST_ROUNDS = 100
# Where the fastest program takes as long, the slowest one, in Skynet, takes a hundred times that.
LEAST_WORK_NS = 2_000_000


def _print_progress(event: Event) -> None:
    if not isinstance(event, Measuring):
        print(event.text, file=sys.stderr)  # noqa: T201


def _planned(pilots: Sequence[Pilot], left_ns: float) -> tuple[Plan, ...]:
    """Share the budget out equally; each benchmark has as many rounds as a verdict needs."""
    share_ns = left_ns / len(pilots)
    least = least_pairs(len(pilots))
    return tuple(Plan(rounds=int(min(MOST_ROUNDS, max(least, share_ns // each.cost_ns)))) for each in pilots)


def main() -> None:
    """Build, measure and print the table."""
    config = load_config(PROJECT)
    budget = sys.argv[1] if len(sys.argv) > 1 else "3m"
    flags = Flags(runtimes=RUNTIMES, budget=budget, seed=str(SEED))
    request = make_request(flags, config, PROJECT, dict(os.environ))
    with prepared(request, _print_progress) as ready:
        sides = []
        for choice in Target:
            asked = replace(request, target_cpu=target_cpu(choice, machine.this_processor()))
            ground = replace(ready, request=asked)
            sides.append(build_side(ground, choice.value, request.spec, _print_progress))
        runner = Runner(
            prepared=ready,
            sides=tuple(sides),
            benchmarks=ready.benchmarks,
            policy=MeasuringPolicy(
                sizes={b.name: possible_sizes(b, ready.runtimes, ready.limits, request.size) for b in ready.benchmarks},
                plan=_planned,
                least_work_ns=LEAST_WORK_NS,
            ),
            budget=Budget.of(request.limit_s, time.monotonic_ns()),
            listen=_print_progress,
            save=lambda _sessions: None,
        )
        base, head = runner.measure()
    rows = []
    for runtime in shipped(*RUNTIMES.split(",")):
        found = compare(base, head, runtime=runtime.name, paired=True, margin=0.02)
        for each in found.benchmarks:
            result = each.paired_result
            text = each.reason
            if result is not None:
                text = f"{result.ratio:.3f} [{result.interval.low:.3f}, {result.interval.high:.3f}]"
            subject = f"{each.title} [{each.size_label}]" if each.size_label else each.title
            rows.append((runtime.title, subject, text, each.verdict.value, str(len(each.base))))
    lines = [table(rows, ("Runtime", "Benchmark", "Native / baseline", "Verdict", "Rounds"), "github")]
    lines += [f"{session.target_cpu}: {tool.sentence()}" for session in (base, head) for tool in session.toolchain]
    print("\n".join([*lines, base.machine.sentence()]))  # noqa: T201


if __name__ == "__main__":
    main()
