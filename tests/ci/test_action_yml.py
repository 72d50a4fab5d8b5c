"""The action, its steps done by a player of GitHub's runner; and what it and the workflows keep to."""

import json
import re
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from seqbench.compare.document import load_comparison
from seqbench.sessions import store
from tests.support.runner import Ran, play
from tests.support.world import REPOSITORY, World, says

GITHUB = REPOSITORY / ".github"
ACTION = Path(".github") / "actions" / "seqbench"
FILES = {
    path.relative_to(GITHUB).as_posix(): path
    for folder in ("actions", "workflows")
    for path in sorted((GITHUB / folder).rglob("*.yml"))
}
WORKFLOWS = [name for name in FILES if name.startswith("workflows/")]
# Plays the Python that setup-python gives: its environments take in what pip is told to, and run it with this Python.
PYTHON = """\
#!{python} -I
import os, pathlib, runpy, shutil, sys
assert sys.argv[1:3] == ["-I", "-m"], sys.argv
module, *words = sys.argv[3:]
home = pathlib.Path(sys.argv[0]).absolute().parent.parent
if module == "venv":
    bin = pathlib.Path(words[-1]) / "bin"
    bin.mkdir(parents=True, exist_ok=True)
    shutil.copy(sys.argv[0], bin / "python")
elif module == "pip":
    (home / "pip.txt").write_text("\\n".join(words))
else:
    installed = (home / "pip.txt").read_text().rpartition("\\n")[2].partition("[")[0]
    sys.path.insert(0, installed)
    sys.argv[:] = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
"""
SETUP, RESTORE, SAVE, UPLOAD = (
    f"actions/{name}" for name in ("setup-python", "cache/restore", "cache/save", "upload-artifact")
)


@pytest.fixture
def caller(world: World) -> World:
    """Another repository that uses the action, with a suite and `alpha` of its own."""
    world.add_right("alpha")
    world.tool("python", PYTHON.format(python=sys.executable))
    (world.project / "seqbench").unlink()
    (world.project / "tasks.py").unlink()
    with (world.project / "pyproject.toml").open("a") as file:
        print("compare-budget = '4s'", file=file)
    return world


def cloned_by_the_runner(world: World) -> Path:
    """Put a clone of this repository where it is for `uses: owner/seqbench/.github/actions/seqbench@ref`."""
    clone = world.root / "_actions" / "owner" / "seqbench" / "ref"
    shutil.copytree(GITHUB, clone / ".github")
    (clone / "seqbench").symlink_to(REPOSITORY / "seqbench")
    return clone


def act(world: World, inputs: dict[str, str] | None = None, *, action: Path | None = None, cache_hit: str = "") -> Ran:
    temporary = world.root / "temporary"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    return play(
        action or cloned_by_the_runner(world) / ACTION,
        inputs or {},
        environment=world.environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        workspace=world.project,
        temporary=temporary,
        played={
            SETUP: {"python-path": str(world.tools / "python")},
            RESTORE: {"cache-hit": cache_hit},
            SAVE: {},
            UPLOAD: {},
        },
    )


@pytest.mark.whole
def test_in_another_repository_every_step_is_done_and_fits_the_next(caller: World) -> None:
    before = sorted(path.name for path in caller.project.iterdir())
    ran = act(caller)

    assert ran.did == ["python", "prepare", "cache", "run", SAVE, UPLOAD], ran.log
    assert not ran.failed
    assert ran.outputs["verdict"] == "passed"
    assert ran.told == []
    assert ran.summary == ran.outputs["summary"]
    assert sorted(path.name for path in caller.project.iterdir()) == before
    installed = (caller.root / "temporary" / "seqbench-venv" / "pip.txt").read_text().splitlines()
    assert installed[-1] == f"{caller.root}/_actions/owner/seqbench/ref[toolchain]"
    for step in (ran.step("cache"), ran.step(SAVE)):
        assert step.given["path"] == str(caller.cache)
        assert re.fullmatch(r"seqbench-Linux-X64-ubuntu24-[0-9a-f]{16}", step.given["key"])
    assert ran.step(UPLOAD).given["name"] == "seqbench"
    uploaded = Path(ran.step(UPLOAD).given["path"])
    assert uploaded == Path(ran.outputs["folder"])
    assert {path.name for path in uploaded.iterdir()} == {"session.json", "report.html"}
    assert store.load(Path(ran.outputs["session"])).suite == ("alpha",)


@pytest.mark.whole
def test_in_this_repository_the_checkout_is_what_is_installed(caller: World) -> None:
    shutil.copytree(GITHUB, caller.project / ".github")
    (caller.project / "seqbench").symlink_to(REPOSITORY / "seqbench")
    # `uses: ./.github/actions/seqbench` comes with the dot in the middle.
    ran = act(caller, {"artifact": "", "fail-on": "never"}, action=caller.project / "." / ACTION)

    assert ran.did == ["python", "prepare", "cache", "run", SAVE], ran.log
    assert ran.outputs["verdict"] == "passed"
    installed = (caller.root / "temporary" / "seqbench-venv" / "pip.txt").read_text().splitlines()
    assert installed[-1] == f"{caller.project}[toolchain]"


@pytest.mark.whole
def test_the_callers_own_checkout_of_seq_is_built_and_compared(caller: World) -> None:
    (caller.project / "Cargo.toml").write_text("")
    del caller.environment["SEQC"]
    # A folder of the name of the package, and a path that would hide it, are the caller's own business.
    (caller.project / "seqbench").mkdir()
    (caller.project / "seqbench" / "__init__.py").write_text("raise SystemExit('not this one')")
    caller.environment["PYTHONPATH"] = str(caller.project)
    ran = act(caller, {"seqc": "checkout:.", "compare-to": str(caller.tools / "seqc")})

    # The clocks of these programs are painted on, so nothing can be proved.
    assert ran.outputs["verdict"] == "inconclusive", ran.log
    assert not ran.failed
    assert [told.level for told in ran.told] == ["warning"]
    kept = load_comparison(Path(ran.outputs["comparison"]))
    assert (kept.head_spec, kept.base_spec) == ("checkout:.", str(caller.tools / "seqc"))
    assert any(call.startswith("cargo build") for call in caller.calls())


@pytest.mark.whole
def test_after_a_failure_what_was_built_and_found_is_kept_and_the_step_fails(caller: World) -> None:
    caller.add("alpha", seq=says() + "# COMPILE ERROR\n", go=says())
    ran = act(caller)

    assert ran.step("run").code == 4
    assert ran.did == ["python", "prepare", "cache", "run", SAVE, UPLOAD]
    assert ran.outputs["verdict"] == "failed"
    assert [(told.level, told.properties["file"]) for told in ran.told] == [("error", "benchmarks/alpha/alpha.seq")]
    assert "### seqbench: failed" in ran.summary


@pytest.mark.whole
def test_what_was_in_the_cache_is_not_kept_again(caller: World) -> None:
    assert act(caller, cache_hit="true").did == ["python", "prepare", "cache", "run", UPLOAD]


@pytest.mark.whole
@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"fail-on": "slow"}, "fail-on: no cause named 'slow'"),
        ({"only": '"; touch broken; echo "$(touch broken)\n::error::mine\nx'}, "no benchmark named"),
        ({"seqc": "'$(touch broken)',${{ github.token }}"}, "unknown setting"),
    ],
)
def test_a_bad_input_ends_it_before_anything_is_fetched_or_built(
    caller: World, inputs: dict[str, str], said: str
) -> None:
    ran = act(caller, inputs)

    assert ran.did == ["python", "prepare"]
    assert ran.step("prepare").code == 2
    (told,) = ran.told
    assert told.level == "error"
    assert said in told.message
    assert "Traceback" not in ran.log
    assert set(ran.outputs.values()) == {""}
    assert not list(caller.root.rglob("broken"))


@pytest.mark.whole
def test_a_step_that_cannot_measure_keeps_nothing_in_the_cache(caller: World) -> None:
    ran = act(caller, {"seqc": "/nonexistent/seqc"})

    assert ran.did == ["python", "prepare", "cache", "run", UPLOAD]
    assert ran.step("run").code == 3
    assert "no compiler at /nonexistent/seqc" in ran.told[0].message


# --- What all files under .github keep to.


def steps_of(name: str) -> list[dict[str, Any]]:
    document = yaml.safe_load(FILES[name].read_text())
    if "runs" in document:
        return list(document["runs"]["steps"])
    return [step for job in document["jobs"].values() for step in job["steps"]]


def test_these_are_all_the_files_there_are() -> None:
    workflows = {"workflows/bench.yml", "workflows/ci.yml", "workflows/release.yml"}
    assert set(FILES) == {"actions/seqbench/action.yml", *workflows}


@pytest.mark.parametrize("name", FILES)
def test_every_action_of_others_is_pinned_to_a_commit_and_says_its_release(name: str) -> None:
    used = re.findall(r"uses: (\S+)(.*)", FILES[name].read_text())
    assert len(used) == sum("uses" in step for step in steps_of(name))
    for action, comment in used:
        if not action.startswith("./"):
            assert re.fullmatch(r"(actions|pypa)/[\w/-]+@[0-9a-f]{40}", action)
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment)


def test_an_action_is_pinned_to_the_same_commit_everywhere() -> None:
    used = [each for path in FILES.values() for each in re.findall(r"uses: ([\w-]+/[\w-]+)\S*@(\S+)", path.read_text())]
    assert len(set(used)) == len({action for action, _ in used})


@pytest.mark.parametrize("name", FILES)
def test_no_expression_is_part_of_a_script(name: str) -> None:
    for step in steps_of(name):
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_may_read_and_nothing_more_and_leaves_no_credentials(name: str) -> None:
    document = yaml.safe_load(FILES[name].read_text())
    assert document["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job for job in document["jobs"].values())
    allowed = {title: job["permissions"] for title, job in document["jobs"].items() if "permissions" in job}
    assert allowed == ({"publish": {"id-token": "write"}} if name == "workflows/release.yml" else {})
    for step in steps_of(name):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_the_benchmarks_run_by_hand_at_night_and_on_a_label_with_the_inputs_of_the_action() -> None:
    document = yaml.safe_load(FILES["workflows/bench.yml"].read_text())
    # YAML 1.1 takes `on` for a truth.
    events = document[True]
    assert events.keys() == {"workflow_dispatch", "schedule", "pull_request"}
    assert events["pull_request"] == {"types": ["labeled"]}
    (step,) = (each for each in steps_of("workflows/bench.yml") if each["uses"].startswith("./"))
    offered = yaml.safe_load(FILES["actions/seqbench/action.yml"].read_text())["inputs"]
    passed_on = {name for name, text in step["with"].items() if text == f"${{{{ inputs.{name} }}}}"}
    assert passed_on == events["workflow_dispatch"]["inputs"].keys()
    assert step["with"].keys() <= offered.keys()
    assert {"seqc", "only", "size", "compare-to", "fail-on"} <= passed_on


def test_release_publishes_only_what_a_job_without_permissions_built() -> None:
    document = yaml.safe_load(FILES["workflows/release.yml"].read_text())
    assert document[True] == {"push": {"tags": ["v*"]}}
    build, publish = document["jobs"]["build"], document["jobs"]["publish"]
    assert [step["run"] for step in build["steps"] if "run" in step][-1] == 'nox -s dist -- "$GITHUB_REF_NAME"'
    assert (publish["needs"], publish["environment"]) == ("build", "pypi")
    assert [step["uses"].partition("@")[0] for step in publish["steps"]] == [
        "actions/download-artifact",
        "pypa/gh-action-pypi-publish",
    ]
    assert build["steps"][-1]["with"]["name"] == publish["steps"][0]["with"]["name"]


def test_ci_runs_every_python_that_the_package_names() -> None:
    document = yaml.safe_load(FILES["workflows/ci.yml"].read_text())
    tested = document["jobs"]["python"]["strategy"]["matrix"]["python-version"]
    package = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    named = [each.rpartition(" ")[2] for each in package["classifiers"] if "Python :: 3." in each]
    assert tested == named
    assert package["requires-python"] == f">={tested[0]}"


def test_every_input_and_output_is_described_in_the_documentation() -> None:
    document = yaml.safe_load(FILES["actions/seqbench/action.yml"].read_text())
    told = (REPOSITORY / "docs" / "GITHUB.md").read_text()
    for name in (*document["inputs"], *document["outputs"]):
        assert f"| `{name}` |" in told


def test_all_inputs_go_to_a_script_as_one_variable() -> None:
    text = FILES["actions/seqbench/action.yml"].read_text()
    assert text.count("INPUTS: ${{ toJSON(inputs) }}") == 2
    assert json.dumps(text).count("${{ inputs.") == text.count("${{ inputs.artifact }}")
