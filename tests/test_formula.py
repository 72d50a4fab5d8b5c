import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.formula import FormulaError, parse_formula

_PARAMETERS = {"leaves": 1000, "workers": 7, "zero": 0, "debt": -13}


def _joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Join expressions with and without parentheses, so that precedence counts."""
    operators = st.sampled_from(("+", "-", "*", "//", "%"))
    return st.one_of(
        st.builds("{} {} {}".format, parts, operators, parts),
        parts.map("({})".format),
        parts.map("-{}".format),
    )


_atoms = st.integers(min_value=0, max_value=10**20).map(str) | st.sampled_from(tuple(_PARAMETERS))
_powers = st.builds("{} ** {}".format, _atoms, st.integers(min_value=0, max_value=6))
expressions = st.recursive(_atoms | _powers, _joined, max_leaves=10)


@given(expressions)
def test_a_formula_has_the_value_that_python_gives_it(text: str) -> None:
    try:
        expected = eval(text, {"__builtins__": {}}, dict(_PARAMETERS))  # noqa: S307 - it is what must be agreed with
    except ZeroDivisionError:
        with pytest.raises(FormulaError, match="division by zero"):
            parse_formula(text).value(_PARAMETERS)
    else:
        assert parse_formula(text).value(_PARAMETERS) == expected


@given(expressions)
def test_a_formula_knows_the_names_that_it_uses(text: str) -> None:
    formula = parse_formula(text)
    assert formula.names == {name for name in _PARAMETERS if name in text}
    assert formula.text == text


@pytest.mark.parametrize(
    "text",
    [
        "abs(1)",
        "__import__('os')",
        "leaves.real",
        "leaves[0]",
        "leaves / 2",
        "leaves << 2",
        "leaves | 1",
        "leaves @ 2",
        "leaves < 2",
        "leaves and 2",
        "not leaves",
        "~leaves",
        "+leaves",
        "1 if leaves else 2",
        "(leaves := 2)",
        "lambda: 1",
        "[1]",
        "1, 2",
        "{}",
        "f'{leaves}'",
        "(yield)",
    ],
)
def test_anything_but_arithmetic_is_refused_when_it_is_read(text: str) -> None:
    with pytest.raises(FormulaError, match=r"expected only integers|expected max|not an integer"):
        parse_formula(text)


@pytest.mark.parametrize("text", ["1.5", "1e6", "1j", "'1'", "b'1'", "True", "None", "...", "leaves + 0.5"])
def test_a_constant_that_is_no_integer_is_refused_when_it_is_read(text: str) -> None:
    with pytest.raises(FormulaError, match="which is not an integer"):
        parse_formula(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 +",
        "(1",
        "1 2",
        "leaves = 2",
        "import os",
        "1\x00",
        "9" * 5_000,
        "(" * 5_000,
        "-" * 9_000 + "1",
        "2 ** " * 9_000 + "2",
    ],
)
def test_what_is_no_expression_is_refused_when_it_is_read(text: str) -> None:
    with pytest.raises(FormulaError, match="is not an expression"):
        parse_formula(text)


def test_an_unknown_name_is_refused_with_those_that_there_are() -> None:
    formula = parse_formula("leafs + 1")
    with pytest.raises(FormulaError, match="unknown parameter 'leafs'; available: leaves, workers"):
        formula.value({"leaves": 1, "workers": 2})
    with pytest.raises(FormulaError, match="unknown parameter 'leafs'; available: none"):
        formula.value({})


@pytest.mark.parametrize("text", ["1 // 0", "1 % zero", "workers // (leaves - 1000)"])
def test_a_division_by_zero_is_refused(text: str) -> None:
    with pytest.raises(FormulaError, match="division by zero"):
        parse_formula(text).value(_PARAMETERS)


@pytest.mark.parametrize("text", ["2 ** 65", "1 ** 65", "2 ** -1", "2 ** debt", "9 ** 9 ** 9", "leaves ** leaves"])
def test_an_exponent_that_makes_no_sensible_integer_is_refused(text: str) -> None:
    with pytest.raises(FormulaError, match="is not between 0 and 64"):
        parse_formula(text).value(_PARAMETERS)


def test_the_largest_exponent_is_taken() -> None:
    assert parse_formula("2 ** 64").value({}) == 1 << 64


def test_a_power_may_have_4096_bits_and_no_more() -> None:
    assert parse_formula("(2 ** 63) ** 64").value({}) == 1 << 63 * 64
    with pytest.raises(FormulaError, match="too large"):
        parse_formula("(2 ** 64) ** 64").value({})


def test_a_power_of_powers_is_refused_before_it_fills_the_memory() -> None:
    with pytest.raises(FormulaError, match="too large"):
        parse_formula("((((2 ** 64) ** 64) ** 64) ** 64) ** 64").value({})


@pytest.mark.parametrize("terms", [10, 900, 2_500, 20_000])
def test_a_sum_is_added_up_or_refused_however_long_it_is(terms: int) -> None:
    text = " + ".join(["1"] * terms)
    try:
        assert parse_formula(text).value({}) == terms
    except FormulaError:
        assert terms > 900


def test_max_and_min_take_expressions() -> None:
    formula = parse_formula("max(100, 2 * live) + min(live, 3, 2)")

    assert formula.names == {"live"}
    assert [formula.value({"live": live}) for live in (1, 1_000)] == [101, 2_002]


@pytest.mark.parametrize("text", ["abs(1)", "max()", "max(1, key=2)", "max", "(1).max(2)"])
def test_other_calls_are_refused(text: str) -> None:
    with pytest.raises(FormulaError):
        parse_formula(text).value({})
