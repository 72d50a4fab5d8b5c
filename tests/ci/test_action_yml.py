"""What the action and the workflows keep to; tests/ci/test_workflows.py runs them."""

import re
import tomllib
from typing import Any

import pytest
import yaml

from tests.support.world import REPOSITORY

FILES = {
    path.relative_to(REPOSITORY).as_posix(): path
    for folder in (".github/actions", ".github/workflows", ".forgejo")
    for path in sorted((REPOSITORY / folder).rglob("*.yml"))
}
WORKFLOWS = [name for name in FILES if "/actions/" not in name]
ACTION = ".github/actions/seqbench/action.yml"
COMMENTS = {"contents": "read", "pull-requests": "write"}


def steps_of(name: str) -> list[dict[str, Any]]:
    document = yaml.safe_load(FILES[name].read_text())
    if "runs" in document:
        return list(document["runs"]["steps"])
    return [step for job in document["jobs"].values() for step in job["steps"]]


def test_these_are_all_the_files_there_are() -> None:
    workflows = {f".github/workflows/{name}.yml" for name in ("bench", "ci", "release")}
    examples = {f".forgejo/examples/{name}.yml" for name in ("bench", "bench-calibrate")}
    assert set(FILES) == {ACTION, *workflows, *examples}


@pytest.mark.parametrize("name", FILES)
def test_every_action_of_others_is_pinned_to_a_commit_and_says_its_release(name: str) -> None:
    used = re.findall(r"uses: (\S+)(.*)", FILES[name].read_text())
    assert len(used) == sum("uses" in step for step in steps_of(name))
    for action, comment in used:
        # In the examples, the clone of seqbench and its commit are for the reader to fill in.
        if not action.startswith(("./", "OWNER/seqbench/")):
            assert re.fullmatch(r"(actions|pypa)/[\w/-]+@[0-9a-f]{40}", action)
            assert re.fullmatch(r" # v\d+\.\d+\.\d+(-node20)?", comment)


def test_an_action_is_pinned_to_the_same_commit_everywhere() -> None:
    texts = [path.read_text() for path in FILES.values()]
    used = [each for text in texts for each in re.findall(r"uses: ([\w-]+/[\w-]+)\S*@(\S+)", text)]
    # Forgejo has artifacts of version 3 only, and GitHub none of those any more.
    assert len([each for each in set(used) if each[0] == "actions/upload-artifact"]) == 2
    used = [each for each in used if each[0] != "actions/upload-artifact"]
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
    writes = {"release": {"publish": {"id-token": "write"}}, "bench": {"bench": COMMENTS}}
    assert allowed == writes.get(name.rpartition("/")[2].removesuffix(".yml"), {})
    for step in steps_of(name):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_the_benchmarks_run_by_hand_at_night_and_on_a_label_with_the_inputs_of_the_action() -> None:
    document = yaml.safe_load(FILES[".github/workflows/bench.yml"].read_text())
    # YAML 1.1 takes `on` for a truth.
    events = document[True]
    assert events.keys() == {"workflow_dispatch", "schedule", "pull_request"}
    assert events["pull_request"] == {"types": ["labeled"]}
    (step,) = (each for each in steps_of(".github/workflows/bench.yml") if each["uses"].startswith("./"))
    offered = yaml.safe_load(FILES[ACTION].read_text())["inputs"]
    passed_on = {name for name, text in step["with"].items() if text == f"${{{{ inputs.{name} }}}}"}
    assert passed_on == events["workflow_dispatch"]["inputs"].keys()
    assert step["with"].keys() <= offered.keys()
    assert {"seqc", "only", "size", "compare-to", "fail-on"} <= passed_on


def test_release_publishes_only_what_a_job_without_permissions_built() -> None:
    document = yaml.safe_load(FILES[".github/workflows/release.yml"].read_text())
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
    document = yaml.safe_load(FILES[".github/workflows/ci.yml"].read_text())
    tested = document["jobs"]["python"]["strategy"]["matrix"]["python-version"]
    package = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    named = [each.rpartition(" ")[2] for each in package["classifiers"] if "Python :: 3." in each]
    assert tested == named
    assert package["requires-python"] == f">={tested[0]}"


def test_every_input_and_output_is_described_in_the_documentation() -> None:
    document = yaml.safe_load(FILES[ACTION].read_text())
    told = (REPOSITORY / "docs" / "CI.md").read_text()
    for name in (*document["inputs"], *document["outputs"]):
        assert f"| `{name}` |" in told


def test_only_the_last_step_has_the_token() -> None:
    given = [step for step in steps_of(ACTION) if "inputs.token" in str(step)]
    assert [step["id"] for step in given] == ["report"]
    assert "toJSON(inputs)" not in FILES[ACTION].read_text()
