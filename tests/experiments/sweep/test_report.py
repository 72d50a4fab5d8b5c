import re
from dataclasses import replace

from hypothesis import given

from seqbench.experiments.sweep import report
from seqbench.experiments.sweep.document import SweepDocument, SweepPoint
from seqbench.sessions.session import Failed, Stage, State
from tests.support.laws import FEW
from tests.support.strategies import a_program, measured
from tests.support.sweeps import a_limit, a_point, a_sweep, both, possible_sweeps, ran


def lines(document: SweepDocument) -> list[str]:
    return report.full_text(document).splitlines()


def rows(document: SweepDocument, title: str) -> list[list[str]]:
    """Return the cells of the table whose header begins so, by two spaces or more."""
    text = lines(document)
    first = next(number for number, line in enumerate(text) if line.startswith(title)) + 2
    last = text.index("", first)
    starts = [
        index for index, mark in enumerate(text[first - 1]) if mark == "-" and text[first - 1][index - 1 : index] != "-"
    ]
    return [
        [line[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)]
        for line in text[first:last]
    ]


def line_of(document: SweepDocument, *words: str) -> str:
    (found,) = (line for line in lines(document) if all(word in line for word in words))
    return found


def both_with_strands(value: int, seq_ms: float) -> SweepPoint:
    ledger = {"tasks": value, "messages": 2 * value}
    return a_point(value, a_program(ran(seq_ms, **ledger)), a_program(ran(10, rss_mib=20, **ledger), "go"))


def test_there_is_a_row_for_each_value_and_runtime_with_what_an_item_costs() -> None:
    document = a_sweep(both_with_strands(1_000, 20), both_with_strands(10_000, 50))

    assert lines(document)[0] == "skynet over strands"
    assert lines(document)[2].split("  ")[0] == "Strands"
    assert rows(document, "Strands") == [
        ["1,000", "Seq", "20.0 ms", "20.0 us", "10.0 us", "197 MiB", "202 KiB", "2.0x [2.0, 2.0]"],
        ["", "Go", "10.0 ms", "10.0 us", "5.00 us", "< 20.0 MiB", "-", "-"],
        ["10,000", "Seq", "50.0 ms", "5.00 us", "2.50 us", "197 MiB", "20.2 KiB", "5.0x [5.0, 5.0]"],
        ["", "Go", "10.0 ms", "1.00 us", "0.500 us", "< 20.0 MiB", "-", "-"],
    ]


def test_a_column_in_which_nothing_could_be_said_is_left_out() -> None:
    document = a_sweep(a_point(10, a_program(measured(1))), runtimes=("seq",))
    header = lines(document)[2]

    assert header.split() == ["Strands", "Program", "Elapsed", "Peak", "memory"]
    assert rows(document, "Strands") == [["10", "Seq", "1.00 ms", "197 MiB"]]


def test_what_is_not_swept_is_in_the_heading() -> None:
    document = a_sweep(both(10, 1, 1))
    (swept,) = document.benchmarks
    document = replace(document, benchmarks=(replace(swept, fixed=(("workers", 1_000),)),))

    assert lines(document)[0] == "skynet over strands (workers = 1,000)"


def test_growth_is_told_with_intervals_and_marked_where_there_are_none() -> None:
    document = a_sweep(both(10, 11, 10), both(100, 101, 10), both(1000, 1001, 10))
    seq, go = rows(document, "Program")

    assert seq[:7] == ["Seq", "0.98 [0.98, 0.98]", "1.00 [1.00, 1.00]", *["1.00 ms [1.00 ms, 1.00 ms]"] * 2, "1", "0 %"]
    assert go[:7] == [
        "Go",
        "0.00 [0.00, 0.00]",
        "0.00 [0.00, 0.00]",
        "10.0 ms [10.0 ms, 10.0 ms]",
        "0 ns [0 ns, 0 ns]",
        "-",
        "0 %",
    ]
    few = a_sweep(*(both(value, value, 10, rounds=3) for value in (10, 100, 1000)))
    assert rows(few, "Program")[0][:3] == ["Seq", "1.00?", "1.00?"]


def test_break_even_is_named_or_missing() -> None:
    crossed = a_sweep(both(10, 90, 10), both(100, 18, 10), both(1000, 17, 10))
    assert line_of(crossed, "break-even") == (
        "Seq / Go: break-even at 100 strands: at or below 2x from there on (whole interval)"
    )
    assert (
        line_of(crossed, "within 10 %") == "Seq / Go: 1.7x [1.7, 1.7] at 1,000 strands, within 10 % of that from 100 on"
    )

    never = a_sweep(both(10, 15, 10), both(100, 90, 10))
    missing = "no break-even: not at or below 2x at 100 strands, the last value"
    assert missing in line_of(never, "break-even")
    stopped = a_sweep(both(10, 15, 10), both(100, 90, 10), a_point(1000, limits=(a_limit(),)))
    assert missing.replace("last value", "last value that both could be run at") in line_of(stopped, "break-even")
    assert "not settled" in line_of(never, "9.0x [9.0, 9.0] at 100 strands")
    always = a_sweep(both(10, 15, 10, rounds=2), both(100, 15, 10, rounds=2))
    assert line_of(always, "at or below").startswith(
        "Seq / Go: at or below 2x at all values from 10 to 100 strands (medians only"
    )


def test_a_limit_is_words_in_its_cell_a_mark_in_the_plot_and_a_line_with_its_mend() -> None:
    document = a_sweep(
        both(10, 9, 1),
        a_point(100, a_program(measured(3), "go"), limits=(a_limit(),)),
        a_point(1000, a_program(measured(30), "go"), limits=(a_limit(),)),
    )
    assert rows(document, "Strands")[2] == ["100", "Seq", "too large for this machine", "", ""]
    assert line_of(document, "X at the top") == (
        "X at the top: Seq could not be run at 100: too large for this machine"
    )
    assert line_of(document, "fix:") == (
        "Seq at 100, 1,000: vm.max_map_count is 65,530, needs 270,000; fix: sudo sysctl -w vm.max_map_count=270000"
    )


def test_a_failure_is_told_with_what_the_program_said() -> None:
    failed = Failed(stage=Stage.RUN, reason="killed by SIGABRT", detail="signal 6\nfailed to alloc {} sys stack")
    document = a_sweep(a_point(10, a_program(failed), a_program(measured(1), "go")))

    assert rows(document, "Strands")[0][:3] == ["10", "Seq", "failed: killed by SIGABRT"]
    assert "Seq at 10: killed by SIGABRT: signal 6" in lines(document)
    assert "    failed to alloc {} sys stack" in lines(document)


def test_where_nothing_could_be_run_there_is_a_report_all_the_same() -> None:
    document = a_sweep(a_point(10, limits=(a_limit(), a_limit("go"))))
    text = report.full_text(document)

    assert "no plot: no value could be run" in text
    assert "Go at 10: vm.max_map_count" in text


def test_the_last_line_says_how_much_of_the_time_was_measuring() -> None:
    document = a_sweep(both(10, 9, 1))

    assert lines(document)[-1] == (
        "10 s in all: 3.5 s finding tools and building, 6.0 s in programs, 0.5 s in the harness"
    )
    assert (
        line_of(document, "over strands=10:1000")
        == "over strands=10:1000, compiler 7.7.5, seed 7, 2026-03-01T12:00:00Z"
    )
    assert line_of(document, "complete work; rounds:").endswith("rounds: 6 per value.")
    assert "up to 30 per value, as the budget allows" in line_of(replace(document, runs=None), "complete work; rounds:")


def test_a_sweep_that_is_not_whole_says_so() -> None:
    document = a_sweep(both(10, 9, 1))
    (swept,) = document.benchmarks
    cut = replace(
        document,
        session=replace(document.session, state=State.INTERRUPTED),
        benchmarks=(replace(swept, values=(10, 100, 1000)),),
    )
    assert "INTERRUPTED: 2 points are missing" in lines(cut)


def test_markdown_has_the_same_tables_and_the_plot_as_text() -> None:
    document = a_sweep(both(10, 90, 10), both(100, 18, 10))
    text = report.markdown(document)

    assert text.startswith("### skynet over strands\n\n|")
    assert text.count("```text\n") == text.count("```\n") == 2
    assert re.search(r"\| 10 +\| Seq +\| 90\.0 ms", text)
    assert "```text\nSeq / Go: break-even at 100 strands: at or below 2x from there on (whole interval)" in text


@FEW
@given(possible_sweeps)
def test_every_sweep_can_be_shown(document: SweepDocument) -> None:
    text = report.full_text(document)
    assert len(rows(document, "Strands")) == 2 * len(document.benchmarks[0].points)
    assert report.markdown(document)
    assert "nan" not in text
