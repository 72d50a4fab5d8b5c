"""Sessions of several days, and series of points as the history gives them."""

from dataclasses import replace
from datetime import datetime, timedelta

from seqbench.publish.history.series import Point, Series
from seqbench.sessions.session import Session, ToolIdentity
from seqbench.system.facts import Machine
from tests.support.strategies import NOON, a_program, a_result, a_session, measured


def past(day: int, *times_ms: float, seed: int = 7) -> Session:
    """Make a session of a day, in which ping-pong in Seq took these times, and the half of them in Go."""
    result = a_result(a_program(measured(*times_ms)), a_program(measured(*(time / 2 for time in times_ms)), "go"))
    tools = (
        ToolIdentity(name="seqc", version="7.7.5", digest="sha256:a", provenance="built here"),
        ToolIdentity(name="go", version="1.27.3", digest="sha256:c", provenance="a wheel"),
    )
    return replace(a_session(result), started_at=NOON + timedelta(days=day), seed=seed, toolchain=tools)


def points(*times_ms: float, first_day: int = 0, **changed: object) -> tuple[Point, ...]:
    return tuple(
        replace(a_trend_point(time, started_at=NOON + timedelta(days=first_day + day)), **changed)  # type: ignore[arg-type]
        for day, time in enumerate(times_ms)
    )


def stepped() -> Series:
    before = points(*[500, 502, 498, 501] * 2, tool_version="7.7.3", tool_digest="sha256:0011223344")
    after = points(*[560, 558, 561, 559] * 2, first_day=8, commit="fedcba9876543210", dirty=True)
    return replace(a_series(*before, *after), sessions=1234, failures=2)


def a_trend_point(elapsed_ms: float = 500, *, started_at: datetime = NOON) -> Point:
    return Point(
        started_at=started_at,
        elapsed_ns=elapsed_ms * 1e6,
        interval=None,
        rounds=2,
        commit="0123456789abcdef",
        dirty=False,
        tool="seqc",
        tool_version="7.7.5",
        tool_digest="sha256:" + "a" * 64,
        sources="sha256:1",
    )


def a_series(*points: Point, runtime: str = "seq") -> Series:
    return Series(
        machine=Machine(cpu="A processor", cores=8, memory_bytes=16 << 30, system="Linux 6 x86_64", identity="ab12"),
        benchmark="pingpong",
        title="Ping-Pong",
        parameters=(("round_trips", 1_000_000),),
        size_label="1,000,000 round trips",
        runtime=runtime,
        runtime_title=runtime.title(),
        variant="",
        label="",
        settings=(),
        points=points,
        sessions=len(points),
        failures=0,
    )
