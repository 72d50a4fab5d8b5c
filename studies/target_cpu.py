"""Compare programs for the baseline CPU with programs for the CPU of this machine (`--target-cpu native`).

    python -m studies.target_cpu [BUDGET]

The programs of all runtimes are built twice, the runtime inside seqc included, and run in the same rounds, in random
order. The ratio is native / baseline by the programs' own clocks: below 1, native code is faster. Building takes some
minutes the first time, measuring BUDGET (default: 4m). Figures of a run are in docs/METHOD.md.
"""

import os
import sys
from dataclasses import replace
from pathlib import Path

from seqbench.bench.prepare import build_side, prepared
from seqbench.compare.comparison import compare
from seqbench.compare.run import measure_at_sizes
from seqbench.config import load_config
from seqbench.events import Event, Measuring
from seqbench.flags import Flags, make_request
from seqbench.runtimes.registry import RUNTIMES
from seqbench.system import machine
from seqbench.system.facts import Target
from seqbench.text import table
from seqbench.toolchain.target_cpu import target_cpu

PROJECT = Path(__file__).resolve().parent.parent
SEED = 1


def _print_progress(event: Event) -> None:
    if not isinstance(event, Measuring):
        print(event.text, file=sys.stderr)  # noqa: T201


def main() -> None:
    """Build, measure and print the table."""
    config = load_config(PROJECT)
    names = ",".join(runtime.name for runtime in RUNTIMES)
    budget = sys.argv[1] if len(sys.argv) > 1 else "4m"
    flags = Flags(runtimes=names, size="reduced", budget=budget, seed=str(SEED))
    request = make_request(flags, config, PROJECT, dict(os.environ))
    with prepared(request, _print_progress) as ready:
        sides = []
        for choice in Target:
            asked = replace(request, target_cpu=target_cpu(choice, machine.this_processor()))
            ground = replace(ready, request=asked)
            sides.append(build_side(ground, choice.value, request.spec, _print_progress))
        base, head = measure_at_sizes(
            ready, (sides[0], sides[1]), ready.sizes(), listen=_print_progress, save=lambda _sessions: None
        )
    rows = []
    for runtime in RUNTIMES:
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
