import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.toolchain.settings import Kind, Setting, did_you_mean, near_names


def _a_setting(kind: Kind, *words: str) -> Setting:
    return Setting(name="X", kind=kind, meaning="what it does", least=2, most=10, words=words)


@pytest.mark.parametrize(
    ("setting", "valid", "invalid"),
    [
        (
            _a_setting(Kind.COUNT),
            ("2", "10"),
            ("1", "11", "-2", "", " 2", "02", "2k", "2.0", "2e0", "²", "+2", "9" * 99),
        ),
        (_a_setting(Kind.COUNT, "off"), ("2", "off"), ("of", "OFF", "")),
        (
            _a_setting(Kind.BYTES, "off"),
            ("0", "5B", "512MiB", "1TiB", "off"),
            ("", "5MB", "5 MiB", "-1", "9999999999TiB"),
        ),
        (_a_setting(Kind.CHOICE, "0", "json", "json:"), ("0", "json", "json:x.json"), ("", "1", "jso", "json:")),
        (_a_setting(Kind.FLAG), ("",), ("1", "on")),
        (_a_setting(Kind.PAIRS), ("a=1", "a=1,b=c"), ("", "a", "a=", "=1", "a=1,")),
        (_a_setting(Kind.TEXT), ("x", "a b"), ("", " ")),
    ],
)
def test_values_are_valid_by_their_kind(setting: Setting, valid: tuple[str, ...], invalid: tuple[str, ...]) -> None:
    assert [value for value in (*valid, *invalid) if setting.is_valid(value)] == list(valid)
    assert setting.expected()


@given(st.integers(0, 1 << 70))
def test_power_and_range_of_a_count(number: int) -> None:
    setting = Setting(name="X", kind=Kind.COUNT, power_of=2, meaning="")
    assert setting.is_valid(str(number)) == (0 < number < 1 << 64 and number.bit_count() == 1)


def test_near_names_ignore_case_and_dashes() -> None:
    assert near_names("seq_pool_capacity", ("SEQ_POOL_CAPACITY", "GOGC")) == ("SEQ_POOL_CAPACITY",)
    assert near_names("loop_opt", ("--loop-opt", "--keep-ir")) == ("--loop-opt",)
    assert near_names("zzz", ("--loop-opt",)) == ()
    assert did_you_mean("LOOP", ("--loop-opt",)) == "did you mean '--loop-opt'? Or "
    assert did_you_mean("zzz", ("--loop-opt",)) == ""
