import pytest

from seqbench.toolchain.needs import ToolNeed, version_numbers, version_problem


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("1.21rc2", (1, 21)), ("3.0", (3,)), ("25", (25,)), ("", ()), ("v1", ()), ("1.26.8", (1, 26, 8))],
)
def test_numbers_of_a_version(text: str, numbers: tuple[int, ...]) -> None:
    assert version_numbers(text) == numbers


def test_a_version_at_the_bound_fits_at_least_and_not_below() -> None:
    need = ToolNeed(name="go", key="go", places=("path:go",), at_least="1.22", below="2")
    assert [bool(version_problem(need, version)) for version in ("1.21.13", "1.22", "1.100", "2.0", "2.1")] == [
        True, False, False, True, True,
    ]  # fmt: skip
