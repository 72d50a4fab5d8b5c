import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from seqbench.publish.history.report import full_text
from seqbench.publish.history.trend import trend_of
from seqbench.sessions.interference import InterferenceCounts
from tests.support.histories import a_series, points, stepped
from tests.support.strategies import any_text


def cells(text: str) -> list[list[str]]:
    """Return the cells of all lines; a sparkline has no double blank in it."""
    return [re.split(r"  +", line.strip()) for line in text.splitlines()]


def test_a_trend_shows_its_line_its_ends_and_its_changes_and_points_their_tools_and_commits() -> None:
    text = full_text([trend_of(stepped())])
    assert cells(text)[:9] == [
        ["machine ab12: A processor, 8 cores, 16.0 GiB, Linux 6 x86_64"],
        [""],
        ["Program", "Sessions", "Trend", "First", "Last", "Changes"],
        ["-" * width for width in (38, 21, 17, 7, 6, 14)],
        [
            "Ping-Pong [1,000,000 round trips], Seq",
            "16 of 1,234, 2 failed",
            "▁▁▁▁▁▁▁▁│████████",
            "500 ms",
            "559 ms",
            "slower by 12 %",
        ],
        [""],
        ["Points of", "From (UTC)", "Sessions", "Median", "Toolchain", "Commit", "Change"],
        ["-" * width for width in (38, 16, 10, 8, 21, 13, 100)],
        [
            "Ping-Pong [1,000,000 round trips], Seq",
            "2026-03-01 12:00",
            "8",
            "500 ms",
            "seqc 7.7.3 (00112233)",
            "0123456789ab",
        ],
    ]
    assert cells(text)[9] == [
        "2026-03-09 12:00",
        "8",
        "560 ms",
        "seqc 7.7.5 (aaaaaaaa)",
        "fedcba987654+",
        "slower by 12 %: seqc 7.7.3 (00112233) to seqc 7.7.5 (aaaaaaaa), commit 0123456789ab to fedcba987654+",
    ]


def test_consecutive_points_of_the_same_tools_and_commit_share_a_line() -> None:
    some = points(1, 2, 3)
    other = points(4, commit="ff")
    rows = [row for row in cells(full_text([trend_of(a_series(*some, *other, *some))])) if len(row) > 3]
    assert [row[-4] for row in rows if row[-1].startswith(("0123456789ab", "ff"))] == ["3", "1", "3"]
    assert [row[-3] for row in rows if row[-1].startswith(("0123456789ab", "ff"))] == ["2.00 ms", "4.00 ms", "2.00 ms"]


def test_a_change_with_nothing_that_came_with_it_points_at_the_machine() -> None:
    text = full_text([trend_of(a_series(*points(*[500] * 8, *[400] * 8)))])
    assert "faster by 20 %: same tools, commit and sources: check the machine" in text


def test_change_names_the_work_of_others_where_a_session_had_it() -> None:
    noisy = InterferenceCounts(judged_rounds=9, disturbed_rounds=4, others_share=0.31)
    before, after = points(*[500] * 8), points(*[600] * 8, first_day=8)
    disturbed = (replace(after[0], interference=noisy), *after[1:])
    text = full_text([trend_of(a_series(*before, *disturbed))])
    remark = "was disturbed: other processes used 31 % of the CPUs in 4 of 9 rounds"
    assert f"slower by 20 %: same tools, commit and sources; this session {remark}" in text
    assert "check the machine" not in text

    other = (*before[:-1], replace(before[-1], interference=noisy))
    changed = tuple(replace(each, tool_version="7.7.6") for each in after)
    text = full_text([trend_of(a_series(*other, *changed))])
    assert f"to seqc 7.7.6 (aaaaaaaa); the session before {remark}" in text


def test_every_machine_has_a_block_of_its_own() -> None:
    series = a_series(*points(500))
    other = replace(series, machine=replace(series.machine, identity="cd34", cpu="Another"))
    blocks = full_text([trend_of(series), trend_of(other)]).split("\n\n\n")
    assert [block.split(":")[0] for block in blocks[:2]] == ["machine ab12", "machine cd34"]
    assert [block.count("Ping-Pong") for block in blocks] == [2, 2, 0]


def test_a_program_that_always_failed_is_shown_and_a_short_series_has_a_question_mark() -> None:
    failed = replace(a_series(), failures=3)
    text = full_text([trend_of(failed), trend_of(replace(a_series(*points(500)), runtime_title="Go"))])
    assert ["Ping-Pong [1,000,000 round trips], Seq", "0, 3 failed", "-", "-", "?"] in cells(text)
    assert ["Ping-Pong [1,000,000 round trips], Go", "1", "▅", "500 ms", "500 ms", "?"] in cells(text)


def test_points_of_disturbed_sessions_are_marked() -> None:
    quiet = InterferenceCounts(judged_rounds=9)
    noisy = replace(quiet, disturbed_rounds=4, others_share=0.31)
    one, two = points(500, 501)
    three, four = points(502, 503, first_day=2, commit="fedcba98")
    text = full_text([trend_of(a_series(replace(one, interference=quiet), replace(two, interference=noisy)))])
    assert "1 of 2 sessions, at worst: other processes used 31 % of the CPUs in 4 of 9 rounds" in text
    alone = full_text([trend_of(a_series(replace(three, interference=noisy), replace(four, commit="0")))])
    assert "other processes used 31 % of the CPUs in 4 of 9 rounds" in alone
    assert "Disturbed" in alone
    several = [replace(each, interference=noisy) for each in (one, two)]
    assert "2 of 2 sessions, at worst: " in full_text([trend_of(a_series(*several, three))])
    assert "Disturbed\n" not in full_text([trend_of(a_series(one, two))])


def test_level_series_has_no_change() -> None:
    level = a_series(*points(*[500] * 20))
    assert cells(full_text([trend_of(level)]))[4][-1] == "none"


def test_nothing_is_said_in_words() -> None:
    assert full_text([]) == "the history has no session of that time"


def test_a_terminal_that_has_ascii_alone_gets_ascii_alone() -> None:
    text = full_text([trend_of(replace(stepped(), title="Größe"))], ascii_only=True)
    assert text.isascii()
    assert "________|########" in text
    assert r"Gr\xf6\xdfe" in text


@given(any_text, any_text, st.booleans())
def test_no_text_breaks_a_line_or_cannot_be_written(title: str, commit: str, ascii_only: bool) -> None:  # noqa: FBT001
    series = replace(a_series(*points(500, commit=commit)), title=title, settings=((title, commit),))
    text = full_text([trend_of(series)], ascii_only=ascii_only)
    assert text.encode()
    assert len(text.splitlines()) == len(full_text([trend_of(a_series(*points(500)))]).splitlines())


def test_there_is_no_color() -> None:
    assert "\x1b" not in full_text([trend_of(stepped())])
