"""Every table of every task fits a page or a terminal, whatever the titles and reasons are."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from seqbench.compare.calibration import Calibration, Characteristics
from seqbench.compare.comparison import compare
from seqbench.compare.gate import judge_gate
from seqbench.compare.layout_spread import LayoutSpread
from seqbench.compare.metrics import Metric
from seqbench.compare.report import calibration_text, full_text, gate_text
from seqbench.experiments.bisect import report as bisect_report
from seqbench.experiments.explain import report as explain_report
from seqbench.experiments.sweep import report as sweep_report
from seqbench.experiments.timeline import report as timeline_report
from seqbench.experiments.tune import report as tune_report
from seqbench.publish.history import report as history_report
from seqbench.publish.history.trend import trend_of
from seqbench.sessions.interference import InterferenceCounts
from seqbench.sessions.session import BenchmarkResult, Failed, Outcome, Session, Stage
from seqbench.text import PAGE_WIDTH, fits
from seqbench.versions.version import Gap, Version
from tests.support.bisections import searching, times
from tests.support.compared import CALM, WILD, slowed
from tests.support.explanations import a_run, an_instrumented_run, at_two_sizes
from tests.support.histories import a_series, points
from tests.support.strategies import NOON, a_program, a_result, a_session, measured
from tests.support.sweeps import a_limit, a_point, a_sweep, ran
from tests.support.timelines import part, timeline
from tests.support.tunings import SMALL_GRID, a_stage, a_tuning, confirmation

TITLE = "Messages between two hundred workers in a ring that is closed at the end"
REASON = "the result is 41, expected 42 as in the other runtimes, in each of its runs, and its ledger lacks tasks"
FAILED = Failed(stage=Stage.CHECK, reason=REASON, detail="")
RULE = re.compile(r"-+(  -+)*")


def tables(text: str) -> Iterator[str]:
    """Yield every table of a text."""
    for block in text.split("\n\n"):
        if any(RULE.fullmatch(line) for line in block.splitlines()):
            yield block.partition("\n(too narrow for: ")[0]


def titled(result: BenchmarkResult, number: int) -> BenchmarkResult:
    return replace(result, name=f"ring-of-workers-{number}/latency", title=f"{TITLE} {number}")


def side(executable: str, *outcomes: Outcome) -> Session:
    results = (
        titled(a_result(replace(a_program(outcome), executable=executable)), number)
        for number, outcome in enumerate(outcomes)
    )
    return a_session(*results, runtimes=("seq",))


def base_and_head() -> tuple[Session, Session]:
    calm = measured(*CALM)
    return side("sha256:a", calm, calm, calm), side("sha256:b", slowed(CALM, 1.05), FAILED, WILD)


def comparison(width: int) -> str:
    metrics = (Metric.TIME, Metric.PEAK_MEMORY)
    found = compare(*base_and_head(), runtime="seq", paired=True, margin=0.02, metrics=metrics)
    return full_text(found, "7.7.3", "7.7.5", width=width)


def gate(width: int) -> str:
    base, head = base_and_head()
    return gate_text(judge_gate(base, head, base, runtime="seq", margin=0.02), "7.7.3", "7.7.5", width=width)


def calibration(width: int) -> str:
    name = "ring-of-workers/latency-of-all-messages-between-them"
    power = tuple((slowdown, 0.5) for slowdown in (0.01, 0.02, 0.03, 0.05, 0.1, 0.2))
    found = Characteristics(
        name=name, rounds=40, false_slower=0.004, false_faster=0.006, power=power, smallest=None, spread=0.03, family=1
    )
    spread = LayoutSpread(name=name, spread=0.014, low=0, high=0.02, rounds=60, ratios=(1.0,) * 5)
    text = Calibration(machine="here", measured_at=NOON, benchmarks=(found,), layouts=(spread,))
    return calibration_text(text, (), 120.0, width=width)


def bisection(width: int) -> str:
    gap = Gap(version=3, benchmark="", reason=REASON)
    document = replace(searching(1.0, 1.1, versions=5), gaps=(gap,))
    versions = tuple(Version(label=each.label, spec=each.spec, subject=TITLE) for each in document.versions)
    return bisect_report.full_text(replace(document, versions=versions), width=width)


def course(width: int) -> str:
    document = timeline(part("", times(), times(1.1), times(1.1), FAILED), versions=4)
    versions = tuple(Version(label=each.label, spec=each.spec, subject=TITLE) for each in document.versions)
    return timeline_report.full_text(replace(document, versions=versions), width=width)


def sweep(width: int) -> str:
    done = (ran(1_000 * value, tasks=value, messages=value) for value in (1_000, 10_000))
    swept = (
        a_point(value, a_program(each), a_program(each, "go"))
        for value, each in zip((1_000, 10_000), done, strict=True)
    )
    return sweep_report.full_text(a_sweep(*swept, a_point(100_000, limits=(a_limit(), a_limit("go")))), width=width)


def tuning(width: int) -> str:
    names = ("skynet", "pingpong", "messages-between-two-hundred-workers-in-a-ring")
    _, loop, pool, _ = SMALL_GRID.whole()
    stage = a_stage(
        SMALL_GRID.whole(),
        lambda variant, _name, number: (100 + number) * (0.9 if variant == pool else 1),
        benchmarks=names,
        failing={(loop, "skynet"): REASON},
    )
    fresh = confirmation(rounds=12, failed="", **dict.fromkeys(names, 0.9))
    return tune_report.full_text(a_tuning(stage, chosen=pool, confirmation=fresh), width=width)


def explanation(width: int) -> str:
    name = "messages-between-two-hundred-workers-in-a-ring-that-is-closed"
    calls = an_instrumented_run(name, mmap=2_000_000, munmap=1_000_000, futex=3_000_000, madvise=1_500_000)
    failed = replace(an_instrumented_run(name, "go"), problem=REASON)
    found = at_two_sizes(
        name,
        (1_000, 1_000_000),
        {
            key: lambda size: a_run(elapsed_ns=size * 4_000, minor_faults=size, ledger={"tasks": size})
            for key in ("seq", "go", "may")
        },
    )
    return explain_report.full_text(replace(found, calls=(calls, failed), reports=(calls, failed)), width=width)


def history(width: int) -> str:
    busy = InterferenceCounts(judged_rounds=30, throttled_rounds=12)
    before = points(*[500, 502, 498, 501] * 10, tool_version="7.7.3", tool_digest="sha256:0011223344")
    after = points(*[560, 558, 561, 559] * 10, first_day=40, commit="fedcba9876543210", dirty=True, interference=busy)
    return history_report.full_text([trend_of(replace(a_series(*before, *after), title=TITLE))], width=width)


@pytest.mark.parametrize(
    "report", [comparison, gate, calibration, bisection, course, sweep, tuning, explanation, history]
)
@pytest.mark.parametrize("width", [80, PAGE_WIDTH, 120])
def test_tables_fit_the_width(report: Callable[[int], str], width: int) -> None:
    found = list(tables(report(width)))

    assert found
    for each in found:
        assert fits(each, width), each
