from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.errors import UsageError
from seqbench.toolchain.compiler_spec import Binary, Checkout, Published, RuntimeBuild, parse_spec


@pytest.mark.parametrize(
    ("text", "source", "runtime"),
    [
        ("7.7.5", Published(version="7.7.5"), RuntimeBuild.OPTIMISED),
        (" 0.13.0-rc.1 ", Published(version="0.13.0-rc.1"), RuntimeBuild.OPTIMISED),
        ("7.7.5+local", Published(version="7.7.5+local"), RuntimeBuild.OPTIMISED),
        ("checkout:../seq", Checkout(directory=Path("../seq")), RuntimeBuild.OPTIMISED),
        ("./seqc", Binary(path=Path("seqc")), RuntimeBuild.UNKNOWN),
        ("/opt/7.7/seqc", Binary(path=Path("/opt/7.7/seqc")), RuntimeBuild.UNKNOWN),
        ("seqc-7.7.5", Binary(path=Path("seqc-7.7.5")), RuntimeBuild.UNKNOWN),
    ],
)
def test_a_compiler_alone_is_a_spec(text: str, source: Published | Binary | Checkout, runtime: RuntimeBuild) -> None:
    spec = parse_spec(text)
    assert (spec.source, spec.runtime, spec.diagnostics) == (source, runtime, True)
    assert (spec.flags, spec.settings, spec.text) == ((), (), text)


def test_settings_stand_after_commas() -> None:
    spec = parse_spec("7.7.5, runtime=cargo-install, diagnostics=on, --loop-opt, --x=1, SEQ_B=2, SEQ_A=a=b, SEQ_C=")
    assert spec.runtime is RuntimeBuild.CARGO_INSTALL
    assert spec.diagnostics
    assert spec.flags == ("--loop-opt", "--x=1")
    assert spec.settings == (("SEQ_A", "a=b"), ("SEQ_B", "2"), ("SEQ_C", ""))


@pytest.mark.parametrize("source", ["7.7.5", "checkout:seq"])
def test_a_compiler_that_is_built_here_can_leave_the_diagnostics_out(source: str) -> None:
    assert not parse_spec(f"{source},diagnostics=off").diagnostics


@given(
    flags=st.lists(
        st.from_regex(r"--[a-z][a-z-]{0,6}(=[a-z-]{1,3})?", fullmatch=True),
        max_size=3,
        unique_by=lambda flag: flag.partition("=")[0],
    ),
    settings=st.dictionaries(
        st.from_regex(r"[A-Z][A-Z0-9_]{0,6}", fullmatch=True), st.text("ab=/.:- ", max_size=6).map(str.strip)
    ),
)
def test_flags_keep_their_order_and_settings_have_one_of_their_own(flags: list[str], settings: dict[str, str]) -> None:
    there = [*flags, *(f"{key}={value}" for key, value in settings.items())]
    back = [*(f"{key}={value}" for key, value in reversed(settings.items())), *flags]
    for parts in (there, back):
        spec = parse_spec(",".join(["7.7.5", *parts]))
        assert spec.flags == tuple(flags)
        assert spec.settings == tuple(sorted(settings.items()))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "does not name a compiler"),
        (" ,SEQ_A=1", "does not name a compiler"),
        ("checkout:", "does not name a compiler"),
        ("7", "'7' is not a complete version: expected three numbers"),
        ("7.7,SEQ_A=1", "'7.7' is not a complete version: expected three numbers"),
        ("7.7.5,", "a setting is empty, expected NAME=VALUE"),
        ("7.7.5,fast", "unknown setting 'fast'"),
        ("7.7.5,--", "unknown setting '--'"),
        ("7.7.5,SEQ_A", "SEQ_A has no value, expected SEQ_A=VALUE"),
        ("7.7.5,SEQ_A=1,SEQ_A=2", "SEQ_A is given twice, as '1' and '2'"),
        ("7.7.5,--loop-opt,--loop-opt", "--loop-opt is given twice"),
        ("7.7.5,diagnostics=on,diagnostics=off", "diagnostics is given twice, as 'on' and 'off'"),
        ("7.7.5,--loop-yield-cadence=", "--loop-yield-cadence has an empty value"),
        ("7.7.5,=1", "unknown setting '=1'"),
        ("7.7.5,runtime=unknown", "runtime is 'unknown', expected optimised or cargo-install"),
        ("7.7.5,runtime=fast", "runtime is 'fast', expected optimised or cargo-install"),
        ("7.7.5,diagnostics=maybe", "diagnostics is 'maybe', expected on or off"),
        ("checkout:seq,runtime=cargo-install", "runtime=cargo-install is only possible with a version"),
        ("./seqc,runtime=optimised", "runtime=optimised is only possible with a version"),
        ("./seqc,diagnostics=off", "diagnostics=off cannot be set for a compiler that is already built"),
        (
            "7.7.5,runtime=cargo-install,diagnostics=off",
            "runtime=cargo-install cannot be combined with diagnostics=off",
        ),
        (
            "7.7.5,diagnostics=off,runtime=cargo-install",
            "runtime=cargo-install cannot be combined with diagnostics=off",
        ),
    ],
)
def test_a_spec_that_makes_no_sense_is_refused_with_its_text_and_a_mend(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_spec(text)
    assert message in caught.value.message
    assert repr(text) in caught.value.message
    assert caught.value.fix
