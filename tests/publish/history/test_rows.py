from dataclasses import replace
from datetime import timedelta

import pytest

from seqbench.publish.history.rows import compiler_of, in_order, program_row, sample_rows, series_row, session_row
from seqbench.runtimes.base import Runtime
from seqbench.runtimes.registry import RUNTIMES
from seqbench.sessions.session import Failed, Measured, RuntimeColumn, Skipped, Stage, ToolIdentity
from tests.support.histories import a_series, a_trend_point
from tests.support.strategies import NOON, a_program, a_result, a_sample, a_session, measured

_SETTINGS = (("GOGC", "50"), ("MAY_A", "2"), ("RUST_LOG", "x"), ("SEQ_A", "1"))


@pytest.mark.parametrize(
    ("runtime", "settings"),
    [
        ("seq", '{"RUST_LOG": "x", "SEQ_A": "1"}'),
        ("go", '{"GOGC": "50", "RUST_LOG": "x"}'),
        # One that this seqbench does not know may be changed by any that is not another one's.
        ("unheard-of", '{"RUST_LOG": "x"}'),
    ],
)
def test_a_series_has_the_settings_that_may_change_its_runtimes_programs(runtime: str, settings: str) -> None:
    session = replace(a_session(), settings=_SETTINGS)
    assert series_row(session, a_result(), a_program(measured(1), runtime))["settings"] == settings


@pytest.mark.parametrize(
    ("target_cpu", "settings"), [("", "{}"), ("baseline", "{}"), ("native", '{"target-cpu": "native"}')]
)
def test_series_of_another_target_cpu_is_another_series(target_cpu: str, settings: str) -> None:
    session = replace(a_session(), target_cpu=target_cpu)
    assert series_row(session, a_result(), a_program(measured(1), "seq"))["settings"] == settings


@pytest.mark.parametrize(
    ("runtime", "settings"), [("seq", '{"build-flags": "--loop-opt,--pure-inline"}'), ("go", "{}"), ("may", "{}")]
)
def test_series_of_programs_with_other_build_flags_is_another_series(runtime: str, settings: str) -> None:
    flagged = ToolIdentity(name="seqc", version="7.7.5", digest="", provenance="crates, flags --loop-opt,--pure-inline")
    session = replace(a_session(), toolchain=(flagged, *a_session().toolchain))
    assert series_row(session, a_result(), a_program(measured(1), runtime))["settings"] == settings


def test_a_series_has_the_titles_that_a_report_shows() -> None:
    result = replace(a_result(), variant_labels=(("idiomatic", "idiomatic Go"),))
    row = series_row(a_session(), result, a_program(measured(1), "go", "idiomatic"))
    assert (row["title"], row["runtime_title"], row["variant_label"]) == ("Ping-Pong", "Go", "idiomatic Go")
    row = series_row(a_session(), result, a_program(measured(1), "may", "odd"))
    assert (row["runtime_title"], row["variant_label"]) == ("may", "odd")


def test_moments_are_written_in_utc_with_microseconds_so_that_their_texts_sort_as_they_do() -> None:
    session = replace(a_session(), started_at=NOON.replace(year=26), finished_at=NOON + timedelta(microseconds=5))
    row = session_row(session)
    assert (row["started_at"], row["finished_at"]) == ("0026-03-01T12:00:00.000000Z", "2026-03-01T12:00:00.000005Z")


@pytest.mark.parametrize(
    ("outcome", "row"),
    [
        (measured(3, 1, 2), ("measured", "", "", 3, 2e6, None, None)),
        (measured(1, 1, 1, 1, 1, 5), ("measured", "", "", 6, 1e6, 1e6, 5e6)),
        (Measured(samples=(), warm_ups=(a_sample(),)), ("skipped", "", "", 0, None, None, None)),
        (Failed(stage=Stage.CHECK, reason="41", detail="x"), ("failed", "check", "41", 0, None, None, None)),
        (Skipped(reason="no cargo", remedy="x"), ("skipped", "", "no cargo", 0, None, None, None)),
    ],
)
def test_a_program_has_its_median_or_its_reason(
    outcome: Measured | Failed | Skipped, row: tuple[str | float | None, ...]
) -> None:
    found = program_row(a_session(), a_result(a_program(outcome)), a_program(outcome))
    names = ("outcome", "stage", "reason", "rounds", "elapsed_ns", "elapsed_low_ns", "elapsed_high_ns")
    assert tuple(found[name] for name in names) == row


def test_samples_are_the_rounds_and_the_warm_ups() -> None:
    outcome = Measured(samples=(a_sample(1), a_sample(2, round_number=2)), warm_ups=(a_sample(9, round_number=0),))
    rows = list(sample_rows(a_program(outcome)))
    assert [(row["round_number"], row["is_warm_up"], row["elapsed_ns"]) for row in rows] == [
        (1, False, 1_000_000),
        (2, False, 2_000_000),
        (0, True, 9_000_000),
    ]
    assert list(sample_rows(a_program(Failed(stage=Stage.RUN, reason="", detail="")))) == []


@pytest.mark.parametrize("runtime", RUNTIMES, ids=lambda runtime: runtime.name)
def test_a_programs_tool_is_its_runtimes_compiler(runtime: Runtime) -> None:
    tools = tuple(
        ToolIdentity(name=name, version="1", digest="", provenance="")
        for name in dict.fromkeys(need.key for each in reversed(RUNTIMES) for need in reversed(each.tools))
    )
    # Columns of earlier files do not name it.
    session = replace(a_session(), toolchain=tools)
    found = compiler_of(a_program(measured(1), runtime.name), session)
    assert found is not None
    assert found.name == runtime.compiler
    assert compiler_of(a_program(measured(1), runtime.name), replace(session, toolchain=())) is None
    assert compiler_of(a_program(measured(1), "x"), session) is None


def test_compiler_of_a_suites_own_runtime_is_that_of_its_column() -> None:
    lua = ToolIdentity(name="lua", version="5.4", digest="", provenance="")
    column = RuntimeColumn(name="moon", title="Moon", compiler="lua", reads=("LUA_*",))
    session = replace(a_session(), toolchain=(lua,), runtimes=(column,))

    assert compiler_of(a_program(measured(1), "moon"), session) == lua


def test_machine_used_last_comes_first_with_programs_by_benchmark_size_and_runtime() -> None:
    old = a_series(a_trend_point(started_at=NOON))
    new = replace(
        old, machine=replace(old.machine, identity="new"), points=(a_trend_point(started_at=NOON + timedelta(1)),)
    )
    small = replace(new, parameters=(("round_trips", 9),))
    wanted = (
        replace(new, benchmark="fanout", runtime="unheard-of"),
        small,
        replace(small, runtime="go"),
        replace(small, runtime="tokio"),
        replace(small, runtime="another"),
        replace(small, runtime="go", variant="idiomatic"),
        replace(new, points=()),
        old,
    )
    for turned in (wanted, wanted[::-1], wanted[3:] + wanted[:3]):
        assert in_order(turned) == wanted
