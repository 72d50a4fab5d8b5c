import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from seqbench.ci.annotations import Annotation, Cause
from seqbench.ci.github import Inputs, cache_key, output_text, read_inputs, read_runner, summary
from seqbench.errors import UsageError
from tests.support.runner import DEFAULTS, outputs_in
from tests.support.strategies import any_text

RUNNER = {
    "GITHUB_WORKSPACE": "/work",
    "RUNNER_TEMP": "/temp",
    "GITHUB_OUTPUT": "/temp/output",
    "GITHUB_STEP_SUMMARY": "/temp/summary",
}


def read(**given: str) -> Inputs:
    typed = {name.replace("_", "-"): text for name, text in given.items()}
    return read_inputs({"INPUTS": json.dumps(DEFAULTS | typed)})


def test_the_defaults_of_the_action_leave_everything_open_and_fail_on_what_is_sure() -> None:
    found = read()
    assert found.fail_on == (Cause.FAILED, Cause.SLOWER)
    assert (found.compare_to, found.compare_budget, found.raise_limits) == (None, None, False)
    flags = found.flags
    assert {flags.seqc, flags.only, flags.size, flags.budget, flags.runs, flags.seed} == {None}


def test_what_is_given_is_read_without_the_white_space_around_it() -> None:
    found = read(
        seqc=" checkout:.\n", only="alpha", size="quick", budget="10s", compare_to="7.7.3\n", raise_limits="true"
    )
    flags = found.flags
    assert (flags.seqc, flags.only, flags.size, flags.budget) == ("checkout:.", "alpha", "quick", "10s")
    assert found.compare_to is not None
    assert found.compare_to.text == "7.7.3"
    assert found.raise_limits


@pytest.mark.parametrize(
    ("text", "causes"),
    [
        ("", (Cause.FAILED, Cause.SLOWER)),
        (" \n", (Cause.FAILED, Cause.SLOWER)),
        ("never", ()),
        ("never,never", ()),
        ("stale", (Cause.STALE,)),
        ("stale, failed", (Cause.FAILED, Cause.STALE)),
        ("inconclusive\nslower\n", (Cause.SLOWER, Cause.INCONCLUSIVE)),
        ("failed,slower,inconclusive,stale,failed", tuple(Cause)),
    ],
)
def test_fail_on_is_a_list_of_causes_or_never(text: str, causes: tuple[Cause, ...]) -> None:
    assert read(fail_on=text).fail_on == causes


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"fail_on": "slower,fialed"}, "fail-on: no cause named 'fialed'"),
        ({"fail_on": "$(touch broken)"}, "fail-on: no cause named '$(touch'"),
        ({"fail_on": "never,slower"}, "fail-on never, slower: never cannot be combined"),
        ({"compare_to": "7.7"}, "compare-to: '7.7': '7.7' is not a complete version"),
        ({"compare_to": "7.7.3,nonsense"}, "compare-to: '7.7.3,nonsense': unknown setting 'nonsense'"),
        ({"raise_limits": "yes"}, "raise-limits: 'yes' is not valid, expected true or false"),
        ({"nonsense": "1"}, "INPUTS: Object contains unknown field `nonsense`"),
    ],
)
def test_an_input_that_makes_no_sense_is_named_with_what_would(given: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError) as error:
        read(**given)
    assert error.value.message.startswith(said)
    assert error.value.fix


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "{}", '{"seqc": 7}', '"\\ud800"'])
def test_inputs_that_are_not_those_of_the_action_are_an_error(text: str) -> None:
    with pytest.raises(UsageError, match="INPUTS"):
        read_inputs({"INPUTS": text})


def test_the_runner_is_found_by_its_variables_and_each_that_is_missing_is_named() -> None:
    assert read_runner(RUNNER).output == Path("/temp/output")
    for name in RUNNER:
        with pytest.raises(UsageError, match=f"{name} is not set") as error:
            read_runner(RUNNER | {name: ""})
        assert "{invoke} bench" in error.value.fix
    with pytest.raises(UsageError, match="INPUTS is not set"):
        read_inputs(RUNNER)


def test_cache_key_changes_only_with_what_decides_its_content() -> None:
    system = {"RUNNER_OS": "Linux", "RUNNER_ARCH": "X64", "ImageOS": "ubuntu24"}
    key = cache_key(system, b"recipe", ["7.7.5", "7.7.3"])

    assert key.startswith("seqbench-Linux-X64-ubuntu24-")
    assert key == cache_key(system | {"GITHUB_SHA": "1"}, b"recipe", ["7.7.5", "7.7.3"])
    others = [
        cache_key(system | {"ImageOS": "ubuntu26"}, b"recipe", ["7.7.5", "7.7.3"]),
        cache_key(system, b"another", ["7.7.5", "7.7.3"]),
        cache_key(system, b"recipe", ["7.7.5"]),
        cache_key(system, b"recipe", ["7.7.3", "7.7.5"]),
        cache_key(system, b"recipe", ["7.7.57.7.3"]),
    ]
    assert len({key, *others}) == 6
    # A runner of one's own has no image, and a SPEC may hold what no key may.
    assert cache_key({"RUNNER_OS": "Linux"}, b"", ["a,b\n\udcff"]).replace("-", "").isalnum()


@given(st.dictionaries(st.sampled_from(("verdict", "session", "summary")), any_text))
def test_the_runner_reads_outputs_as_they_were_given(values: dict[str, str]) -> None:
    assume(all("\udcff" not in value for value in values.values()))
    text = "".join(output_text(name, value, f"end-of-{name}") for name, value in values.items())
    assert dict(outputs_in(text)) == values


def test_no_value_can_end_early_or_bring_an_output_of_its_own() -> None:
    value = "7.7.5\nend-of-value\nverdict=passed"
    assert dict(outputs_in(output_text("summary", value, "drawn"))) == {"summary": value}
    with pytest.raises(ValueError, match="summary"):
        output_text("summary", value, "end-of-value")


def test_the_summary_has_verdict_findings_table_and_comparison_and_no_text_in_it_is_markup() -> None:
    nasty = Annotation(cause=Cause.FAILED, title="<img src=x>\n# A", message="one\n\n<b>two</b> " + "x" * 999)
    text = summary("failed,stale", [nasty], "| a |\n|---|\n", "```\ngate: fail")

    lines = text.split("\n")
    assert lines[0] == "### seqbench: failed, stale"
    assert lines[2].startswith(r"- **\<img src=x> # A**: one \<b>two\</b> ")
    assert len(lines[2]) < 500
    assert "| a |" in lines
    assert text.endswith("`````text\n```\ngate: fail\n`````\n")
    assert summary("passed", [], "| a |", "") == "### seqbench: passed\n\n| a |\n"
