"""Points of a sweep with planted times."""

from dataclasses import replace

from hypothesis import strategies as st

from seqbench.experiments.sweep.document import NotRun, SweepDocument, SweepPoint, SweptBenchmark
from seqbench.sessions.session import Failed, Measured, ProgramResult, Stage
from tests.support.strategies import (
    a_program,
    a_result,
    a_session,
    amounts,
    any_text,
    counts,
    measured,
    names,
    pairs,
    results,
    sessions,
    several,
)


def ran(elapsed_ms: float, *, rounds: int = 6, rss_mib: int = 197, **ledger: int) -> Measured:
    """Make runs that took the same time in every round."""
    same = measured(*[elapsed_ms] * rounds)
    samples = tuple(
        replace(sample, ledger=tuple(ledger.items()), max_rss_bytes=rss_mib << 20) for sample in same.samples
    )
    return Measured(samples=samples, warm_ups=())


def both(value: int, seq_ms: float, go_ms: float, *, rounds: int = 6) -> SweepPoint:
    return a_point(value, a_program(ran(seq_ms, rounds=rounds)), a_program(ran(go_ms, rounds=rounds), "go"))


def a_point(value: int, *programs: ProgramResult, limits: tuple[NotRun, ...] = (), name: str = "skynet") -> SweepPoint:
    """Build a point of a sweep over leaves; without programs there is no result."""
    result = replace(a_result(*programs, name=name), parameters=(("leaves", value),)) if programs else None
    return SweepPoint(value=value, limits=limits, result=result)


def a_limit(runtime: str = "seq") -> NotRun:
    return NotRun(
        runtime=runtime,
        words="too large for this machine",
        reason="vm.max_map_count is 65,530, needs 270,000",
        remedy="sudo sysctl -w vm.max_map_count=270000",
    )


def a_sweep(*points: SweepPoint, runtimes: tuple[str, ...] = ("seq", "go"), runs: int | None = 6) -> SweepDocument:
    """Build a complete sweep of skynet that came to just these points."""
    swept = SweptBenchmark(
        name="skynet",
        parameter="leaves",
        unit="strands",
        fixed=(),
        values=tuple(point.value for point in points),
        points=points,
    )
    return SweepDocument(
        over="strands=10:1000",
        spec="7.7.5",
        runs=runs,
        budget_s=600.0,
        timeout_s=None,
        session=a_session(runtimes=runtimes),
        benchmarks=(swept,),
    )


limits = st.builds(NotRun, runtime=names, words=any_text, reason=any_text, remedy=any_text)

points = st.builds(SweepPoint, value=counts, limits=several(limits), result=st.none() | results)

sweeps = st.builds(
    SweepDocument,
    over=any_text,
    spec=any_text,
    runs=st.none() | counts,
    budget_s=amounts,
    timeout_s=st.none() | amounts,
    session=sessions,
    benchmarks=several(
        st.builds(
            SweptBenchmark,
            name=names,
            parameter=any_text,
            unit=any_text,
            fixed=pairs(counts),
            values=several(counts),
            points=several(points, most=2),
        ),
        most=2,
    ),
)

# What came of a program at a value: times in ms of its rounds, a failure, or a limit.
_times_ms = st.lists(st.floats(min_value=1e-3, max_value=1e6), min_size=1, max_size=7)

_came = _times_ms | st.sampled_from(("failed", "limit"))


def _swept(rows: list[tuple[int, list[float] | str, list[float] | str]]) -> SweepDocument:
    points = []
    for value, *came in sorted(rows, key=lambda row: row[0]):
        sides = list(zip(("seq", "go"), came, strict=True))
        failed = Failed(stage=Stage.RUN, reason="timed out", detail="no end\nstderr ends with:\nx")
        programs = [
            a_program(failed if isinstance(times, str) else measured(*times), runtime)
            for runtime, times in sides
            if times != "limit"
        ]
        points.append(a_point(value, *programs, limits=tuple(a_limit(r) for r, times in sides if times == "limit")))
    return a_sweep(*points)


possible_sweeps = st.lists(
    st.tuples(st.integers(1, 10**7), _came, _came), min_size=1, max_size=5, unique_by=lambda row: row[0]
).map(_swept)
