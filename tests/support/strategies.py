"""What the tests of the pure modules are made from: laws draw whole sessions and records, examples start plain ones."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from hypothesis import strategies as st

from seqbench.formula import parse_formula
from seqbench.runtimes.registry import RUNTIMES
from seqbench.sessions.design import Design, Look
from seqbench.sessions.latest_run import Record, RecordedBenchmark, RecordedInterference, RecordedRatio, Status
from seqbench.sessions.session import (
    BenchmarkResult,
    Failed,
    Measured,
    Outcome,
    ProgramResult,
    RuntimeColumn,
    Sample,
    Session,
    Skipped,
    Stage,
    State,
    ToolIdentity,
)
from seqbench.stats.intervals import Interval, Ratio
from seqbench.suite.benchmarks import Benchmark, Parameter, Program
from seqbench.system.facts import Machine

T = TypeVar("T")

# The characters that text formats trip over, often; a surrogate is what a variable that is not UTF-8 comes in with.
_hostile = st.text(st.sampled_from('\udcff\n\r\t\x1b\u2028|`"\\: a'), max_size=8)

_plain = st.text(max_size=8)

any_text = _hostile | _plain

names = st.text("abyz09-", min_size=1, max_size=6)

counts = st.integers(min_value=0, max_value=1 << 63)

times_ns = st.integers(min_value=1, max_value=1 << 53)

amounts = st.floats(min_value=0, max_value=1e9)

moments = st.datetimes(timezones=st.just(UTC))


def several(of: st.SearchStrategy[T], most: int = 3) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(of, max_size=most).map(tuple)


def pairs(value: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[tuple[str, T], ...]]:
    return several(st.tuples(any_text, value))


samples = st.builds(
    Sample,
    round_number=st.integers(min_value=0, max_value=5),
    position=st.integers(min_value=0, max_value=5),
    result=st.integers(),
    elapsed_ns=times_ns,
    ledger=pairs(st.integers()),
    wall_ns=times_ns,
    user_ns=counts,
    system_ns=counts,
    max_rss_bytes=counts,
    max_rss_floor_bytes=counts,
    minor_faults=counts,
    major_faults=counts,
    voluntary_switches=counts,
    involuntary_switches=counts,
)

outcomes: st.SearchStrategy[Outcome] = st.one_of(
    st.builds(Measured, samples=several(samples), warm_ups=several(samples, most=1)),
    st.builds(Failed, stage=st.sampled_from(Stage), reason=any_text, detail=any_text),
    st.builds(Skipped, reason=any_text, remedy=any_text),
)

designs = st.builds(
    Design,
    planned=counts,
    is_capped=st.none() | st.booleans(),
    looks=several(st.builds(Look, rounds=counts, spent=st.floats(0, 1))),
)

results = st.builds(
    BenchmarkResult,
    name=names,
    title=any_text,
    parameters=pairs(counts),
    is_full=st.booleans(),
    size_label=any_text,
    size_sentence=any_text,
    remedies=several(any_text),
    rate_count=st.none() | counts,
    rate_unit=any_text,
    rounds=counts,
    variant_labels=pairs(any_text),
    design=st.none() | designs,
    programs=several(
        st.builds(
            ProgramResult,
            runtime=st.sampled_from(("seq", "go", "other")),
            variant=st.sampled_from(("", "idiomatic")),
            executable=any_text,
            outcome=outcomes,
        )
    ),
)

machines = st.builds(
    Machine, cpu=any_text, cores=st.integers(1, 1024), memory_bytes=counts, system=any_text, identity=any_text
)

sessions = st.builds(
    Session,
    seqbench_version=any_text,
    state=st.sampled_from(State),
    started_at=moments,
    finished_at=moments,
    seed=counts,
    commit=any_text,
    dirty=st.booleans(),
    machine=machines,
    load_before=amounts,
    suite=several(names),
    is_default_suite=st.booleans(),
    sources=any_text,
    size=any_text,
    runtimes=st.sampled_from(
        [tuple(RuntimeColumn(name=name, title=name.title()) for name in some) for some in (("seq", "go"), ("seq",), ())]
    ),
    is_every_runtime=st.booleans(),
    toolchain=several(
        st.builds(ToolIdentity, name=any_text, version=any_text, digest=any_text, provenance=any_text), most=1
    ),
    settings=pairs(any_text),
    budget_s=st.none() | amounts,
    keeps_budget=st.booleans(),
    wall_ns=counts,
    programs_ns=counts,
    build_ns=counts,
    results=several(results, most=2),
)
_blocks = st.lists((_plain | _hostile).map(lambda text: text.replace("\udcff", "")), max_size=5).map("\n".join)
_finite = st.floats(allow_nan=False, allow_infinity=False)
ratios = st.builds(
    Ratio, median=_finite, interval=st.none() | st.builds(Interval, low=_finite, high=_finite), count=counts
)
records = st.builds(
    Record,
    timestamp=moments.map(lambda moment: moment.replace(microsecond=0)),
    commit=any_text,
    dirty=st.booleans(),
    is_complete=st.booleans(),
    benchmarks=several(
        st.builds(
            RecordedBenchmark,
            name=any_text,
            status=st.sampled_from(Status),
            is_full=st.booleans(),
            size=any_text,
        )
    ),
    left_out=several(any_text),
    toolchain=several(any_text),
    settings=several(any_text),
    machine=any_text,
    sources=any_text,
    ratios=several(
        st.builds(RecordedRatio, benchmark=any_text, runtime=any_text, reference=any_text, ratio=ratios), most=2
    ),
    target_cpu=any_text,
    table=_blocks,
    costs=_blocks,
    notes=_blocks,
    interference=several(
        st.builds(
            RecordedInterference,
            benchmark=any_text,
            judged_rounds=counts,
            disturbed_rounds=counts,
            others_share=amounts,
            throttled_rounds=counts,
        ),
        most=2,
    ),
)

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def a_sample(elapsed_ms: float = 500, *, round_number: int = 1, rss_mib: int = 197) -> Sample:
    """Build a run with a wall clock of twice its own clock: half of that in the kernel."""
    own_ns = round(elapsed_ms * 1e6)
    return Sample(
        round_number=round_number,
        position=0,
        result=1,
        elapsed_ns=own_ns,
        ledger=(),
        wall_ns=2 * own_ns,
        user_ns=3 * own_ns,
        system_ns=own_ns,
        max_rss_bytes=rss_mib << 20,
        max_rss_floor_bytes=30 << 20,
        minor_faults=1_000,
        major_faults=234,
        voluntary_switches=5_000,
        involuntary_switches=678,
    )


def disturbed(*elapsed_ms: float) -> Measured:
    """Return rounds of 0.6 s in which other processes used a twentieth of the CPUs; in the last one the half."""
    *quiet, last = (
        replace(sample, window_ns=600_000_000, machine_busy_ns=840_000_000, own_cpu_ns=600_000_000)
        for sample in measured(*elapsed_ms).samples
    )
    return Measured(samples=(*quiet, replace(last, machine_busy_ns=3_000_000_000)), warm_ups=())


def measured(*elapsed_ms: float) -> Measured:
    return Measured(
        samples=tuple(a_sample(time, round_number=number) for number, time in enumerate(elapsed_ms, start=1)),
        warm_ups=(),
    )


def a_program(outcome: Outcome, runtime: str = "seq", variant: str = "") -> ProgramResult:
    return ProgramResult(runtime=runtime, variant=variant, executable="sha256:0", outcome=outcome)


def a_result(*programs: ProgramResult, name: str = "pingpong", title: str = "Ping-Pong") -> BenchmarkResult:
    return BenchmarkResult(
        name=name,
        title=title,
        parameters=(("round_trips", 1_000_000),),
        is_full=True,
        size_label="1,000,000 round trips",
        size_sentence="1,000,000 round trips",
        remedies=(),
        rate_count=None,
        rate_unit="",
        rounds=6,
        variant_labels=(),
        programs=programs,
    )


def a_session(*of_results: BenchmarkResult, runtimes: tuple[str, ...] = ("seq", "go")) -> Session:
    """Build a complete session of the full suite, which holds just these results."""
    return Session(
        seqbench_version="0.1.0",
        state=State.COMPLETE,
        started_at=NOON,
        finished_at=NOON,
        seed=7,
        commit="0123456789abcdef",
        dirty=False,
        machine=Machine(cpu="A processor", cores=8, memory_bytes=16 << 30, system="Linux 6 x86_64", identity="ab12"),
        load_before=0.25,
        suite=tuple(result.name for result in of_results),
        is_default_suite=True,
        sources="sha256:1",
        size="full",
        runtimes=tuple(RuntimeColumn(name=name, title=name.title()) for name in runtimes),
        is_every_runtime=True,
        toolchain=(ToolIdentity(name="go", version="1.27.3", digest="sha256:" + "c" * 64, provenance="a wheel"),),
        settings=(),
        budget_s=100.0,
        wall_ns=10_000_000_000,
        programs_ns=6_000_000_000,
        build_ns=3_500_000_000,
        results=of_results,
    )


def a_parameter(
    name: str = "leaves",
    *,
    full: int = 1_000_000,
    quick: int = 1_000,
    scales: bool = True,
    power_of: int | None = None,
    unit: str = "strands",
) -> Parameter:
    return Parameter(name=name, full=full, quick=quick, scales=scales, power_of=power_of, unit=unit)


def a_benchmark(*parameters: Parameter, name: str = "skynet", live_strands: str | None = None) -> Benchmark:
    return Benchmark(
        name=name,
        folder=Path(name),
        title=name,
        about="",
        timeout_s=1.0,
        parameters=parameters,
        expected_result=None,
        expected_ledger=(),
        control_messages=None,
        throughput=None,
        live_strands=None if live_strands is None else parse_formula(live_strands),
        variant_labels=(),
        programs=tuple(
            Program(
                benchmark=name,
                runtime=runtime,
                variant="",
                source=Path(name + runtime.extension),
                helpers=(),
                suite=Path(),
            )
            for runtime in RUNTIMES
        ),
    )
