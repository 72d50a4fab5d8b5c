"""`invoke github`: what the action does in its steps."""

import json
import re
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from seqbench.compare.document import load_comparison
from seqbench.sessions import latest_run, store
from seqbench.sessions.session import State
from tests.support.outcomes import assert_fails, assert_no_traceback
from tests.support.page import read_page
from tests.support.runner import DEFAULTS, Told, commands_in, outputs_in
from tests.support.world import MANIFEST, Said, World, hangs, on_run, says, script

# What programs say to get something done that they have no right to.
ATTACKS = ("::error::not from us", "##[error]nor this", "::set-output name=verdict::passed", "::add-mask::verdict")


@pytest.fixture
def github(world: World) -> World:
    """A world in a step on GitHub, in which `alpha` is right."""
    world.add_right("alpha")
    temporary = world.root / "temporary"
    temporary.mkdir()
    with (world.project / "pyproject.toml").open("a") as file:
        print("compare-budget = '4s'", file=file)
    world.environment |= {
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(world.project),
        "GITHUB_OUTPUT": str(world.root / "output"),
        "GITHUB_STEP_SUMMARY": str(world.root / "summary.md"),
        "RUNNER_TEMP": str(temporary),
        "RUNNER_OS": "Linux",
    }
    return world


def act(world: World, *words: str, **inputs: str) -> Said:
    """Do the task with these inputs, in a step of its own."""
    for name in ("output", "summary.md"):
        (world.root / name).write_text("")
    typed = {name.replace("_", "-"): text for name, text in inputs.items()}
    world.environment["INPUTS"] = json.dumps(DEFAULTS | typed)
    return world.task("github", *words)


def outputs(world: World) -> dict[str, str]:
    return dict(outputs_in((world.root / "output").read_text()))


def summary(world: World) -> str:
    return (world.root / "summary.md").read_text()


def left(world: World) -> list[str]:
    """Return the names of the files that the step left, wherever its output says that they are."""
    return sorted(path.name for path in Path(outputs(world)["folder"]).iterdir())


@pytest.mark.whole
def test_a_good_run_leaves_session_report_summary_and_outputs_and_nothing_in_the_checkout(github: World) -> None:
    before = sorted(path.name for path in github.project.iterdir())
    said = act(github)

    assert said.code == 0, said.err
    assert "verdict: passed" in said.out
    assert commands_in(said.out) == []
    found = outputs(github)
    assert found["verdict"] == "passed"
    assert found["comparison"] == ""
    assert store.load(Path(found["session"])).state is State.COMPLETE
    assert read_page(Path(found["report"]).read_text()).one("table", class_="headline")
    assert {Path(found[name]).parent for name in ("session", "report")} == {Path(found["folder"])}
    assert left(github) == ["report.html", "session.json"]
    assert found["summary"] == summary(github).removesuffix("\n") + "\n"
    assert summary(github).startswith("### seqbench: passed\n\n| Benchmark")
    assert "Excellent" in summary(github)
    assert "Alpha" in said.out
    assert sorted(path.name for path in github.project.iterdir()) == before
    assert not github.record.exists()


def test_the_inputs_choose_compiler_benchmarks_and_size(github: World) -> None:
    toml = MANIFEST.format(name="beta")
    github.add("beta", seq=says("$1"), go=says("$1"), toml=toml)
    seqc = github.tool("other-seqc", (github.tools / "seqc").read_text().replace("7.7.5", "7.7.9"))
    assert act(github, only="beta", size="quick", seqc=str(seqc), budget="1s").code == 0

    session = store.load(Path(outputs(github)["session"]))
    assert [(result.name, result.parameters) for result in session.results] == [("beta", (("messages", 10),))]
    assert session.budget_s == 1.0
    assert "7.7.9" in [tool.version for tool in session.toolchain]


def test_a_failure_is_an_error_at_its_source_and_fails_the_step_when_all_is_written(github: World) -> None:
    github.add("beta", seq=says() + "# COMPILE ERROR\n", go=says())
    said = act(github)

    assert said.code == 4
    (told,) = commands_in(said.out)
    assert (told.level, told.properties) == (
        "error",
        {"file": "benchmarks/beta/beta.seq", "title": "Beta, Seq: build failed"},
    )
    assert "Error: Undefined word 'nosuchword'" in told.message
    assert outputs(github)["verdict"] == "failed"
    assert left(github) == ["report.html", "session.json"]
    assert summary(github).startswith("### seqbench: failed\n\n- **Beta, Seq: build failed**: does not compile ")
    assert_no_traceback(said)


@pytest.mark.parametrize("fail_on", ["never", "slower,stale"])
def test_what_the_step_is_not_to_fail_on_is_a_warning(github: World, fail_on: str) -> None:
    github.add("alpha", seq=says(41), go=says(42))
    github.record.write_text("no record")
    said = act(github, fail_on=fail_on)

    assert said.code == (0 if fail_on == "never" else 1)
    levels = {told.properties["title"]: told.level for told in commands_in(said.out)}
    assert levels.pop("Benchmarks are not fresh") == ("warning" if fail_on == "never" else "error")
    assert set(levels.values()) == {"warning"}
    assert outputs(github)["verdict"] == "failed,stale"


@pytest.mark.whole
def test_a_record_of_the_project_that_is_stale_is_told_with_every_reason(github: World) -> None:
    assert github.task("bench", "--runs", "2").code == 0
    assert act(github, fail_on="stale").code == 0
    assert outputs(github)["verdict"] == "passed"

    old = latest_run.parse(github.record.read_text())
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=25)
    github.record.write_text(latest_run.render(replace(old, timestamp=moment)))
    github.add_right("beta")
    said = act(github)
    assert said.code == 0
    assert outputs(github)["verdict"] == "stale"
    (told,) = commands_in(said.out)
    assert (told.level, told.properties["file"]) == ("warning", "LATEST_RUN.txt")
    for reason in ("25 hours old", "beta was not run", "sources have changed", "fix: invoke bench"):
        assert reason in told.message
        assert reason in summary(github) or reason.startswith("fix")
    assert act(github, fail_on="stale").code == 1


def test_without_a_record_nothing_is_stale_unless_the_step_is_to_fail_on_it(github: World) -> None:
    assert act(github).code == 0
    said = act(github, fail_on="stale")
    assert said.code == 1
    (told,) = commands_in(said.out)
    assert "LATEST_RUN.txt is missing" in told.message


@pytest.fixture
def slower(github: World) -> str:
    """A compiler that makes `alpha` a fifth slower; both notice it when the probe is slowed down."""
    # The clocks are painted on, and take a stop into account: SIGCONT comes after each.
    wait = ("stopped=0; trap stopped=1 CONT", "sleep 0.0225", "time=$((20000000 + stopped * 3000000))")
    github.add("alpha", seq=script(*wait, says(42, "$time")), go=script("sleep 0.02", says(elapsed_ns=20_000_000)))
    text = (github.tools / "seqc").read_text()
    link = 'clang "$source" "$output"'
    assert link in text
    slow_down = "s/sleep 0.0225/sleep 0.0275/; s/((20000000/((24000000/"
    changed = f'sed \'{slow_down}\' "$source" >"$source.new" && mv "$source.new" "$source"; {link}'
    return str(github.tool("slower-seqc", text.replace(link, changed)))


@pytest.mark.whole
def test_a_slower_compiler_is_an_error_in_a_comparison_that_the_report_shows(github: World, slower: str) -> None:
    base = str(github.tools / "seqc")
    said = act(github, seqc=slower, compare_to=base)

    assert said.code == 1, said.out + said.err
    assert [(told.level, told.properties["title"]) for told in commands_in(said.out)] == [
        ("error", f"slower than {base}")
    ]
    assert re.search(r"alpha is slower: \+20\.0 %", said.out)
    found = outputs(github)
    assert found["verdict"] == "slower"
    assert left(github) == ["comparison.json", "report.html", "session.json"]
    kept = load_comparison(Path(found["comparison"]))
    assert (kept.base_spec, kept.head_spec, len(kept.sessions)) == (base, slower, 3)
    page = read_page(Path(found["report"]).read_text())
    assert "Gates" in [each.text for each in page.all("h2")]
    assert "gate: fail" in summary(github)
    # The table of the run stands beside it.
    assert "| Benchmark" in summary(github)


@pytest.mark.whole
@pytest.mark.parametrize(("fail_on", "code"), [("", 0), ("inconclusive", 5)])
def test_a_comparison_that_proves_nothing_is_inconclusive(github: World, fail_on: str, code: int) -> None:
    # The clocks of these programs are painted on, so the probe cannot be slowed down.
    said = act(github, compare_to=str(github.tools / "seqc"), fail_on=fail_on)

    assert said.code == code, said.err
    (told,) = commands_in(said.out)
    assert told.level == ("error" if code else "warning")
    assert "a known slowdown of 10 % was not found" in told.message
    assert outputs(github)["verdict"] == "inconclusive"
    assert "a known slowdown" in summary(github)


def test_a_compiler_to_compare_with_that_cannot_be_had_is_told_before_anything_is_measured(github: World) -> None:
    github.add("alpha", seq=script('touch "$HOME/ran"', says()), go=says())
    said = act(github, compare_to="/nonexistent/seqc", fail_on="never")

    assert_fails(said, 3, "no compiler at /nonexistent/seqc")
    (told,) = commands_in(said.out)
    assert (told.level, told.properties) == ("error", {"title": "seqbench"})
    assert "no compiler at /nonexistent/seqc" in told.message
    assert "fix: " in told.message
    assert not (github.home / "ran").exists()


@pytest.mark.parametrize("words", [(), ("--prepare",)])
@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"fail_on": "slow"}, "fail-on: no cause named 'slow'"),
        ({"only": "alhpa"}, "--only: no benchmark named 'alhpa'"),
        ({"only": "$(touch broken)`touch broken`; touch broken\n::error::mine"}, "no benchmark named"),
        ({"seqc": "7.7.5,nonsense\n::error::mine"}, "unknown setting"),
        ({"size": "huge"}, "huge"),
        ({"budget": "soon"}, "--budget: 'soon'"),
        ({"compare_to": "7.7.3", "compare_budget": "soon"}, "compare-budget: --budget: 'soon'"),
    ],
)
def test_a_bad_input_is_told_by_name_before_anything_is_built(
    github: World, words: tuple[str, ...], inputs: dict[str, str], said: str
) -> None:
    answer = act(github, *words, **inputs)

    assert_fails(answer, 2, said)
    told = commands_in(answer.out)
    assert [each.level for each in told] == ["error"]
    assert said in told[0].message
    assert outputs(github) == {}
    assert github.calls("seqc build") == []
    assert not list(github.root.rglob("broken"))


@pytest.mark.parametrize("name", ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE", "RUNNER_TEMP"])
def test_outside_github_it_says_what_to_use_there(github: World, name: str) -> None:
    for each in (name, "GITHUB_ACTIONS"):
        del github.environment[each]
    said = act(github)

    assert_fails(said, 2, f"{name} is not set", "invoke bench")
    assert said.out == ""


def test_what_programs_print_is_shown_and_never_taken_for_a_command(github: World) -> None:
    attack = script(*(f"echo {line!r} >&2" for line in ATTACKS), "exit 3")
    github.add("alpha", seq=attack, go=says(), toml='title = "::error::A, B: 100%"\n')
    said = act(github)

    assert said.code == 4
    # No line that an attack stands on is read; the one command is ours, and holds them as text.
    assert commands_in(said.out) == [
        Told(
            level="error",
            properties={"file": "benchmarks/alpha/alpha.seq", "title": "::error::A, B: 100%, Seq: run failed"},
            message="\n".join(
                ["exit status 3", "the program exited with status 3, expected 0", "stderr ends with:", *ATTACKS]
            ),
        )
    ]
    assert all(line in said.out for line in ATTACKS)
    assert outputs(github)["verdict"] == "failed"


@pytest.mark.whole
def test_the_token_that_lets_commands_in_again_is_drawn_each_time(
    github: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = [re.findall(r"stop-commands::(.*)", act(github).out) for _ in range(2)]
    assert all(len(each) == 1 and len(each[0]) == 2 * secrets.DEFAULT_ENTROPY for each in tokens)
    assert tokens[0] != tokens[1]


def test_a_step_that_is_stopped_keeps_what_there_is_and_ends_its_children(github: World) -> None:
    github.add("beta", seq=on_run(2, hangs(), says()), go=says())
    with github.stopped():
        said = act(github)

    assert said.code == 130
    assert_no_traceback(said)
    assert commands_in(said.out) == []
    assert left(github) == ["session.json"]
    assert outputs(github).keys() == {"folder"}
    assert store.load(Path(outputs(github)["folder"]) / "session.json").state is State.INTERRUPTED


@pytest.mark.whole
def test_limits_are_raised_only_where_that_is_asked_for(github: World) -> None:
    said = act(github, raise_limits="true")
    assert said.code == 0
    assert "every limit is high enough" in said.out
    assert "limit" not in act(github).out


def test_to_prepare_is_to_say_where_the_cache_is_and_under_which_key(github: World) -> None:
    keys = []
    for inputs in ({}, {"compare_to": "7.7.3"}, {"seqc": "7.7.3"}, {"only": "alpha"}):
        said = act(github, "--prepare", **inputs)
        assert (said.code, commands_in(said.out)) == (0, [])
        found = outputs(github)
        assert found.keys() == {"cache", "key"}
        assert found["cache"] == str(github.cache)
        keys.append(found["key"])
    # Which benchmarks are run does not matter to what is built.
    assert len(set(keys)) == 3
    assert keys[0] == keys[3]
    assert github.calls("seqc build") == []


@pytest.mark.parametrize("name", ["output", "summary.md"])
def test_file_of_the_runner_that_cannot_be_written_costs_only_itself(github: World, name: str) -> None:
    variable = {"output": "GITHUB_OUTPUT", "summary.md": "GITHUB_STEP_SUMMARY"}[name]
    github.environment[variable] = str(github.root / "nowhere" / name)
    said = act(github)

    if name == "output":
        # Nothing could be handed on, so nothing is measured.
        assert_fails(said, 2, "nowhere/output")
        return
    assert_fails(said, 2, "nowhere/summary.md")
    assert "verdict: passed" in said.out
    assert {"session.json", "report.html"} <= set(left(github))
    assert outputs(github)["verdict"] == "passed"
