from dataclasses import replace

from hypothesis import given

from seqbench.experiments.explain import report
from seqbench.experiments.explain.document import Explanation, InstrumentedRun
from seqbench.sessions.session import Failed, Measured, Sample, Stage
from tests.support.explanations import (
    a_measured_result,
    a_run,
    an_explanation,
    an_instrumented_run,
    at,
    explanations,
    rounds_of,
)
from tests.support.laws import FEW
from tests.support.strategies import a_session


def row(text: str, title: str, number: int = 0) -> list[str]:
    """Return the cells of the n-th line that begins so."""
    lines = [line for line in text.splitlines() if line.startswith(title)]
    return [cell.strip() for cell in lines[number].split("  ") if cell.strip()]


def a_skynet(small: Sample, large: Sample, *, rounds: int = 7) -> Explanation:
    """Build an explanation of one program at 10 and 1,010 leaves, in rounds that are all alike."""
    sizes = [
        a_session(
            a_measured_result("skynet", {"seq": rounds_of(*[run] * rounds)}, leaves=leaves),
            runtimes=("seq", "go", "may"),
        )
        for run, leaves in ((small, 10), (large, 1_010))
    ]
    return an_explanation(*sizes)


def at_leaves(leaves: int, **figures: int) -> Sample:
    return a_run(ledger={"tasks": leaves, "messages": leaves}, **figures)


def test_times_are_shown_with_their_shares_of_the_whole_process() -> None:
    text = report.full_text(a_skynet(at_leaves(10), at_leaves(1_010)))

    # Own 500 ms, outside 1,000 ms, user 1,500 and system 500 ms of all cores.
    assert row(text, "Skynet, Seq") == [
        "Skynet, Seq",
        "0.500 s",
        "1.00 s",
        "1.50 s",
        "0.500 s",
        "150 %",
        "50 %",
        "197 MiB",
        "1,234",
        "5,678",
    ]
    assert "whole process with its start and exit" in text


def test_a_peak_below_the_floor_is_shown_as_less() -> None:
    hidden = {"max_rss_bytes": 30 << 20, "max_rss_floor_bytes": 50 << 20}
    text = report.full_text(a_skynet(at_leaves(10, **hidden), at_leaves(1_010, **hidden)))

    assert row(text, "Skynet, Seq")[7] == "< 30.0 MiB"
    assert row(text, "Skynet, Seq", 1)[6] == "< 30.7 KiB"


def test_what_one_more_costs_has_intervals_and_marks_what_cannot_be_told() -> None:
    small = at_leaves(10, elapsed_ns=10_000_000, user_ns=10_000_000, minor_faults=100)
    large = at_leaves(1_010, elapsed_ns=12_000_000, user_ns=11_000_000, minor_faults=3_100)

    assert row(report.full_text(a_skynet(small, large)), "Skynet, Seq", 1) == [
        "Skynet, Seq",
        "strand (of 1,000)",
        "2.00 us [2.00 us, 2.00 us]",
        "1.00 us",
        "0?",
        "3",
        "0?",
        "0?",
    ]
    assert row(report.full_text(a_skynet(small, large, rounds=5)), "Skynet, Seq", 1)[2:5] == [
        "2.00 us?",
        "1.00 us?",
        "0 us?",
    ]


def test_a_program_that_failed_shows_the_reason_in_place_of_figures() -> None:
    failed = Failed(stage=Stage.RUN, reason="timed out", detail="no end")
    session = a_session(a_measured_result("skynet", {"seq": failed, "go": Measured(samples=(), warm_ups=())}))
    text = report.full_text(an_explanation(session, session))

    assert row(text, "Skynet, Seq") == ["Skynet, Seq", "failed: timed out"]
    assert row(text, "Skynet, Go") == ["Skynet, Go", "skipped: interrupted before its first counted run"]
    # Once, though it failed at both sizes.
    assert text.count("skynet, Seq: run failed: timed out") == 1


def test_system_calls_are_shown_by_name_and_for_each_strand() -> None:
    small = an_instrumented_run(mmap=10_016, read=20)
    calls = (small, at(small, 11_000, mmap=15_016, read=20, write=10_000, futex=7))
    text = report.full_text(replace(a_skynet(at_leaves(10), at_leaves(1_010)), calls=calls))

    shown = row(text, "Skynet, Seq", 2)
    assert shown[1:3] == ["25,043", "1.50 per strand"]
    assert shown[3] == "mmap 15,016 (0.50), read 20, write 10,000 (1.00), futex 7"


def test_a_program_that_could_not_be_traced_says_why() -> None:
    instrumented = replace(an_instrumented_run(), figures=(), problem="run failed: timed out")
    explanation = replace(a_skynet(at_leaves(10), at_leaves(1_010)), calls=(instrumented,))

    assert row(report.full_text(explanation), "Skynet, Seq", 2)[1:] == ["run failed: timed out"]


def reported(instrumented: InstrumentedRun) -> list[str]:
    explanation = replace(a_skynet(at_leaves(10), at_leaves(1_010)), reports=(instrumented,))
    return row(report.full_text(explanation), "Skynet, Seq", 2)


def test_a_report_stands_beside_what_the_ledger_lets_expect() -> None:
    instrumented = an_instrumented_run(spawned=101, completed=101, sent=5, received=5, peak=7, threads=2)
    wanted = (("spawned", 101), ("sent", 5))

    assert reported(replace(instrumented, wanted=wanted))[1:] == [
        "101 (101 expected)",
        "5 (5 expected)",
        "7",
        "2",
        "agree",
    ]
    assert reported(replace(instrumented, wanted=(("spawned", 102),)))[1:3] == [
        "101 (102 expected)",
        "5 (not compared)",
    ]
    assert reported(replace(instrumented, wanted=(("spawned", 102),)))[-1] == "DISAGREE"


def test_figures_that_should_be_the_same_and_are_not_are_both_shown() -> None:
    instrumented = an_instrumented_run(spawned=101, completed=100)

    assert reported(replace(instrumented, wanted=(("spawned", 101), ("completed", 101))))[1] == "101/100 (101 expected)"


def test_the_last_line_says_how_much_of_the_time_was_measurement() -> None:
    text = report.full_text(an_explanation())

    assert text.splitlines()[-1] == (
        "1 min 40 s in all: 12.0 s in timed runs, 20.0 s in instrumented runs, "
        "7.0 s finding tools and building, 61.0 s in the harness"
    )


def test_nothing_measured_is_still_told() -> None:
    text = report.full_text(an_explanation(no_calls="no strace"))

    assert "- none: no difference is larger than the noise" in text
    assert "System calls were not counted: no strace" in text


@FEW
@given(explanations)
def test_any_explanation_can_be_written(explanation: Explanation) -> None:
    report.full_text(explanation).encode()
