"""What contributors are told: the sessions and files that the pages and workflows name are there."""

import re

import yaml

from tests.support.world import REPOSITORY

_PAGES = [REPOSITORY / "CONTRIBUTING.md", REPOSITORY / "docs" / "RELEASING.md"]
_WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))


def test_named_sessions_are_in_the_noxfile() -> None:
    noxfile = (REPOSITORY / "noxfile.py").read_text(encoding="utf-8")
    sessions = {given or name for given, name in re.findall(r'@nox\.session(?:\(name="(.+)"\))?\ndef (\w+)', noxfile)}
    text = "\n".join(path.read_text(encoding="utf-8") for path in [*_PAGES, *_WORKFLOWS])
    named = {name for names in re.findall(r"nox -s ((?:[a-z][a-z-]* ?)+)", text) for name in names.split()}
    assert named >= {"tests-fast", "tests", "lint", "types", "ci", "lock", "dist"}
    assert named - sessions == set()


def test_named_files_exist() -> None:
    named = {
        name
        for page in _PAGES
        for name in re.findall(r"`((?:seqbench|tests|docs|benchmarks|requirements)/[^`]*)`", page.read_text("utf-8"))
        if "NAME" not in name
    }
    assert len(named) > 10
    assert sorted(name for name in named if not (REPOSITORY / name).exists()) == []


def test_bug_form_requires_the_output_of_doctor() -> None:
    form = yaml.safe_load((REPOSITORY / ".github" / "ISSUE_TEMPLATE" / "bug.yml").read_text(encoding="utf-8"))
    (doctor,) = (field for field in form["body"] if field.get("id") == "doctor")
    assert "invoke doctor" in doctor["attributes"]["label"]
    assert doctor["validations"] == {"required": True}
