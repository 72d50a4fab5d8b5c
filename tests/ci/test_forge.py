from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.ci import forge
from seqbench.ci.annotations import Annotation, Cause
from seqbench.ci.forge import cache_key, cut, output_text, parse_fail_on, read_runner, summary
from seqbench.errors import UsageError
from seqbench.text import printable
from tests.support.forge import outputs_in
from tests.support.strategies import any_text

RUNNER = {"GITHUB_WORKSPACE": "/work", "GITHUB_OUTPUT": "/temp/output", "GITHUB_STEP_SUMMARY": "/temp/summary"}
RUN = {
    "GITHUB_SERVER_URL": "https://forge.example",
    "GITHUB_REPOSITORY": "owner/project",
    "GITHUB_RUN_ID": "4711",
    "GITHUB_RUN_NUMBER": "12",
    "GITHUB_SHA": "0123456789abcdef" * 2 + "01234567",
}


@pytest.mark.parametrize(
    ("text", "causes"),
    [
        ("", (Cause.FAILED, Cause.SLOWER)),
        (None, (Cause.FAILED, Cause.SLOWER)),
        ("never", ()),
        ("never,never", ()),
        ("stale", (Cause.STALE,)),
        ("stale, failed", (Cause.FAILED, Cause.STALE)),
        ("inconclusive\nslower\n", (Cause.SLOWER, Cause.INCONCLUSIVE)),
        ("failed,slower,inconclusive,stale,failed", tuple(Cause)),
    ],
)
def test_fail_on_is_a_list_of_causes_or_never(text: str | None, causes: tuple[Cause, ...]) -> None:
    assert parse_fail_on(text) == causes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("slower,fialed", "fail-on: no cause named 'fialed'"),
        ("$(touch broken)", "fail-on: no cause named '$(touch'"),
        ("never,slower", "fail-on never, slower: never cannot be combined"),
    ],
)
def test_fail_on_that_makes_no_sense_is_named_with_what_would(text: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_fail_on(text)
    assert error.value.message.startswith(said)
    assert error.value.fix


def test_runner_is_found_by_its_variables_and_each_that_is_missing_is_named() -> None:
    assert read_runner(RUNNER).output == Path("/temp/output")
    for name in RUNNER:
        with pytest.raises(UsageError, match=f"{name} is not set") as error:
            read_runner(RUNNER | {name: ""})
        assert "{invoke} bench" in error.value.fix


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
def test_outputs_are_read_as_they_were_given(values: dict[str, str]) -> None:
    text = "".join(output_text(name, value, f"end-of-{name}") for name, value in values.items())
    assert outputs_in(text) == {name: printable(value) for name, value in values.items()}


def test_no_value_can_end_early_or_bring_an_output_of_its_own() -> None:
    value = "7.7.5\nend-of-value\nverdict=passed"
    assert outputs_in(output_text("summary", value, "drawn")) == {"summary": value}
    with pytest.raises(ValueError, match="summary"):
        output_text("summary", value, "end-of-value")


def test_summary_has_verdict_findings_table_and_comparison_and_no_text_in_it_is_markup() -> None:
    nasty = Annotation(cause=Cause.FAILED, title="<img src=x>\n# A", message="one\n\n<b>two</b> " + "x" * 999)
    text = summary("failed,stale", [nasty], "| a |\n|---|\n", "```\ngate: fail")

    lines = text.split("\n")
    assert lines[0] == "### seqbench: failed, stale"
    assert lines[2].startswith(r"- **\<img src=x> # A**: one \<b>two\</b> ")
    assert len(lines[2]) < 500
    assert "| a |" in lines
    assert text.endswith("`````text\n```\ngate: fail\n`````\n")
    assert summary("passed", [], "| a |", "") == "### seqbench: passed\n\n| a |\n"


@pytest.mark.parametrize(
    "words", ["@owner", "![](http://evil/x.png)", "[a](http://evil)", "[a][b]", "[a]: http://evil"]
)
def test_names_of_benchmarks_notify_nobody_and_load_nothing(words: str) -> None:
    nasty = Annotation(cause=Cause.FAILED, title=words, message=words)
    assert words not in summary("failed", [nasty], f"| {words} |", "")


def test_text_that_is_too_long_is_cut_between_lines_with_its_code_block_closed() -> None:
    long = "# head\n\n````text\n" + "".join(f"line {number}\n```\n" for number in range(1000)) + "````\n"
    assert cut(long, len(long.encode())) == long
    for limit in (400, 1000, 5000):
        text = cut(long, limit)
        assert len(text.encode()) <= limit
        lines = text.splitlines()
        assert lines.count("````text") == lines.count("````") == 1
        assert lines[-1].startswith("Cut at ")
        assert lines[-1].endswith("report.html has all.")
        assert set(lines[3:-3]) <= set(long.splitlines())
    assert cut(long, 10) == ""
    assert len(cut("ä" * 5000, 1000).encode()) <= 1000


def test_comment_begins_with_its_marker_and_names_commit_and_run() -> None:
    marker = forge.comment_marker(RUN, "bench")
    text = forge.comment("### seqbench: passed\n", marker, RUN)
    assert text.startswith(f"{marker}\n### seqbench: passed\n")
    assert "Commit 0123456789ab" in text
    assert "https://forge.example/owner/project/actions/runs/4711" in text
    assert "/actions/runs/12)" in forge.comment("x", marker, RUN | {"FORGEJO_ACTIONS": "true"})
    assert forge.comment("x", marker, {"GITHUB_SERVER_URL": "x](y)", "GITHUB_REPOSITORY": "@"}) == f"{marker}\nx"
    assert len(forge.comment("line\n" * 100_000, marker, RUN)) <= 65_536


def test_each_use_of_the_action_has_a_marker_of_its_own() -> None:
    uses = [
        forge.comment_marker({}, "a"),
        forge.comment_marker({}, "b"),
        forge.comment_marker({"GITHUB_JOB": "a"}, ""),
        forge.comment_marker({"GITHUB_WORKFLOW": "--> <script> \udcff"}, "a"),
    ]
    assert len(set(uses)) == 4
    assert all(use.startswith("<!-- seqbench ") and use.endswith(" -->") and len(use) < 50 for use in uses)
