import pytest

from seqbench.errors import UsageError
from seqbench.runtimes.registry import RUNTIMES, shipped
from seqbench.runtimes.settings import (
    environment_warnings,
    override_warnings,
    require_valid,
    spec_warnings,
    without_effect,
)
from seqbench.toolchain.compiler_spec import BUILD_FLAGS, parse_spec
from tests.support.world import REPOSITORY

_SEQ = shipped("seq")


def test_defaults_and_levels_are_valid_values() -> None:
    for setting in (*BUILD_FLAGS, *(each for runtime in RUNTIMES for each in runtime.known_settings)):
        assert setting.meaning
        assert [value for value in (setting.default, *setting.levels) if value and not setting.is_valid(value)] == []


def test_known_settings_are_handed_on_and_documented() -> None:
    pages = "".join((REPOSITORY / name).read_text() for name in ("docs/CONFIGURATION.md", "docs/BENCHMARKS.md"))
    for runtime in RUNTIMES:
        for setting in runtime.known_settings:
            assert runtime.run.reads(setting.name)
            assert f"`{setting.name}`" in pages


@pytest.mark.parametrize(
    ("part", "message", "hint"),
    [
        ("SEQ_POOL_CAPCITY=20", "unknown setting 'SEQ_POOL_CAPCITY'", "did you mean 'SEQ_POOL_CAPACITY'?"),
        ("seq_pool_capacity=20", "unknown setting 'seq_pool_capacity'", "did you mean 'SEQ_POOL_CAPACITY'?"),
        ("LOOP=1", "unknown setting 'LOOP'", "did you mean '--loop-opt'?"),
        ("--loop-op", "unknown setting '--loop-op'", "did you mean '--loop-opt'?"),
        ("GOMAXPROC=1", "unknown setting 'GOMAXPROC'", "did you mean 'GOMAXPROCS'?"),
        ("XYZZY=1", "unknown setting 'XYZZY'", "remove it, or add --allow-unknown-settings"),
    ],
)
def test_an_unknown_setting_is_refused_with_similar_names(part: str, message: str, hint: str) -> None:
    spec = parse_spec(f"7.7.5,{part}")
    with pytest.raises(UsageError) as caught:
        require_valid(spec, allow_unknown=False)
    assert message in caught.value.message
    assert hint in caught.value.fix
    require_valid(spec, allow_unknown=True)
    assert message.replace("'", "") in spec_warnings(spec)[0]


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("SEQ_POOL_CAPACITY=abc", "a whole number in digits (stacks), 1 or more"),
        ("SEQ_POOL_CAPACITY=-1", "a whole number"),
        ("SEQ_POOL_CAPACITY=0", "1 or more"),
        ("SEQ_POOL_CAPACITY=", "a whole number"),
        ("SEQ_POOL_CAPACITY=20k", "a whole number"),
        ("SEQ_POOL_CAPACITY=18446744073709551616", "below 2^64"),
        ("SEQ_STACK_SIZE=1MiB", "words of 8 bytes"),
        ("SEQ_REPORT=jsn", "0, 1, words, json or json:PATH"),
        ("SEQ_WATCHDOG_ACTION=kill", "warn or exit"),
        ("SEQ_DNS_WORKERS=65", "at most 64"),
        ("GOMEMLIMIT=5MB", "512MiB"),
        ("GOGC=-1", "or off"),
        ("TOKIO_WORKER_THREADS=0", "1 or more"),
        ("--loop-yield-cadence=1000", "a power of 2"),
        ("--loop-opt=yes", "no value"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_even_when_unknown_names_are_allowed(part: str, expected: str) -> None:
    name, _, value = part.partition("=")
    with pytest.raises(UsageError) as caught:
        require_valid(parse_spec(f"7.7.5,{part}"), allow_unknown=True)
    assert f"{name} is {value!r}, expected " in caught.value.message
    assert expected in caught.value.message
    assert f"remove {name}" in caught.value.fix


def test_flags_that_need_another_one_are_warned_of() -> None:
    (warning,) = spec_warnings(parse_spec("7.7.5,--loop-yield-cadence=512"))
    assert "--loop-yield-cadence has no effect without --loop-opt" in warning
    assert spec_warnings(parse_spec("7.7.5,--loop-opt,--loop-yield-cadence=512")) == ()


def test_environment_is_warned_of_unknown_invalid_and_mistyped_names() -> None:
    environment = {
        "SEQ_POOL_CAPCITY": "20",
        "SEQ_STACK_SIZE": "1MiB",
        "SEQ_REPORT": "json",
        "GOGC": "50",
        "GOPATH": "/go",
        "PATH": "/bin",
        "SEQBENCH_CACHE": "/c",
        "SEQC": "7.7.5",
    }
    found = "\n".join(environment_warnings(environment, _SEQ))
    assert found.count("in the environment: ") == 3
    assert "unknown setting SEQ_POOL_CAPCITY=20" in found
    assert "did you mean SEQ_POOL_CAPACITY?" in found
    assert "SEQ_STACK_SIZE is '1MiB', expected a whole number" in found
    assert "GOGC=50 is not passed on: it is no setting of Seq" in found
    assert environment_warnings({"GOMAXPROC": "2"}, shipped()) == (
        "in the environment: GOMAXPROC=2 is not passed on; did you mean GOMAXPROCS?",
    )
    assert environment_warnings({"GOGC": "50", "SEQ_REPORT": "1"}, shipped()) == ()


def test_a_spec_that_overrides_the_environment_is_warned_of() -> None:
    spec = parse_spec("7.7.5,SEQ_POOL_CAPACITY=20")
    (warning,) = override_warnings(spec, {"SEQ_POOL_CAPACITY": "30"})
    assert "SEQ_POOL_CAPACITY is 20 by the SPEC 7.7.5,SEQ_POOL_CAPACITY=20, not 30 as in the environment" in warning
    assert override_warnings(spec, {"SEQ_POOL_CAPACITY": "20"}) == override_warnings(spec, {}) == ()


def test_settings_without_effect_have_a_reason() -> None:
    settings = {"SEQ_POOL_CAPACITY": "10000", "SEQ_STACK_SIZE": "1", "SEQ_WATCHDOG_ACTION": "exit", "GOGC": "50"}
    assert without_effect(settings, _SEQ, ("GOGC",)) == (
        ("GOGC", "no program reads it"),
        ("SEQ_POOL_CAPACITY", "this is the default"),
        ("SEQ_WATCHDOG_ACTION", "it works only with SEQ_WATCHDOG_SECS"),
    )
    assert without_effect({"SEQ_WATCHDOG_ACTION": "exit", "SEQ_WATCHDOG_SECS": "9"}, _SEQ, ()) == ()
