"""Which words of a report are coloured, and when."""

import io
import re

import pytest

from seqbench.tasks.colour import coloured, coloured_message, is_wanted
from tests.support.world import World

RED, GREEN, CYAN, YELLOW = 31, 32, 36, 33


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


def painted(text: str) -> list[tuple[int, str]]:
    """Return what is coloured in a text, with the colours."""
    found = coloured(text)
    assert re.sub(r"\x1b\[\d+m", "", found) == text
    return [(int(colour), word) for colour, word in re.findall(r"\x1b\[([1-9]\d)m(.*?)\x1b\[0m", found)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Skynet  46.5s  698ms  66.4x [49.1, 75.5] Investigate", [(RED, "Investigate")]),
        ("Fan-Out  5.1x [4.7, 5.6] Good or Investigate", [(CYAN, "Good"), (RED, "Investigate")]),
        ("Alpha  0.8ms  2.0x Excellent?  4.0x Good?", [(GREEN, "Excellent"), (CYAN, "Good")]),
        ("idiomatic Go        Good or Investigate", [(CYAN, "Good"), (RED, "Investigate")]),
        ("                    or Investigate", [(RED, "Investigate")]),
        ("Alpha  failed: timed out  1ms  -", [(RED, "failed")]),
        ("Alpha  1 ms  2 ms  1.250 [1.240, 1.260]  slower  2 %  20", [(RED, "slower")]),
        ("Alpha  1 ms  2 ms  1.000 [0.990, 1.010]  same", [(CYAN, "same")]),
        ("Alpha  -  -  -  not comparable: timed out  -", [(RED, "not comparable")]),
        ("Alpha  1.250 [1.240, 1.260]  slower  slower 1.250  same 1.001", [(RED, "slower")] * 2 + [(CYAN, "same")]),
        ("  Alpha: 0.900 [0.890, 0.910] faster", [(GREEN, "faster")]),
        ("gate: inconclusive", [(YELLOW, "inconclusive")]),
        ("Alpha  1 ms  slower by 11 %", [(RED, "slower")]),
        ("Alpha  -  not comparable  -", [(RED, "not comparable")]),
        ("Alpha: not comparable: timed out", [(RED, "not comparable")]),
        ("gate: pass", [(GREEN, "pass")]),
        ("Alpha: 7.7.4 is the first version that is slower (x)", [(RED, "slower")]),
        ("Alpha: faster after 7.7.3, at 7.7.5 or before (x)", [(GREEN, "faster")]),
        ("7.7.4  1 ms  1.052 [1.043, 1.061]  +5.2 % [+4.1, +6.3]  20", [(RED, "+5.2 % [+4.1, +6.3]")]),
        ("step: -5.2 % [-6.3, -4.1] from 7.7.3 to 7.7.4", [(GREEN, "-5.2 % [-6.3, -4.1]")]),
        ("alpha: slower, 1.250 [1.240, 1.260], after 8 of 60 rounds", [(RED, "slower")]),
        ("alpha: slower by peak-memory, 1.250 [1.240, 1.260], after 8 of 60 rounds", [(RED, "slower")]),
    ],
)
def test_bands_verdicts_and_steps_are_coloured(line: str, expected: list[tuple[int, str]]) -> None:
    assert painted(f"above\n{line}\nbelow") == expected


@pytest.mark.parametrize(
    "line",
    [
        "Ratio is Seq / Go (none under 6 rounds: marked ?). Excellent up to 2x, Good 2-5x, Investigate above 5x.",
        "same: the interval lies within 2.0 %; faster, slower: it excludes 1.",
        "Good              1ms",
        "missing           1ms",
        "    the program said: failed: it is slower",
        "to repeat it: invoke compare --base a --head b",
    ],
)
def test_sentences_and_titles_have_no_colour(line: str) -> None:
    assert painted(line) == []


@pytest.mark.parametrize(
    ("environment", "on_terminal", "elsewhere"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"CLICOLOR_FORCE": "1"}, True, True),
        ({"CLICOLOR": "0"}, False, False),
        ({"CLICOLOR": "1"}, True, False),
        ({"TERM": "dumb"}, False, False),
    ],
)
def test_colour_follows_the_conventions(environment: dict[str, str], on_terminal: bool, elsewhere: bool) -> None:  # noqa: FBT001
    assert is_wanted(Terminal(), environment) is on_terminal
    assert is_wanted(io.StringIO(), environment) is elsewhere
    assert not is_wanted(None, {})


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("error: no benchmark\n  fix: error: none", "\x1b[31merror\x1b[0m: no benchmark\n  fix: error: none"),
        ("warning: alpha: an error", "\x1b[33mwarning\x1b[0m: alpha: an error"),
        ("box: error: no clang", "box: \x1b[31merror\x1b[0m: no clang"),
        ("kept in error: x", "kept in error: x"),
        ("errors: 2", "errors: 2"),
    ],
)
def test_message_has_its_kind_coloured(message: str, expected: str) -> None:
    assert coloured_message(message) == expected


def test_errors_warnings_and_marks_of_ci_are_coloured_where_verdicts_are(world: World) -> None:
    world.add_right("alpha")
    error, warning = "\x1b[31merror\x1b[0m: ", "\x1b[33mwarning\x1b[0m: "
    unknown = ("bench", "--runs", "1", "--seqc", f"{world.tools / 'seqc'},X_A=1", "--allow-unknown-settings")
    for variables, is_coloured in (({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)):
        world.environment |= variables
        for words in (("bnech",), ("bench", "--budget", "soon"), ("bench", "--only", "beta")):
            said = world.task(*words).err
            assert said.startswith(error if is_coloured else "error: "), words
            assert ("\x1b" in said) == is_coloured
        said = world.task(*unknown).err
        assert (warning in said) == is_coloured, said
        assert "warning" in said
