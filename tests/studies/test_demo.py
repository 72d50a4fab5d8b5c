"""The recording of a first run, and the picture that is drawn from it."""

import json
import re
import sys

import pytest

from studies.demo import (
    CAST,
    COLUMNS,
    COMMAND,
    PICTURE,
    Output,
    cast_of,
    frames_of,
    outputs_of,
    picture_of,
    record,
    typed,
)
from studies.screenshots import MOST_BYTES
from tests.support.page import Element, read_page


def _outputs(*timed: tuple[float, str]) -> list[Output]:
    return [Output(at_s=at_s, text=text) for at_s, text in timed]


def _picture(*timed: tuple[float, str]) -> Element:
    return read_page(picture_of(frames_of(_outputs(*timed))))


def _screens(*timed: tuple[float, str]) -> list[tuple[float, list[str]]]:
    """Return the times and the lines of the frames."""
    return [
        (round(frame.at_s, 2), [" ".join(run.text for run in line) for line in frame.lines if line])
        for frame in frames_of(_outputs(*timed))
    ]


def test_recorded_run_is_that_of_the_page_and_ends_with_a_table() -> None:
    header, *events = map(json.loads, CAST.read_text(encoding="utf-8").splitlines())
    assert (header["version"], header["width"]) == (2, COLUMNS)
    times = [at_s for at_s, _, _ in events]
    assert times == sorted(times)
    last = "\n".join(" ".join(run.text for run in line) for line in frames_of(outputs_of(CAST.read_text()))[-1].lines)
    assert COMMAND in last
    assert re.search(r"Benchmark +Seq +Go +Ratio", last)
    assert re.search(r"Skynet .*x", last)


def test_recorded_run_has_no_path_of_the_machine() -> None:
    assert not re.search(r"/(?:root|home|work|tmp|usr)\b", CAST.read_text(encoding="utf-8"))


def test_picture_is_drawn_from_the_recording() -> None:
    drawn = picture_of(frames_of(outputs_of(CAST.read_text(encoding="utf-8"))))
    assert PICTURE.read_text(encoding="utf-8") == drawn, "run python -m studies.demo draw"
    assert len(drawn.encode()) <= MOST_BYTES
    assert "<script" not in drawn


def test_cast_is_read_back() -> None:
    found = [*typed("ls"), *_outputs((2.5, "ä\r\n"), (3, "\x1b[1mb\x1b[0m"))]
    assert outputs_of(cast_of(found)) == found


def test_a_line_that_is_written_again_is_one_line_with_its_last_text() -> None:
    assert _screens((0, "first\r\n10 %"), (0.5, "\r20 %"), (0.9, "\r\x1b[Kdone")) == [
        (0, ["first", "10 %"]),
        (0.5, ["first", "20 %"]),
        (0.9, ["first", "done"]),
    ]


def test_long_pauses_are_shortened_and_what_comes_together_is_one_frame() -> None:
    assert _screens((0, "a"), (60, "b"), (60.01, "c")) == [(0, ["a"]), (1, ["abc"])]


def test_a_line_is_visible_while_it_is_on_the_screen() -> None:
    picture = _picture((0, "wait"), (1, "\rdone"))
    style = picture.one("style").text
    # The last screen stays for ten seconds, so that 1 s is a part of eleven.
    assert "k0{0.00%{visibility:visible}9.09%{visibility:hidden}}" in style
    assert "k1{0.00%{visibility:hidden}9.09%{visibility:visible}}" in style
    assert {group.attributes["id"]: group.text for group in picture.all("g")} == {"l0": "wait", "l1": "done"}
    # Without animations the last screen is shown.
    assert [group.attributes["class"] for group in picture.all("g")] == ["l", "l z"]
    assert ".l{visibility:hidden}.z{visibility:visible}" in style


def test_colours_and_markup_of_the_output_are_kept_apart() -> None:
    texts = list(_picture((0, "\x1b[1;32m<ok>\x1b[0m  plain")).all("text"))
    assert [(each.text, each.attributes["class"]) for each in texts] == [("<ok>", "green b"), ("plain", "default")]


def test_a_command_is_recorded_in_a_terminal_with_its_exit_code() -> None:
    code = "import os, sys; print(os.get_terminal_size().columns, sys.stdout.isatty(), 'ä')"
    found = list(record([sys.executable, "-c", code], {}))
    assert "".join(each.text for each in found) == f"{COLUMNS} True ä\r\n"
    with pytest.raises(ValueError, match="ended with exit code 3"):
        list(record([sys.executable, "-c", "raise SystemExit(3)"], {}))
