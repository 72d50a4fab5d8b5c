"""`forge-prepare` and `forge-report`: what the action does before and after its commands."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from seqbench.ci.forge import COMMENT_LIMIT_BYTES, SUMMARY_LIMIT_BYTES
from seqbench.compare.document import StoredComparison, comparison_to_json
from seqbench.sessions import latest_run, store
from seqbench.sessions.session import BenchmarkResult, Failed, Session, Stage, State
from tests.support.compared import CALM, pair, probe, slowed
from tests.support.forge import Forge, Told, commands_in, forge_api, outputs_in
from tests.support.hostile import HOSTILE, hostile_session
from tests.support.outcomes import assert_fails, assert_no_traceback
from tests.support.strategies import a_program, a_result, a_session, measured
from tests.support.world import Said, World


@pytest.fixture
def forge(world: World) -> World:
    """A world in a step of a workflow, with `alpha` measured: Seq is twice as slow as Go."""
    world.add_right("alpha")
    with (world.project / "pyproject.toml").open("a") as file:
        print("compare-budget = '4s'", file=file)
    world.environment |= {
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(world.project),
        "GITHUB_OUTPUT": str(world.root / "output"),
        "GITHUB_STEP_SUMMARY": str(world.root / "summary.md"),
        "RUNNER_OS": "Linux",
        "SEQBENCH_RESULTS": str(folder(world)),
    }
    folder(world).mkdir()
    keep(world, a_session(result()))
    return world


def result(name: str = "alpha", *, failed: bool = False) -> BenchmarkResult:
    seq = (
        Failed(stage=Stage.BUILD, reason="does not compile", detail="line 3") if failed else measured(8, 8, 8, 8, 8, 8)
    )
    program = a_program(seq)
    return replace(a_result(program, a_program(measured(4, 4, 4, 4, 4, 4), "go")), name=name, title=name.title())


def folder(world: World) -> Path:
    return world.root / "folder"


def keep(world: World, session: Session) -> None:
    store.save(folder(world) / "session.json", session)


def report(world: World, *words: str) -> Said:
    """Judge what is in the folder, in a step of its own."""
    for name in ("output", "summary.md", "commands"):
        (world.root / name).write_text("")
    return world.task("forge-report", "--commands", str(world.root / "commands"), *words)


def prepare(world: World, *words: str) -> Said:
    (world.root / "output").write_text("")
    return world.task("forge-prepare", *words)


def told(world: World) -> list[Told]:
    return commands_in((world.root / "commands").read_text())


def outputs(world: World) -> dict[str, str]:
    return outputs_in((world.root / "output").read_text())


def summary(world: World) -> str:
    return (world.root / "summary.md").read_text()


def test_good_run_leaves_summary_comment_and_outputs_and_nothing_in_the_checkout(forge: World) -> None:
    before = sorted(path.name for path in forge.project.iterdir())
    said = report(forge)

    assert said.code == 0, said.err
    assert "verdict: passed" in said.out
    assert told(forge) == []
    found = outputs(forge)
    assert (found["verdict"], found["comparison"], found["report"]) == ("passed", "", "")
    assert found["session"] == str(folder(forge) / "session.json")
    assert found["summary"] == summary(forge)
    assert summary(forge).startswith("### seqbench: passed\n\n| Benchmark")
    assert Path(found["comment"]).read_text().endswith(summary(forge))
    assert Path(found["comment"]).read_text().startswith("<!-- seqbench ")
    assert sorted(path.name for path in forge.project.iterdir()) == before


def test_failure_is_an_error_at_its_source_and_fails_the_step_when_all_is_written(forge: World) -> None:
    keep(forge, a_session(result(failed=True)))
    said = report(forge)

    assert said.code == 4
    (error,) = told(forge)
    assert error.properties == {"file": "benchmarks/alpha/alpha.seq", "title": "Alpha, Seq: build failed"}
    assert (error.level, error.message) == ("error", "does not compile\nline 3")
    assert outputs(forge)["verdict"] == "failed"
    assert summary(forge).startswith("### seqbench: failed\n\n- **Alpha, Seq: build failed**: does not compile ")
    assert_no_traceback(said)


@pytest.mark.parametrize("fail_on", ["never", "slower,stale"])
def test_what_the_step_does_not_fail_on_is_a_warning(forge: World, fail_on: str) -> None:
    keep(forge, a_session(result(failed=True)))
    forge.record.write_text("no record")
    said = report(forge, f"--fail-on={fail_on}")

    assert said.code == (0 if fail_on == "never" else 1)
    levels = {each.properties["title"]: each.level for each in told(forge)}
    assert levels.pop("Benchmarks are not fresh") == ("warning" if fail_on == "never" else "error")
    assert set(levels.values()) == {"warning"}
    assert outputs(forge)["verdict"] == "failed,stale"


@pytest.mark.whole
def test_record_of_the_project_that_is_stale_is_reported_with_every_reason(forge: World) -> None:
    assert forge.task("bench", "--runs", "2").code == 0
    assert report(forge, "--fail-on=stale").code == 0
    assert outputs(forge)["verdict"] == "passed"

    old = latest_run.parse(forge.record.read_text())
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=25)
    forge.record.write_text(latest_run.render(replace(old, timestamp=moment)))
    forge.add_right("beta")
    said = report(forge)
    assert said.code == 0
    assert outputs(forge)["verdict"] == "stale"
    (warning,) = told(forge)
    assert (warning.level, warning.properties["file"]) == ("warning", "LATEST_RUN.txt")
    for reason in ("25 hours old", "beta was not run", "sources have changed", "fix: invoke bench"):
        assert reason in warning.message
        assert reason in summary(forge) or reason.startswith("fix")
    assert report(forge, "--fail-on=stale").code == 1


def test_without_a_record_nothing_is_stale_unless_the_step_fails_on_it(forge: World) -> None:
    assert report(forge).code == 0
    assert report(forge, "--fail-on=stale").code == 1
    assert "LATEST_RUN.txt is missing" in told(forge)[0].message


def keep_gate(world: World, *, state: State = State.COMPLETE) -> None:
    """Keep a gate in which the second compiler is a fifth slower, and the probe is seen."""
    sessions = tuple(replace(each, state=state) for each in (*pair(slowed(CALM, 1.2)), probe(0.1)))
    compared = StoredComparison(base_spec="7.7.4", head_spec="7.7.5", only=(), margin=0.02, sessions=sessions)
    (folder(world) / "gate-1.json").write_text(comparison_to_json(compared))


def test_comparison_is_judged_by_the_gate_from_its_file(forge: World) -> None:
    keep_gate(forge)
    said = report(forge)

    assert outputs(forge)["comparison"] == str(folder(forge) / "gate-1.json")
    assert (outputs(forge)["verdict"], said.code) == ("slower", 1)
    assert [each.properties["title"] for each in told(forge)] == ["slower than 7.7.4"]
    assert "gate: " in summary(forge)
    # The table of the run stands beside it.
    assert "| Benchmark" in summary(forge)


@pytest.mark.parametrize("state", [State.RUNNING, State.INTERRUPTED])
def test_what_was_not_finished_has_no_good_verdict(forge: World, state: State) -> None:
    keep_gate(forge, state=state)
    assert report(forge).code == 4
    assert [each.properties["title"] for each in told(forge)] == ["the comparison with 7.7.4 was not finished"]

    keep(forge, replace(a_session(result()), state=state))
    assert report(forge).code == 4
    assert "the run was not finished" in [each.properties["title"] for each in told(forge)]


def test_comparison_that_measured_nothing_has_no_good_verdict(forge: World) -> None:
    said = report(forge, "--compare-to", "7.7.4")
    assert (said.code, outputs(forge)["verdict"]) == (4, "failed")
    assert [each.properties["title"] for each in told(forge)] == ["the comparison with 7.7.4 was not finished"]

    keep_gate(forge)
    assert report(forge, "--compare-to", "7.7.4").code == 1
    assert [each.properties["title"] for each in told(forge)] == ["slower than 7.7.4"]


def test_without_results_it_says_that_there_is_no_session(forge: World) -> None:
    (folder(forge) / "session.json").unlink()
    assert_fails(report(forge), 2, "there is no stored session")


def test_summary_over_a_mebibyte_is_cut_with_a_note(forge: World) -> None:
    results = tuple(result(f"benchmark-number-{number}-{'x' * 200}", failed=True) for number in range(1500))
    keep(forge, a_session(*results))
    said = report(forge, "--fail-on=never")

    assert said.code == 0, said.err
    size = len(summary(forge).encode())
    assert SUMMARY_LIMIT_BYTES - 1000 < size <= SUMMARY_LIMIT_BYTES
    assert re.search(r"Cut at 1\.0 MiB of \d\.\d MiB: report\.html has all\.\n$", summary(forge))
    assert len(Path(outputs(forge)["comment"]).read_text().encode()) <= COMMENT_LIMIT_BYTES
    assert len(outputs(forge)["summary"].encode()) <= SUMMARY_LIMIT_BYTES

    # What stands in the summary already counts too.
    (forge.root / "commands").write_text("")
    (forge.root / "summary.md").write_text("x" * (SUMMARY_LIMIT_BYTES - 500))
    assert forge.task("forge-report", "--fail-on=never", "--commands", str(forge.root / "commands")).code == 0
    assert len(summary(forge).encode()) <= SUMMARY_LIMIT_BYTES


def test_hostile_names_end_no_command_and_are_no_markup(forge: World) -> None:
    words = f"{HOSTILE}\n::error::mine\r@owner ![](http://evil) <!-- seqbench --> %0A::x"
    keep(forge, hostile_session(words))
    said = report(forge, "--fail-on=never")

    assert said.code == 0, said.err
    assert told(forge)
    assert all(
        "::error::mine" not in line.partition("::")[0] for line in (forge.root / "commands").read_text().split("\n")
    )
    for text in (summary(forge), Path(outputs(forge)["comment"]).read_text().partition("\n")[2]):
        outside = re.sub(r"^(`{3,})text\n.*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
        assert not re.search(r"(?<!\\)<script|(?<!\\)<!--|@owner|!\[\]\(", outside)


def test_comment_is_kept_up_to_date_with_a_token_on_a_pull_request(forge: World) -> None:
    with forge_api(Forge()) as api:
        on_pull_request(forge, api)
        assert report(forge).code == 0
        keep(forge, a_session(result(failed=True)))
        assert report(forge, "--fail-on=never").code == 0
        assert report(forge, "--fail-on=never", "--name=another").code == 0

        assert len(api.comments) == 2
        assert "### seqbench: failed" in str(api.comments[0]["body"])
        assert str(api.comments[1]["body"]) == Path(outputs(forge)["comment"]).read_text()
        assert "secret" not in json.dumps(api.comments)


def on_pull_request(world: World, api: Forge, *, token: str = "secret", fork: bool = False) -> None:  # noqa: S107
    head = {"repo": {"full_name": "stranger/project" if fork else "owner/project"}}
    (world.root / "event.json").write_text(json.dumps({"pull_request": {"number": 7, "head": head}}))
    world.environment |= {
        "GITHUB_API_URL": f"{api.address}/api/v1",
        "GITHUB_REPOSITORY": "owner/project",
        "GITHUB_EVENT_PATH": str(world.root / "event.json"),
        "SEQBENCH_FORGE_TOKEN": token,
    }


def test_pull_request_of_a_fork_may_not_comment_and_has_file_and_summary(forge: World) -> None:
    with forge_api(Forge(refusal=403)) as api:
        on_pull_request(forge, api, fork=True)
        said = report(forge)

        assert said.code == 0, said.err
        assert api.comments == []
    (notice,) = told(forge)
    assert notice.level == "notice"
    assert "no comment on pull request 7: the forge answers 403" in notice.message
    assert "fix: " in notice.message
    assert outputs(forge)["verdict"] == "passed"
    assert "### seqbench: passed" in summary(forge)
    assert "### seqbench: passed" in Path(outputs(forge)["comment"]).read_text()


@pytest.mark.parametrize("missing", ["SEQBENCH_FORGE_TOKEN", "GITHUB_EVENT_PATH"])
def test_without_a_token_or_a_pull_request_nobody_is_asked(forge: World, missing: str) -> None:
    with forge_api(Forge()) as api:
        on_pull_request(forge, api)
        del forge.environment[missing]
        assert report(forge).code == 0
        assert api.asked == []
    assert told(forge) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--fail-on=slow",), "fail-on: no cause named 'slow'"),
        (("--only=alhpa",), "--only: no benchmark named 'alhpa'"),
        (("--only=$(touch broken)`touch broken`; touch broken\n::error::mine",), "no benchmark named"),
        (("--seqc=7.7.5,nonsense\n::error::mine",), "unknown setting"),
        (("--size=huge",), "huge"),
        (("--budget=soon",), "--budget: 'soon'"),
        (("--compare-to=7.7.3", "--compare-budget=soon"), "compare-budget: --budget: 'soon'"),
        (("--compare-to=7.7",), "compare-to: "),
        (("--compare-to=7.7.3,nonsense",), "compare-to: "),
        (("--calibrate=soon",), "calibrate: --budget: 'soon'"),
    ],
)
def test_bad_input_is_named_before_anything_is_built(forge: World, words: tuple[str, ...], said: str) -> None:
    assert_fails(prepare(forge, *words), 2, said)
    assert outputs(forge) == {}
    assert forge.calls("seqc build") == []
    assert not list(forge.root.rglob("broken"))


@pytest.mark.parametrize("name", ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"])
@pytest.mark.parametrize("task", [report, prepare])
def test_outside_a_forge_it_says_what_to_use_there(forge: World, name: str, task: Callable[[World], Said]) -> None:
    del forge.environment[name]
    assert_fails(task(forge), 2, f"{name} is not set", "invoke bench")


def test_cache_has_a_key_for_each_set_of_compilers(forge: World) -> None:
    keys = []
    for words in ((), ("--compare-to=7.7.3",), ("--seqc=7.7.3",), ("--only=alpha",)):
        said = prepare(forge, *words)
        assert said.code == 0, said.err
        found = outputs(forge)
        assert found.keys() == {"cache", "key"}
        assert found["cache"] == str(forge.cache)
        keys.append(found["key"])
    # Which benchmarks are run does not matter to what is built.
    assert len(set(keys)) == 3
    assert keys[0] == keys[3]
    assert forge.calls("seqc build") == []


@pytest.mark.parametrize("name", ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"])
def test_file_of_the_runner_that_cannot_be_written_costs_only_itself(forge: World, name: str) -> None:
    forge.environment[name] = str(forge.root / "nowhere" / "file")
    said = report(forge)

    assert_fails(said, 2, "nowhere/file")
    assert "verdict: passed" in said.out
    assert (folder(forge) / "comment.md").exists()
    if name == "GITHUB_OUTPUT":
        assert "### seqbench: passed" in summary(forge)
    else:
        assert outputs(forge)["verdict"] == "passed"
