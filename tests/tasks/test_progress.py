import io
from dataclasses import replace

import pytest
from rich.console import Console

from seqbench.events import Detail, Event, Measuring, Phase, Remark
from seqbench.tasks.progress import ProgressView, times_text
from tests.support.world import until


def shown(*events: Event, terminal: bool = False, width: int = 100) -> list[str]:
    """Return the lines that these events come to."""
    out = io.StringIO()
    with ProgressView(Console(file=out, force_terminal=terminal, width=width)) as view:
        for event in events:
            view(event)
    return out.getvalue().splitlines()


def measuring(program: str, number: int, benchmark: str = "alpha", remaining_s: float | None = None) -> Measuring:
    return Measuring(
        benchmark=benchmark,
        program=program,
        is_pilot=number == 0,
        round_number=number or 1,
        rounds=30 if number else 20,
        fraction_done=number / 31,
        remaining_s=remaining_s,
    )


def test_a_phase_and_a_remark_are_a_line_each() -> None:
    assert shown(Phase(text="building seqc"), Remark(text="another run is measuring")) == [
        "building seqc",
        "another run is measuring",
    ]


def test_what_looks_like_markup_or_is_longer_than_the_line_stays_as_it_is() -> None:
    text = "[bold]/a/b[/bold] " + "x" * 200
    assert shown(Remark(text=text), Phase(text=text), width=40) == [text, text]


def test_where_there_is_no_terminal_a_stream_of_details_is_not_a_stream_of_lines() -> None:
    details = [Detail(text=f"Compiling crate {number}") for number in range(200)]

    assert shown(Phase(text="building seqc"), *details) == ["building seqc"]


def test_where_there_is_no_terminal_rounds_are_told_now_and_then_and_every_benchmark_is_named() -> None:
    rounds = [
        measuring(program, number, benchmark, remaining_s=90.0)
        for benchmark in ("alpha", "beta")
        for number in range(1, 31)
        for program in (f"{benchmark} (Seq)", f"{benchmark} (Go)")
    ]
    lines = shown(*rounds)

    assert "alpha (Seq): round 1 of 30, about 1 min 30 s left" in lines
    assert any(line.startswith("beta (") for line in lines)
    assert len(lines) <= 4


def test_many_programs_of_a_round_are_one_line_for_each_phase() -> None:
    first = [measuring(f"alpha ({number})", 1, remaining_s=90.0) for number in range(30)]
    lines = shown(Phase(text="screening"), *first, Phase(text="confirming"), *first)

    told = "alpha (0): round 1 of 30, about 1 min 30 s left"
    assert lines == ["screening", told, "confirming", told]


def test_pilot_shows_its_round_and_the_time_left_if_that_is_known() -> None:
    assert shown(measuring("alpha (Seq)", 0)) == ["alpha (Seq): pilot round 1 of 20"]
    assert shown(measuring("alpha (Seq)", 0, remaining_s=50.0)) == ["alpha (Seq): pilot round 1 of 20, about 50 s left"]


@pytest.mark.parametrize("width", [10, 40, 120])
def test_on_a_terminal_it_draws_in_one_place_and_a_remark_stays(width: int) -> None:
    events = (Phase(text="building seqc"), Detail(text="Compiling [may] v0.3"), Remark(text="stay"), measuring("a", 0))
    lines = shown(*events, measuring("a", 1, remaining_s=3.0), terminal=True, width=width)

    assert any("stay" in line for line in lines)


def test_log_gets_a_line_now_and_then_while_a_program_runs_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqbench.tasks.progress._QUIET_INTERVAL_S", 0.01)
    out = io.StringIO()
    with ProgressView(Console(file=out, width=100)) as view:
        view(measuring("skynet (Seq)", 0, remaining_s=50.0))
        until(lambda: out.getvalue().count("\n") >= 3, "two more lines")
    lines = out.getvalue().splitlines()

    assert lines[0] == "skynet (Seq): pilot round 1 of 20, about 50 s left"
    assert set(lines[1:]) == {"skynet (Seq): pilot round 1 of 20, about 50 s left (since 0 s)"}


def test_what_begins_last_is_seen_on_a_narrow_terminal() -> None:
    events = (Phase(text="building seqc 7.7.5, once"), Detail(text="step 2 of 3, compile the runtime"))
    assert any("step 2 of 3" in line for line in shown(*events, terminal=True, width=80))


def test_build_shows_the_time_left_first_on_a_terminal_and_both_times_in_a_log() -> None:
    step = Detail(text="step 2 of 3, compile the runtime: 86 of 206 crates, syn", elapsed_s=64, remaining_s=190)
    events = (Phase(text="building seqc 7.7.5 (runtime optimised), once"), step)

    assert any("about 3 min 10 s left: step 2" in line for line in shown(*events, terminal=True, width=80))
    assert times_text(step) == "1 min 04 s so far, about 3 min 10 s left"
    assert times_text(replace(step, remaining_s=None)) == "1 min 04 s so far"


def test_an_error_within_leaves_no_bar_behind() -> None:
    out = io.StringIO()
    with pytest.raises(ZeroDivisionError), ProgressView(Console(file=out, force_terminal=True)):
        raise ZeroDivisionError

    # The cursor is shown again.
    assert out.getvalue().rindex("\x1b[?25h") > out.getvalue().rindex("\x1b[?25l")
