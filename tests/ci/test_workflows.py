"""The workflows and the action, run by a real engine under the variables of GitHub and of Forgejo."""

import re
import sys
from pathlib import Path

import pytest

from seqbench.ci import steps as ci
from seqbench.compare.document import comparison_from_json
from seqbench.events import ignore
from seqbench.flags import Flags, request_of
from seqbench.project import Project
from seqbench.sessions import store
from tests.support.act import (
    FORGEJO,
    FORGES,
    GITHUB,
    Ran,
    act,
    copy_of_ours,
    put_old_pythons,
    put_python,
    workflow,
)
from tests.support.forge import Forge, forge_api
from tests.support.world import REPOSITORY, World, says, script

pytestmark = [pytest.mark.act, pytest.mark.whole]
EACH_FORGE = pytest.mark.parametrize("forge", list(FORGES))
# What programs say to get something done that they have no right to.
ATTACKS = ("::error::not from us", "##[error]nor this", "::set-output name=verdict::passed", "::add-mask::verdict")
PULL_REQUEST = {
    "action": "labeled",
    "number": 7,
    "pull_request": {"number": 7, "labels": [{"name": "benchmark"}], "head": {"ref": "x"}, "base": {"ref": "main"}},
}


@pytest.fixture
def caller(world: World) -> World:
    """Another repository that uses the action, with a suite and `alpha` of its own."""
    world.add_right("alpha")
    put_python(world)
    (world.project / "seqbench").unlink()
    (world.project / "tasks.py").unlink()
    (world.project / ".github" / "workflows").mkdir(parents=True)
    with (world.project / "pyproject.toml").open("a") as file:
        print("compare-budget = '6s'", file=file)
    return world


def run(world: World, forge: str = GITHUB, inputs: dict[str, str] | None = None, **more: object) -> Ran:
    """Run a workflow that uses the action with these inputs."""
    file = ".github/workflows/caller.yml"
    (world.project / file).write_text(workflow({"size": "quick", **(inputs or {})}))
    return act(world, file, forge, **more)  # type: ignore[arg-type]


@EACH_FORGE
def test_action_measures_reports_and_leaves_nothing_in_the_checkout(caller: World, forge: str) -> None:
    ran = run(caller, forge)

    assert ran.code == 0, ran.log
    uploads = ["upload-artifact"] if forge == GITHUB else []
    assert ran.names == ["cache/restore", "cache/save", *uploads]
    assert ran.outputs["verdict"] == "passed"
    assert ran.told == []
    assert ran.summary == ran.outputs["summary"]
    assert ran.given("cache/save")["path"] == str(caller.cache)
    assert re.fullmatch(r"seqbench-Linux-\w+-ubuntu20-[0-9a-f]{16}", ran.given("cache/save")["key"])
    assert not caller.results.exists()
    if forge == GITHUB:
        assert ran.given("upload-artifact")["path"] == ran.outputs["folder"]
        assert {"report.html", "comment.md", Path(ran.outputs["session"]).name} == {
            path.name for path in ran.artifact.iterdir()
        }
        assert store.load(ran.artifact / Path(ran.outputs["session"]).name).suite == ("alpha",)


def test_setup_python_is_used_only_where_the_runners_python_is_too_old(caller: World) -> None:
    put_old_pythons(caller)
    put_python(caller, "set-up-python")
    ran = run(caller)

    assert ran.code == 0, ran.log
    assert ran.names == ["setup-python", "cache/restore", "cache/save", "upload-artifact"]


def test_python_that_is_too_old_is_an_error_with_its_fix_on_forgejo(caller: World) -> None:
    put_old_pythons(caller)
    ran = run(caller, FORGEJO)

    assert ran.code != 0
    assert ran.names == []
    assert "found Python 3.9.2 on this runner, expected Python 3.11 or later" in ran.told[0].message
    assert "fix: install" in ran.told[0].message


@EACH_FORGE
def test_failure_is_an_error_at_its_source_and_what_was_built_is_kept(caller: World, forge: str) -> None:
    caller.add("alpha", seq=says() + "# COMPILE ERROR\n", go=says())
    ran = run(caller, forge)

    assert ran.code != 0
    assert ran.names[:2] == ["cache/restore", "cache/save"]
    assert ran.outputs["verdict"] == "failed"
    (told,) = ran.told
    assert (told.level, told.properties["file"]) == ("error", "benchmarks/alpha/alpha.seq")
    assert "### seqbench: failed" in ran.summary
    assert run(caller, forge, {"fail-on": "never"}).code == 0


@EACH_FORGE
def test_comparison_of_a_pull_request_is_one_comment_and_only_the_last_command_gets_the_token(
    caller: World, forge: str
) -> None:
    base = str(caller.tools / "seqc")
    with forge_api(Forge()) as api:
        for _ in range(2):
            ran = run(
                caller,
                forge,
                {"compare-to": base, "token": "${{ github.token }}", "artifact": "bench"},
                event="pull_request",
                payload=PULL_REQUEST,
                environment={"GITHUB_API_URL": f"{api.address}/api/v1"},
                secrets={"GITHUB_TOKEN": "t0p-secret"},
            )
            assert ran.code == 0, ran.log

        # The clocks of these programs are painted on, so nothing can be proved.
        assert ran.outputs["verdict"] == "inconclusive"
        (comment,) = api.comments
        assert [method for method, _, _ in api.asked] == ["GET", "POST", "GET", "PATCH"]
        assert {token for _, _, token in api.asked} == {"token t0p-secret"}
        assert "### seqbench: inconclusive" in str(comment["body"])
        assert "a known slowdown" in str(comment["body"])
    # What is measured does not even have it in the environment of what starts it.
    assert [name for name, _ in ran.environments] == ["forge-prepare", "gate", "bench", "report", "forge-report"]
    assert [name for name, text in ran.environments if "t0p-secret" in text] == ["forge-report"]
    if forge == GITHUB:
        kept = comparison_from_json(
            (ran.artifact / Path(ran.outputs["comparison"]).name).read_text(), ran.outputs["comparison"]
        )
        assert (kept.base_spec, kept.head_spec) == (base, base)


@EACH_FORGE
def test_forge_that_forbids_the_comment_costs_only_the_comment(caller: World, forge: str) -> None:
    with forge_api(Forge(refusal=403)) as api:
        ran = run(
            caller,
            forge,
            {"token": "${{ github.token }}"},
            event="pull_request",
            payload=PULL_REQUEST,
            environment={"GITHUB_API_URL": f"{api.address}/api/v1"},
            secrets={"GITHUB_TOKEN": "t0p-secret"},
        )
    assert ran.code == 0, ran.log
    (told,) = ran.told
    assert told.level == "notice"
    assert "the forge answers 403 Resource not accessible by integration" in told.message
    assert ran.outputs["verdict"] == "passed"
    assert "### seqbench: passed" in ran.summary
    assert "t0p-secret" not in ran.log


def test_checkout_of_seq_is_built_whatever_folders_and_paths_the_caller_has(caller: World) -> None:
    (caller.project / "Cargo.toml").write_text("")
    del caller.environment["SEQC"]
    # A folder of the name of the package, and a path that would hide it, are the caller's own business.
    (caller.project / "seqbench").mkdir()
    (caller.project / "seqbench" / "__init__.py").write_text("raise SystemExit('not this one')")
    caller.environment["PYTHONPATH"] = str(caller.project)
    ran = run(caller, FORGEJO, {"seqc": "checkout:."})

    assert ran.code == 0, ran.log
    assert any(call.startswith("cargo build") for call in caller.calls())


def test_what_was_in_the_cache_is_not_kept_again(caller: World) -> None:
    ran = run(caller, cache_hit="true")
    assert (ran.code, ran.names) == (0, ["cache/restore", "upload-artifact"])


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"fail-on": "slow"}, "fail-on: no cause named 'slow'"),
        ({"raise-limits": "yes"}, "raise-limits: 'yes' is not valid"),
        ({"only": '"; touch broken; echo "$(touch broken)\n::error::mine\nx'}, "no benchmark named"),
        ({"seqc": "'$(touch broken)',`touch broken`", "compare-to": "x"}, "unknown setting"),
    ],
)
def test_bad_input_ends_it_before_anything_is_fetched_or_built(
    caller: World, inputs: dict[str, str], said: str
) -> None:
    ran = run(caller, FORGEJO, inputs)

    assert ran.code != 0
    assert ran.names == []
    (told,) = ran.told
    assert told.level == "error"
    assert said in told.message
    assert "Traceback" not in ran.log
    assert not list(caller.root.rglob("broken"))


def test_compiler_that_is_missing_is_reported_with_its_fix_and_nothing_is_cached(caller: World) -> None:
    ran = run(caller, inputs={"compare-to": "/nonexistent/seqc", "fail-on": "never"})

    assert ran.code != 0
    assert ran.names == ["cache/restore", "upload-artifact"]
    (told,) = ran.told
    assert "no compiler at /nonexistent/seqc" in told.message
    assert "fix: " in told.message
    assert "verdict" not in ran.outputs or not ran.outputs["verdict"]


def test_what_programs_print_is_shown_and_never_taken_for_a_command(caller: World) -> None:
    attack = script(*(f"echo {line!r} >&2" for line in ATTACKS), "exit 3")
    caller.add("alpha", seq=attack, go=says(), toml='title = "A, B: 100%"\n')
    ran = run(caller)

    assert ran.outputs["verdict"] == "failed"
    (told,) = ran.told
    assert told.properties == {"file": "benchmarks/alpha/alpha.seq", "title": "A, B: 100%, Seq: run failed"}
    assert all(line in ran.log for line in ATTACKS)


@EACH_FORGE
def test_workflow_bench_runs_here_with_the_action_of_the_checkout(caller: World, forge: str) -> None:
    copy_of_ours(caller.project)
    ran = act(caller, ".github/workflows/bench.yml", forge, event="workflow_dispatch", payload={"inputs": {"only": ""}})

    assert ran.code == 0, ran.log
    assert ran.outputs["verdict"] in ("passed", "stale")
    assert ran.names[0] == "cache/restore"


@EACH_FORGE
@pytest.mark.parametrize("label", ["benchmark", "other"])
def test_workflow_bench_runs_on_its_label_only(caller: World, forge: str, label: str) -> None:
    copy_of_ours(caller.project)
    put_old_pythons(caller)
    pull_request = {**PULL_REQUEST["pull_request"], "labels": [{"name": label}]}  # type: ignore[dict-item]
    # Forgejo's event does not have the label that was put.
    payload = {**PULL_REQUEST, "pull_request": pull_request, **({"label": {"name": label}} if forge == GITHUB else {})}
    ran = act(caller, ".github/workflows/bench.yml", forge, event="pull_request", payload=payload)

    assert ("seqbench" in ran.log) == (label == "benchmark"), ran.log


@EACH_FORGE
def test_workflow_ci_runs_nox_with_the_python_that_there_is(caller: World, forge: str) -> None:
    copy_of_ours(caller.project)
    ran = act(caller, ".github/workflows/ci.yml", forge, event="push")

    assert ran.code == 0, ran.log
    assert "nox: -s ci -- --at-commit" in ran.log
    pythons = 4 if forge == GITHUB else 0
    assert len(re.findall("nox: -s tests-fast", ran.log)) == pythons
    assert ran.names.count("setup-python") == pythons + (forge == GITHUB)


def test_workflow_release_does_nothing_on_forgejo(caller: World) -> None:
    copy_of_ours(caller.project)
    ran = act(caller, ".github/workflows/release.yml", FORGEJO, event="push", payload={"ref": "refs/tags/v0.1.0"})

    assert ran.code == 0, ran.log
    assert "nox" not in ran.log
    assert ran.names == []


@pytest.mark.parametrize("name", ["bench.yml", "bench-calibrate.yml"])
def test_example_for_the_seq_project_runs_on_forgejo(caller: World, name: str) -> None:
    (caller.project / "Cargo.toml").write_text("")
    text = (REPOSITORY / ".forgejo" / "examples" / name).read_text()
    file = f".forgejo/workflows/{name}"
    (caller.project / ".forgejo" / "workflows").mkdir(parents=True)
    # Neither a release can be had here, nor has anybody the time.
    text = text.replace("compare-to: 7.7.5", f"compare-to: {caller.tools / 'seqc'}").replace("20m", "15s")
    (caller.project / file).write_text(text.replace("budget: 2m", "budget: 20s"))
    ran = act(caller, file, FORGEJO, event="workflow_dispatch", payload={})

    assert ran.code == 0, ran.log
    uploads = ["upload-artifact"] if name == "bench.yml" else []
    assert ran.names == ["cache/restore", "cache/save", *uploads]
    if uploads:
        assert (ran.artifact / "report.html").exists()
    else:
        assert (caller.cache / "calibration.json").exists()


@pytest.mark.toolchain
@pytest.mark.parametrize("title", ["zizmor", "actionlint", "shellcheck"])
def test_linters_of_workflows_find_nothing(title: str) -> None:
    if title != "actionlint" and not (Path(sys.executable).parent / title).exists():
        pytest.skip(f"{title} is in the lint group, which this environment leaves out; nox -s workflows has it")
    request = request_of(Project(root=REPOSITORY), Flags(size="quick"))
    (step,) = (each for each in ci.steps(request, lambda: None, None) if each.title == f"workflows: {title}")

    assert ci.outcome(step, ignore).problem == ""
