import re

from hypothesis import given
from hypothesis import strategies as st

from seqbench.text import fits, table
from tests.support.strategies import any_text

HEADER = ["Program", "Time", "Faults", "Switches"]
ROWS = [["skynet", "44.3 s", "3,403,508", "700,776"], ["pingpong", "0.689 s", "20,210", "85"]]


titles = st.lists(st.text("abc,()[]1-", min_size=1, max_size=12), min_size=1, max_size=20).map(" ".join)


def laid_out(width: int | None, *least_important: str) -> list[str]:
    return table(ROWS, HEADER, "simple", width=width, least_important=least_important).splitlines()


def test_table_without_a_width_has_all_columns() -> None:
    assert laid_out(None, "Faults")[0].split() == HEADER
    assert laid_out(1_000, "Faults")[0].split() == HEADER
    assert len(laid_out(None, "Faults")) == 4


def test_table_keeps_all_columns_up_to_its_own_width() -> None:
    own = max(map(len, laid_out(None)))

    assert laid_out(own, "Switches") == laid_out(None)
    # Then without the room beside the titles.
    assert laid_out(own - 1, "Switches") != laid_out(None)
    assert [line.split() for line in laid_out(own - 1, "Switches")[::2]] == [
        line.split() for line in laid_out(None)[::2]
    ]


def test_narrow_table_leaves_out_the_least_important_columns_and_names_them() -> None:
    lines = laid_out(26, "Switches", "Faults", "Time")

    assert lines[0].split() == ["Program", "Time"]
    assert lines[2].split() == ["skynet", "44.3", "s"]
    assert lines[-1] == "(too narrow for: Switches, Faults; --wide shows all)"
    assert laid_out(28, "Switches", "Faults", "Time")[0].split() == ["Program", "Time", "Faults"]


def test_narrow_table_breaks_titles_then_the_first_column_before_it_drops_one() -> None:
    rows = [["Fan-Out (100 workers), idiomatic Go", "1,023 GiB", "7"]]
    header = ["Program", "Peak memory", "Context switches"]
    lines = [table(rows, header, "simple", width=width, least_important=header[1:]).splitlines() for width in (58, 45)]

    assert [line.split("  ")[0] for line in lines[0]] == ["Program", "", "-" * 35, rows[0][0]]
    assert [line.split("  ")[0] for line in lines[1]] == [
        "Program",
        "",
        "-" * 22,
        "Fan-Out (100 workers),",
        "idiomatic Go",
    ]
    for text in lines:
        assert [line.split()[-2:] for line in text[:2]] == [["Peak", "Context"], ["memory", "switches"]]


def test_indented_cell_keeps_its_indent_and_lines_of_a_cell_are_lines() -> None:
    assert table([["  Go", ("a\nb", "c")]], ["x", "y"], "simple").splitlines()[2:] == ["  Go  a b", "      c"]
    assert table([["  Go", ("a", "c|")]], ["x", "y"], "github").splitlines()[2] == r"| Go  | a c\| |"


def test_column_of_texts_is_folded_but_for_its_figures() -> None:
    rows = [["alpha", "1.250 [1.240, 1.260]", "no"], ["beta", "failed: the result is 41, expected 42", "yes"]]
    header = ["Benchmark", "Head / Base", "Rounds"]
    lines = table(rows, header, "simple", width=43, texts=("Head / Base",), least_important=["Rounds"]).splitlines()

    assert [re.split("  +", line) for line in lines] == [
        ["Benchmark", "Head / Base", "Rounds"],
        ["-" * 9, "-" * 21, "-" * 6],
        ["alpha", "1.250 [1.240, 1.260]", "no"],
        ["beta", "failed: the result is", "yes"],
        ["", "41, expected 42"],
    ]


@given(st.lists(st.tuples(titles, titles, titles), min_size=1, max_size=3), st.integers(50, 120))
def test_folded_table_keeps_every_word_and_fits(rows: list[tuple[str, str, str]], width: int) -> None:
    header = ["Benchmark", "Verdict", "Nearer to"]
    found = table(rows, header, "simple", width=width, texts=header[1:], least_important=header[1:])

    assert fits(found, max(width, 70))
    if width >= 70:
        assert sorted(found.split()[len(header) * 2 + 1 :]) == sorted(table(rows, header, "simple").split()[7:])


def test_table_that_cannot_get_narrow_enough_keeps_its_important_columns() -> None:
    assert laid_out(3, "Switches", "Faults")[0].split() == ["Program", "Time"]


def test_column_that_is_not_there_is_not_named() -> None:
    assert laid_out(3, "Memory", "Faults")[-1] == "(too narrow for: Faults; --wide shows all)"


def test_row_shorter_than_the_header_is_laid_out() -> None:
    text = table([["skynet", "failed: timed out"]], HEADER, "simple", width=10, least_important=["Switches"])

    assert "failed: timed out" in text


@given(st.lists(st.lists(any_text, min_size=4, max_size=4), max_size=3), st.integers(0, 60))
def test_narrow_table_keeps_its_rows_and_first_column(rows: list[list[str]], width: int) -> None:
    whole = table(rows, HEADER, "simple")
    found = table(rows, HEADER, "simple", width=width, least_important=["Switches", "Faults", "Time"])
    body, _, said = found.partition("\n(too narrow for: ")

    # A text of this length is not folded.
    assert len(body.split("\n")) == len(whole.split("\n"))
    assert found.startswith("Program")
    assert fits(whole, width) == (found == whole)
    assert not said or not fits(whole, width)
