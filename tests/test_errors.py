import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.errors import filled


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("{invoke} bench", "seqbench bench"),
        ("`{invoke} gate`, or `{invoke} bench-skynet`", "`seqbench gate`, or `seqbench bench-skynet`"),
        ("'invoke bench' failed: invoke export", "'invoke bench' failed: invoke export"),
        ("{} and {path} stay", "{} and {path} stay"),
    ],
)
def test_filled_replaces_the_placeholder_alone(message: str, shown: str) -> None:
    assert filled(message, "seqbench") == shown


@given(st.text())
def test_filled_leaves_text_of_users_as_it_is(text: str) -> None:
    assert filled(text) == text.replace("{invoke}", "invoke")
