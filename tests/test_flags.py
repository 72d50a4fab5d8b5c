from dataclasses import fields
from datetime import timedelta
from math import inf
from pathlib import Path
from typing import Any

import pytest

from seqbench.bench.request import Request
from seqbench.config import Config
from seqbench.errors import UsageError
from seqbench.flags import Flags, make_comparison_request, make_request, make_selection
from seqbench.publish.history.series import Selection
from seqbench.suite.size_request import SizeName, SizeRequest
from seqbench.system.facts import Target
from seqbench.toolchain.compiler_spec import Published, parse_spec
from tests.support.strategies import NOON

_PROJECT = Path("/project")
_CACHE = {"SEQBENCH_CACHE": "/cache"}


def _request(
    flags: Flags | None = None, config: Config | None = None, environment: dict[str, str] | None = None
) -> Request:
    return make_request(flags or Flags(), config or Config(), _PROJECT, {**_CACHE, **(environment or {})})


def _refused(flags: Flags) -> UsageError:
    with pytest.raises(UsageError) as caught:
        _request(flags)
    assert caught.value.fix
    return caught.value


def test_without_flags_all_is_asked_for_and_the_rest_is_the_projects() -> None:
    request = _request(config=Config(seqc="1.2.3", suite="other", budget="10m"))
    assert (request.only, request.runtimes) == ((), ())
    assert (request.runs, request.timeout_s, request.budget_s) == (None, None, 600)
    assert request.size == SizeRequest(name=SizeName.FULL, strict=False)
    assert request.suite_folder == Path("/project/other")
    assert request.is_default_suite
    assert request.spec.source == Published(version="1.2.3")
    assert request.cache == Path("/cache")


def test_every_flag_overrides_what_it_names() -> None:
    flags = Flags(
        only="skynet, fanout",
        runtimes="go",
        size="1_000",
        runs="1_0",
        timeout="500ms",
        seqc="./seqc",
        target_cpu="native",
        suite="/elsewhere",
        suite_file="/other/suite.toml",
        reference="go",
        values="n=1",
        pattern="x",
        metric="time",
        fixed=True,
        seed="7",
    )
    budget = {"budget", "usual_budget"}
    assert all(getattr(flags, field.name) is not None for field in fields(flags) if field.name not in budget)
    request = _request(flags, environment={"SEQC": "1.2.3"})
    assert (request.only, request.runtimes) == (("skynet", "fanout"), ("go",))
    assert request.size == SizeRequest(number=1_000, strict=True)
    assert (request.runs, request.timeout_s, request.seed) == (10, 0.5, 7)
    assert request.spec == parse_spec("./seqc")
    assert request.target_cpu.choice is Target.NATIVE
    assert request.suite_folder == Path("/elsewhere")
    assert not request.is_default_suite


def test_budget_is_that_of_the_flag_then_the_task_then_the_project_and_is_kept() -> None:
    project = Config(budget="7m")
    for flags, config, budget_s in (
        (Flags(budget="90s", usual_budget="2m"), project, 90),
        (Flags(usual_budget="2m"), project, 120),
        (Flags(), project, 420),
    ):
        request = _request(flags, config)
        assert (request.budget_s, request.keeps_budget, request.limit_s) == (budget_s, True, budget_s)


def test_plain_bench_and_a_number_of_rounds_are_not_limited() -> None:
    assert _request(Flags()).limit_s == inf
    assert not _request(Flags()).keeps_budget
    assert _request(Flags(runs="3", usual_budget="2m")).limit_s == inf
    assert _request(Flags(runs="3"), Config(budget="7m")).limit_s == inf
    assert _request(Flags(usual_budget=""), Config(budget="7m")).limit_s == inf


def test_rounds_and_budget_contradict_each_other() -> None:
    error = _refused(Flags(runs="3", budget="20s"))
    assert error.message.startswith("--runs 3 and --budget 20s contradict each other")
    assert error.fix == "remove one of them"


def test_the_compiler_is_that_of_the_flag_then_the_environment_then_the_project() -> None:
    environment = {"SEQC": "2.0.0"}
    assert _request(Flags(seqc="1.0.0"), environment=environment).spec.text == "1.0.0"
    assert _request(environment=environment).spec.text == "2.0.0"
    assert _request(environment={"SEQC": ""}).spec.text == Config().seqc


def test_the_default_suite_named_by_its_path_is_the_default_suite() -> None:
    assert _request(Flags(suite="/project/benchmarks")).is_default_suite
    assert not _request(Flags(suite="/project/benchmarks/..")).is_default_suite


def test_a_seed_is_drawn_where_none_is_given() -> None:
    assert len({_request().seed for _ in range(20)}) > 1
    assert all(_request().seed >= 0 for _ in range(20))


def _given(flag: str, text: str) -> Flags:
    texts: dict[str, Any] = {flag: text}
    return Flags(**texts)


@pytest.mark.parametrize("text", ["", " ", ",", " , "])
@pytest.mark.parametrize("flag", ["only", "runtimes"])
def test_a_list_of_no_names_is_refused(flag: str, text: str) -> None:
    error = _refused(_given(flag, text))
    assert error.message == f"--{flag} {text!r} contains no name"
    assert f"leave out --{flag}" in error.fix


@pytest.mark.parametrize("text", ["0", "-1", "", "1.5", "many", "1e2", "9" * 5_000])
def test_a_number_of_rounds_that_is_none_is_refused(text: str) -> None:
    error = _refused(Flags(runs=text))
    assert error.message == f"--runs: {text!r} is not a whole number above zero"
    assert error.fix == "use --runs 10, or leave out --runs"


@pytest.mark.parametrize("text", ["0", "0s", "-5m", "", "soon", "10 parsecs", "nan", "inf", "9" * 400])
@pytest.mark.parametrize("flag", ["budget", "timeout"])
def test_a_duration_that_is_none_is_refused(flag: str, text: str) -> None:
    error = _refused(_given(flag, text))
    assert error.message.startswith(f"--{flag}: {text!r} is not a duration above zero")
    assert error.fix == f"use --{flag} 10m, or leave out --{flag}"


@pytest.mark.parametrize("text", ["-1", "", "1.5", "1_000", "seven", "0x7", "²", "9" * 19, "9" * 5_000])
def test_a_seed_that_is_none_is_refused(text: str) -> None:
    error = _refused(Flags(seed=text))
    assert error.message == f"--seed {text!r} is not a whole number of at most 18 digits"
    assert error.fix == "use --seed 1, or leave out --seed for a random one"


@pytest.mark.parametrize("seed", [0, 10**18 - 1])
def test_a_seed_is_a_whole_number_that_fits_a_files_name(seed: int) -> None:
    assert _request(Flags(seed=str(seed))).seed == seed


@pytest.mark.parametrize("text", ["0", "huge", "", "-10"])
def test_a_size_that_there_is_not_is_refused(text: str) -> None:
    assert _refused(Flags(size=text)).message == f"--size {text}: unknown size"


def test_a_compiler_that_makes_no_sense_is_refused() -> None:
    assert "7.7" in _refused(Flags(seqc="7.7")).message


def test_a_comparison_has_two_compilers_and_the_projects_margin() -> None:
    found = make_comparison_request("7.7.3", "checkout:../seq,SEQ_POOL_CAPACITY=1", None, Config(margin="2%"))
    assert found.base == parse_spec("7.7.3")
    assert found.head == parse_spec("checkout:../seq,SEQ_POOL_CAPACITY=1")
    assert found.margin == pytest.approx(0.02)


@pytest.mark.parametrize(("text", "margin"), [("1%", 0.01), ("0.5", 0.005), (" 10 % ", 0.1), ("99%", 0.99)])
def test_a_margin_is_read_as_a_percentage(text: str, margin: float) -> None:
    assert make_comparison_request("7.7.3", "7.7.5", text, Config()).margin == pytest.approx(margin)


@pytest.mark.parametrize("text", ["0", "0%", "-1%", "100%", "1%%", "much", "nan", "inf"])
def test_a_margin_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        make_comparison_request("7.7.3", "7.7.5", text, Config())
    assert caught.value.message.startswith(f"--margin {text!r} is not a percentage")
    assert caught.value.fix == "use --margin 1%"


@pytest.mark.parametrize(
    ("base", "head", "message"),
    [
        (None, "7.7.5", "--base is missing: expected a compiler"),
        ("7.7.3", "", "--head is missing: expected a compiler"),
        ("7.7", "7.7.5", "--base: '7.7': '7.7' is not a complete version"),
        ("7.7.3", "7.7.5,fast", "--head: '7.7.5,fast': unknown setting 'fast'"),
    ],
)
def test_a_side_that_is_missing_or_makes_no_sense_is_named(base: str | None, head: str | None, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        make_comparison_request(base, head, None, Config())
    assert caught.value.message.startswith(message)
    assert caught.value.fix


def test_a_selection_without_flags_is_the_latest_points_of_everything() -> None:
    assert make_selection(None, None, None, None, now=NOON) == Selection()
    assert Selection() == Selection(only=(), runtimes=(), since=None, limit=30)


def test_a_selection_reads_its_flags() -> None:
    assert make_selection("a, b", "go", "1d", "1_000", now=NOON) == Selection(
        only=("a", "b"), runtimes=("go",), since=NOON - timedelta(days=1), limit=1000
    )
    # No database counts further.
    assert make_selection(None, None, None, "9" * 30, now=NOON).limit == (1 << 63) - 1


@pytest.mark.parametrize(
    ("flags", "flag"),
    [
        ((",", None, None, None), "--only"),
        ((None, "", None, None), "--runtime"),
        ((None, None, "soon", None), "--since"),
        ((None, None, "", None), "--since"),
        ((None, None, None, "0"), "--limit"),
        ((None, None, None, "few"), "--limit"),
    ],
)
def test_a_selection_refuses_what_makes_no_sense(flags: tuple[str | None, ...], flag: str) -> None:
    only, runtime, since, limit = flags
    with pytest.raises(UsageError, match=f"^{flag}") as caught:
        make_selection(only, runtime, since, limit, now=NOON)
    assert caught.value.fix


def test_target_cpu_is_the_baseline_unless_a_flag_or_the_configuration_says_native() -> None:
    assert _request().target_cpu.choice is Target.BASELINE
    assert _request(config=Config(target_cpu="native")).target_cpu.choice is Target.NATIVE
    native_by_default = Config(target_cpu="native")
    assert _request(Flags(target_cpu="baseline"), config=native_by_default).target_cpu.choice is Target.BASELINE


def test_unknown_target_cpu_is_refused_with_a_near_name() -> None:
    error = _refused(Flags(target_cpu="nativ"))

    assert error.message == "--target-cpu: no target CPU named 'nativ'"
    assert "did you mean 'native'" in error.fix


def test_unknown_settings_are_allowed_by_flag_or_configuration() -> None:
    spec = "7.7.5,SEQ_NEW=1"
    assert "unknown setting 'SEQ_NEW'" in _refused(Flags(seqc=spec)).message
    assert _request(Flags(seqc=spec, allow_unknown_settings=True)).spec == parse_spec(spec)
    config = Config(allow_unknown_settings=True)
    assert make_request(Flags(seqc=spec), config, Path("/project"), {}).spec == parse_spec(spec)
    assert make_comparison_request(spec, spec, None, config).head == parse_spec(spec)
