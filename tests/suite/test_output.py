import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.suite.output import (
    OutputError,
    Printed,
    names_differ,
    pattern_output,
    read_pattern,
    row_name,
    whole_number,
)

LINE = r"^CASE (?P<category>\w+)/(?P<test>\S+) -> (?P<result>\S+) in (?P<elapsed_ms>\S+) ms(?: (?P<tasks>\S+) tasks)?$"
CASE = pattern_output(LINE, takes_last=False, is_wall=False)


def read(text: str) -> tuple[Printed, ...] | str:
    return read_pattern(text, CASE)


def test_each_match_is_a_test_with_its_figures() -> None:
    assert read("hello\nCASE fib/naive -> 832040 in 12 ms 7 tasks\nCASE fib/fast -> ok in 0.5 ms\nbye") == (
        Printed(test="fib/naive", result=832040, elapsed_ns=12_000_000, step_ns=1_000_000, ledger=(("tasks", 7),)),
        Printed(test="fib/fast", result="ok", elapsed_ns=500_000, step_ns=100_000, ledger=()),
    )


@pytest.mark.parametrize(
    ("text", "elapsed_ns", "step_ns"),
    [
        ("0", 0, 1_000_000),
        ("12", 12_000_000, 1_000_000),
        ("0.1", 100_000, 100_000),
        ("1.23456789", 1_234_568, 1),
        ("1.5e3", 1_500_000_000, 100_000_000),
        ("2E-3", 2_000, 1_000),
    ],
)
def test_time_has_the_step_of_its_last_digit(text: str, elapsed_ns: int, step_ns: int) -> None:
    found = read(f"CASE a/b -> 1 in {text} ms")
    assert not isinstance(found, str)
    (printed,) = found
    assert (printed.elapsed_ns, printed.step_ns) == (elapsed_ns, step_ns)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the pattern matches nothing"),
        ("CASE a/b -> 1 in 2 s", "the pattern matches nothing"),
        ("CASE a/b -> 1 in 2 ms\nCASE a/b -> 1 in 3 ms", "the test 'a/b' matches twice"),
        ("CASE a/b -> 1 in -2 ms", "elapsed_ms is not a time: '-2'"),
        ("CASE a/b -> 1 in nan ms", "elapsed_ms is not a time: 'nan'"),
        ("CASE a/b -> 1 in 1e400 ms", "elapsed_ms is not a time: '1e400'"),
        ("CASE a/b -> 1 in \u0661 ms", "elapsed_ms is not a time: '\u0661'"),
        ("CASE a/b -> 1 in 2 ms x tasks", "tasks is not an integer"),
    ],
)
def test_output_that_cannot_be_read_has_a_problem(text: str, problem: str) -> None:
    assert read(text) == problem


SPACED = r"^CASE (?P<test>.+) -> (?P<result>\S+) in (?P<elapsed_ms>\S+) ms"


@pytest.mark.parametrize("takes_last", [True, False])
@pytest.mark.parametrize(
    ("first", "second", "row"), [("fib 30", "fib-30", "fib-30"), ("a<b", "a>b", "a-b"), ("<b>", "b", "b")]
)
def test_two_tests_that_get_the_same_name_are_named(*, takes_last: bool, first: str, second: str, row: str) -> None:
    output = pattern_output(SPACED, takes_last=takes_last, is_wall=False)
    found = read_pattern(f"CASE {first} -> 1 in 2 ms\nCASE {second} -> 1 in 3 ms", output)
    assert found == f"the tests {first!r} and {second!r} have the same name in tables: {row!r}"


def test_last_of_several_matches_counts_where_that_is_asked_for() -> None:
    output = pattern_output(LINE, takes_last=True, is_wall=False)
    found = read_pattern("CASE a/b -> 1 in 2 ms\nCASE a/b -> 1 in 3 ms", output)
    assert [printed.elapsed_ns for printed in found if isinstance(printed, Printed)] == [3_000_000]


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("(", "the pattern does not compile: missing"),
        ("(?P<result>.)", "the pattern has no time"),
        ("(?P<elapsed_ms>.)(?P<elapsed_s>.)", "the pattern has elapsed_s and elapsed_ms, expected one time"),
    ],
)
def test_pattern_that_cannot_be_used_is_refused(pattern: str, problem: str) -> None:
    with pytest.raises(OutputError, match=problem):
        pattern_output(pattern, takes_last=False, is_wall=False)


def test_pattern_without_a_time_goes_with_the_wall_clock() -> None:
    assert pattern_output("(?P<result>.)", takes_last=False, is_wall=True).is_wall


@given(st.text(max_size=200))
def test_any_output_is_read_or_has_a_problem(text: str) -> None:
    assert read(text)
    assert read(f"CASE a/b -> {text} in {text} ms {text} tasks")


@pytest.mark.parametrize(
    ("text", "name"), [("fib 30", "fib-30"), ("<b>&", "b"), ("ä-1.5+x", "ä-1.5+x"), ("\x1b[31m", "31m")]
)
def test_names_of_tests_have_no_special_characters(text: str, name: str) -> None:
    assert row_name(text) == name


def test_only_plain_digits_are_numbers() -> None:
    assert [whole_number(text) for text in ("-7", "007", "1_0", "\u0661", "9" * 41, "")] == [
        -7,
        7,
        None,
        None,
        None,
        None,
    ]


def test_rounds_must_have_the_same_tests() -> None:
    assert names_differ(["a", "b"], ["b", "a"]) == ""
    assert names_differ(["a", "b"], ["a"]) == "the test 'b' is missing"
    assert names_differ(["a"], ["a", "c"]) == "the test 'c' is new"
