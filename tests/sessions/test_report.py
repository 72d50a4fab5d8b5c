import re
from dataclasses import replace

import pytest
from hypothesis import given

from seqbench.publish.html.render import render
from seqbench.sessions.report import COST_HEADER, costs, failure_details, full_text, headline, markdown, ratio_of
from seqbench.sessions.session import BenchmarkResult, Failed, Measured, Outcome, Session, Skipped, Stage, State
from seqbench.sessions.table_notes import meaning, warnings
from tests.support.laws import FEW
from tests.support.strategies import a_program, a_result, a_sample, a_session, measured, sessions

_TIMED_OUT = Failed(stage=Stage.RUN, reason="timed out", detail="no end after 90 s\nstderr ends with:\nstill here")
_SKIPPED = Skipped(reason="interrupted before its first run", remedy="invoke bench")
_SEQ = (502, 500, 503, 502, 501, 504)
_GO = (217, 216, 218, 217, 219, 215)


def _cells(table: str) -> list[list[str]]:
    """Read back a table that was made with tabs between its cells."""
    return [[cell.strip() for cell in line.split("\t")] for line in table.splitlines()]


def _rows(session: Session) -> list[list[str]]:
    return _cells(headline(session, style="tsv"))[1:]


def _both(seq: Outcome, go: Outcome) -> BenchmarkResult:
    return a_result(a_program(seq), a_program(go, "go"))


def _said(session: Session) -> str:
    return "\n".join(meaning(session))


def test_time_that_may_be_zero_within_its_rounding_has_no_ratio() -> None:
    """As in sessions whose clock counts in milliseconds and showed 0.05 once."""
    coarse = replace(a_program(measured(*[0.05] * 6)), clock_step_ns=1_000_000)
    result = a_result(coarse, a_program(measured(*_GO), "go"))

    assert _rows(a_session(result)) == [["Ping-Pong", "< 1ms", "217ms", "-"]]
    assert render([a_session(result)])


def test_a_row_has_the_times_the_rates_and_the_ratio_with_its_interval_and_band() -> None:
    result = replace(_both(measured(*_SEQ), measured(*_GO)), rate_count=2_000_000, rate_unit="msg/sec")
    assert _cells(headline(a_session(result), style="tsv")) == [
        ["Benchmark", "Seq", "Go", "Ratio"],
        ["Ping-Pong", "502ms (4.0M msg/sec)", "217ms (9.2M msg/sec)", "2.3x [2.3, 2.3] Good"],
    ]


def test_a_benchmark_without_a_throughput_has_times_alone() -> None:
    assert _rows(a_session(_both(measured(4779), measured(170)))) == [
        ["Ping-Pong", "4779ms", "170ms", "28.1x Investigate?"]
    ]


@pytest.mark.parametrize(
    ("seq", "cell"),
    [
        ((190, 185, 188, 192, 195, 191), "1.9x [1.9, 1.9] Excellent"),
        ((190, 185, 188, 192, 195, 210), "1.9x [1.9, 2.1] Excellent or Good"),
        ((490, 485, 488, 492, 495, 510), "4.9x [4.8, 5.1] Good or Investigate"),
        ((190, 185, 300, 310, 495, 510), "3.0x [1.9, 5.1] Excellent or Good or Investigate"),
        ((40, 41, 39, 40, 40, 40), "0.4x [0.39, 0.41] Excellent"),
    ],
)
def test_every_band_that_the_interval_touches_is_named(seq: tuple[float, ...], cell: str) -> None:
    rows = _rows(a_session(_both(measured(*seq), measured(*[100] * 6))))
    assert rows[0][-1] == cell


def test_a_ratio_of_fewer_than_six_rounds_is_marked_and_has_no_interval() -> None:
    session = a_session(_both(measured(230, 231, 229), measured(100, 100, 100)))
    assert _rows(session)[0][-1] == "2.3x Good?"
    assert "none under 6 rounds: marked ?" in _said(session)


def test_a_ratio_pairs_the_rounds_by_their_number() -> None:
    def rounds(*elapsed: tuple[int, float]) -> Measured:
        return Measured(samples=tuple(a_sample(ms, round_number=number) for number, ms in elapsed), warm_ups=())

    result = _both(rounds((1, 100), (2, 600), (3, 900)), rounds((4, 7), (3, 300), (2, 200)))
    ratio = ratio_of(a_session(result), result, "")
    assert ratio is not None
    assert (ratio.median, ratio.count) == (3, 2)


def test_warm_ups_count_for_nothing() -> None:
    warm = replace_warm_ups(measured(*_SEQ), 90_000)
    assert _rows(a_session(_both(warm, measured(*_GO)))) == _rows(a_session(_both(measured(*_SEQ), measured(*_GO))))


def replace_warm_ups(outcome: Measured, elapsed_ms: float) -> Measured:
    return Measured(samples=outcome.samples, warm_ups=(a_sample(elapsed_ms, round_number=0),))


@pytest.mark.parametrize(
    ("outcome", "cell"),
    [
        (_TIMED_OUT, "failed: timed out"),
        (_SKIPPED, "skipped: interrupted before its first run"),
        (Measured(samples=(), warm_ups=(a_sample(),)), "skipped: interrupted before its first counted run"),
    ],
)
def test_what_has_no_right_figure_says_so_and_has_no_ratio(outcome: Outcome, cell: str) -> None:
    assert _rows(a_session(_both(measured(502), outcome))) == [["Ping-Pong", "502ms", cell, "-"]]
    assert _rows(a_session(_both(outcome, measured(217)))) == [["Ping-Pong", cell, "217ms", "-"]]
    assert _rows(a_session(_both(outcome, outcome))) == [["Ping-Pong", cell, cell, "-"]]


def test_a_benchmark_with_one_side_alone_has_no_ratio() -> None:
    assert _rows(a_session(a_result(a_program(measured(502))))) == [["Ping-Pong", "502ms", "no program", "-"]]
    assert _rows(a_session(a_result(a_program(measured(217), "go")))) == [["Ping-Pong", "no program", "217ms", "-"]]


def test_programs_without_a_round_in_common_have_no_ratio() -> None:
    late = Measured(samples=(a_sample(round_number=2),), warm_ups=())
    assert _rows(a_session(_both(measured(1), late)))[0][-1] == "-"


def test_benchmarks_that_were_left_out_are_named_in_one_line() -> None:
    session = replace(a_session(_both(measured(1), measured(1))), suite=("fanout", "pingpong", "skynet"))
    assert [row[0] for row in _rows(session)] == ["Ping-Pong"]
    for text in (full_text(session), markdown(session)):
        lines = [line.removeprefix("- ") for line in text.splitlines() if "fanout" in line or "skynet" in line]
        assert lines == ["not run (not chosen): fanout, skynet"]
    assert not warnings(session)


def test_a_benchmark_that_was_scaled_down_says_so_in_its_row_and_why_below() -> None:
    sentence = "10,000 strands (full is 1,000,000: vm.max_map_count is 65,530, needs 2,400,000)"
    result = replace(
        _both(measured(1), measured(1)),
        is_full=False,
        size_label="10,000 strands",
        size_sentence=sentence,
        remedies=("sudo sysctl -w vm.max_map_count=2400000",),
    )
    session = a_session(result)
    assert _rows(session)[0][0] == "Ping-Pong [10,000 strands]"
    assert f"pingpong: {sentence}; the task `doctor` prints the command that fixes it" in meaning(session)


def test_a_size_that_was_asked_for_needs_no_mending() -> None:
    result = replace(
        _both(measured(1), measured(1)), is_full=False, size_label="", size_sentence="", parameters=(("workers", 10),)
    )
    session = replace(a_session(result), size="quick")
    assert _rows(session)[0][0] == "Ping-Pong"
    assert "pingpong: quick size" in meaning(session)


def test_a_full_size_is_not_mentioned() -> None:
    session = a_session(_both(measured(1), measured(1)))
    assert _rows(session)[0][0] == "Ping-Pong"
    assert "round trips" not in _said(session)


def _with_variant(variant_of: str = "go") -> BenchmarkResult:
    return replace(
        a_result(
            a_program(measured(*[500] * 6)),
            a_program(measured(*[400] * 6), "go"),
            a_program(measured(*[100] * 6), variant_of, "idiomatic"),
            name="fanout",
            title="Fan-Out",
        ),
        variant_labels=(("idiomatic", "idiomatic Go"),),
    )


def test_a_variant_has_a_row_of_its_own_against_the_plain_program_of_the_other_runtime() -> None:
    assert _rows(a_session(_with_variant())) == [
        ["Fan-Out", "500ms", "400ms", "1.2x [1.2, 1.2] Excellent"],
        ["Fan-Out, idiomatic Go", "500ms", "100ms", "5.0x [5.0, 5.0] Good"],
    ]


def test_a_variant_of_a_runtime_that_was_left_out_has_no_row() -> None:
    assert _rows(a_session(_with_variant(), runtimes=("seq",))) == [["Fan-Out", "500ms"]]


def test_a_session_with_one_runtime_has_no_ratio_anywhere() -> None:
    session = replace(a_session(a_result(a_program(measured(502))), runtimes=("seq",)), suite=("pingpong", "skynet"))
    assert _cells(headline(session, style="tsv")) == [
        ["Benchmark", "Seq"],
        ["Ping-Pong", "502ms"],
    ]
    assert "Ratio" not in full_text(session)


def test_the_ratio_is_of_the_first_runtime_to_the_second_and_others_follow() -> None:
    result = a_result(
        a_program(_TIMED_OUT, "c"), a_program(measured(2)), a_program(measured(1), "go"), a_program(measured(4), "d")
    )
    session = a_session(result, runtimes=("seq", "go", "c", "d"))
    assert _cells(headline(session, style="tsv")) == [
        ["Benchmark", "Seq", "Go", "C", "D", "Ratio", "C / Go", "D / Go"],
        ["Ping-Pong", "2ms", "1ms", "failed: timed out", "4ms", "2.0x Excellent?", "-", "4.0x Good?"],
    ]
    assert "Ratio is Seq / Go" in _said(session)
    assert "The ratios of the other runtimes are to Go too." in _said(session)


def test_more_runtimes_than_fit_have_a_row_each() -> None:
    names = ("seq", "go", "c", "d", "e")
    result = replace(
        a_result(*(a_program(measured(2), name) for name in names[:4])), rate_count=2_000_000, rate_unit="msg/sec"
    )
    session = a_session(result, runtimes=names)
    lines = _cells(headline(session, style="tsv"))

    assert lines[0] == ["Benchmark", "Runtime", "Time", "Rate", "Ratio"]
    assert [line[1] for line in lines[1:]] == ["Seq", "Go", "C", "D"]
    assert lines[1][2:] == ["2ms", "1.0G msg/sec", "1.0x Excellent?"]
    assert lines[2][-1] == "reference"
    assert "(too narrow for: Rate; --wide shows all)" in headline(session, width=40)


def test_the_costs_are_those_that_the_kernel_counted() -> None:
    rows = _cells(costs(a_session(_both(measured(*[500] * 3), _TIMED_OUT)), style="tsv"))
    assert rows == [
        ["Program", "Elapsed", "User", "System", "System %", "Peak memory", "Page faults", "Context switches"],
        ["Ping-Pong, Seq", "1.00 s", "1.50 s", "0.500 s", "50 %", "197 MiB", "1,234", "5,678"],
        ["Ping-Pong, Go", "failed: timed out"],
    ]


@pytest.mark.parametrize(("peak", "cell"), [(30, "< 30.0 MiB"), (31, "31.0 MiB")])
def test_a_peak_that_cannot_be_told_from_the_harness_own_is_an_upper_bound(peak: int, cell: str) -> None:
    outcome = Measured(samples=(a_sample(rss_mib=peak),), warm_ups=())
    assert _cells(costs(a_session(a_result(a_program(outcome))), style="tsv"))[1][5] == cell


def test_the_costs_of_a_variant_have_its_label() -> None:
    rows = _cells(costs(a_session(_with_variant()), style="tsv"))
    assert [row[0] for row in rows[1:]] == ["Fan-Out, Seq", "Fan-Out, Go", "Fan-Out, idiomatic Go"]


def test_the_details_of_a_failure_name_program_stage_reason_and_what_it_said() -> None:
    session = a_session(_both(measured(1), _TIMED_OUT))
    (paragraph,) = failure_details(session)
    assert paragraph == (
        "pingpong, Go: run failed: timed out\n    no end after 90 s\n    stderr ends with:\n    still here"
    )
    assert full_text(session).endswith(paragraph)


@pytest.mark.parametrize("stage", list(Stage))
def test_every_stage_of_a_failure_is_named(stage: Stage) -> None:
    (paragraph,) = failure_details(a_session(a_result(a_program(Failed(stage=stage, reason="why", detail="how")))))
    assert paragraph == f"pingpong, Seq: {stage.value} failed: why\n    how"


def test_a_failed_variant_is_named_by_its_label() -> None:
    result = replace(
        a_result(a_program(_TIMED_OUT, "go", "idiomatic")), variant_labels=(("idiomatic", "idiomatic Go"),)
    )
    assert failure_details(a_session(result))[0].startswith("pingpong, idiomatic Go: run failed")


def test_a_session_without_failures_has_no_details() -> None:
    assert failure_details(a_session(_both(measured(1), _SKIPPED))) == ()


def test_an_interrupted_session_is_marked_and_no_other() -> None:
    session = a_session(_both(measured(1), measured(1)))
    assert "INTERRUPTED" not in full_text(session)
    assert "INTERRUPTED" in full_text(replace(session, state=State.INTERRUPTED))


def _markdown_tables(text: str) -> list[list[list[str]]]:
    """Return the cells of each table as a renderer would see them: a backslash takes the meaning from what follows."""
    blocks = [block.splitlines() for block in text.split("\n\n")]
    return [
        [re.findall(r"((?:\\.|[^|\\])*)\|", line.removeprefix("|")) for line in block]
        for block in blocks
        if block[0].startswith("|")
    ]


def test_markdown_holds_both_tables_the_meaning_as_a_list_and_the_failures_as_code() -> None:
    text = markdown(a_session(_both(measured(502), _TIMED_OUT)))
    first, second = _markdown_tables(text)
    assert [cell.strip() for cell in first[2]] == ["Ping-Pong", "502ms", "failed: timed out", "-"]
    assert [len(table) for table in (first, second)] == [3, 4]
    assert "\n- commit 0123456789ab" in text
    assert text.endswith("```text\n" + failure_details(a_session(_both(measured(502), _TIMED_OUT)))[0] + "\n```\n")


@FEW
@given(sessions)
def test_every_table_in_markdown_is_rectangular_with_a_rule_under_its_header(session: Session) -> None:
    tables = _markdown_tables(markdown(replace(session, results=session.results[:1])))[:2]
    columns = 1 + len(session.runtimes) + (len(session.runtimes) > 1)
    for table, width in zip(tables, (columns, 8), strict=True):
        assert {len(row) for row in table} == {width}
        assert all(re.fullmatch(r":?-+:?", cell.strip()) for cell in table[1])


@pytest.mark.parametrize("title", ["a | b", "a \\| b", "a\nb", "a\r\n\r\nb", "a |"])
def test_a_title_stays_in_its_cell_whatever_it_holds(title: str) -> None:
    session = a_session(replace(_both(measured(502), measured(217)), title=title))
    first, second = _markdown_tables(markdown(session))
    assert [len(row) for row in first] == [4, 4, 4]
    assert [len(row) for row in second] == [8, 8, 8, 8]
    assert len(headline(session).splitlines()) == 3


@FEW
@given(sessions)
def test_every_session_can_be_shown_and_written_to_a_file(session: Session) -> None:
    assert full_text(session).encode()
    assert markdown(session).encode()


def test_a_setting_that_is_not_utf_8_is_shown_escaped() -> None:
    assert "settings: SEQ_A=\\udcff" in full_text(replace(a_session(), settings=(("SEQ_A", "\udcff"),)))


@pytest.mark.parametrize("detail", ["```\n<script>", "a\n`````\nb", "`"])
def test_what_a_program_said_does_not_leave_its_block_of_code(detail: str) -> None:
    text = markdown(a_session(_both(measured(502), Failed(stage=Stage.RUN, reason="timed out", detail=detail))))
    fence = re.search(r"^(`{3,})text$", text, re.MULTILINE)
    assert fence is not None
    block = text[fence.end() :]
    assert re.findall(f"^{fence[1]}`*$", block, re.MULTILINE) == [fence[1]]
    assert block.endswith(f"\n{fence[1]}\n")


def test_no_tag_begins_outside_a_block_of_code() -> None:
    session = a_session(replace(_both(measured(502), measured(217)), title="<script>x</script>"))
    text = markdown(replace(session, settings=(("SEQ_A", "<b>"), ("SEQ_B", "\\<i>"))))
    assert not re.search(r"(?<!\\)(\\\\)*<", text)
    assert text.count("\\<script>x") == 3


def test_headline_of_more_runtimes_has_rows_where_its_columns_do_not_fit() -> None:
    outcome = measured(*[500] * 6)
    programs = [a_program(outcome, name) for name in ("seq", "go", "may", "tokio")]
    result = replace(a_result(*programs), rate_count=2_000_000, rate_unit="msg/sec")
    session = a_session(result, runtimes=("seq", "go", "may", "tokio"))

    whole, narrow = (headline(session, width=width) for width in (None, 150))

    assert "500ms (4.0M msg/sec)" in whole
    assert "--wide" not in narrow
    assert narrow.splitlines()[0].split() == ["Benchmark", "Runtime", "Time", "Rate", "Ratio"]
    assert "Ratio" in headline(session, width=1)


def test_costs_on_a_narrow_terminal_keep_the_times() -> None:
    session = a_session(_both(measured(502), measured(217)))

    lines = full_text(session, width=60).splitlines()

    (header,) = (line for line in lines if line.startswith("Program"))
    assert header.split() == ["Program", "Elapsed", "User", "System", "System", "Peak"]
    assert all(len(line) <= 60 for line in lines[: lines.index(header) + 3])
    assert all(name in full_text(session) for name in COST_HEADER)
