"""requirements/dev.txt: what `nox -s lock` wrote fits what pyproject.toml asks for now."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.world import REPOSITORY

_LOCK = (REPOSITORY / "requirements" / "dev.txt").read_text(encoding="utf-8")
_PYPROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
_LOCKED = [Requirement(line) for line in _LOCK.splitlines() if line[:1].isalnum()]
_ASKED = [
    *_PYPROJECT["project"]["dependencies"],
    *_PYPROJECT["project"]["optional-dependencies"]["toolchain"],
    *(each for group in _PYPROJECT["dependency-groups"].values() for each in group if isinstance(each, str)),
]
_PYTHONS = [each.rpartition(" ")[2] for each in _PYPROJECT["project"]["classifiers"] if "Python :: 3." in each]


@pytest.mark.parametrize("python", _PYTHONS)
def test_lock_has_one_fitting_version_of_each_requirement(python: str) -> None:
    here = {"python_version": python, "python_full_version": f"{python}.99"}
    locked: dict[str, list[str]] = {}
    for each in _LOCKED:
        if each.marker is None or each.marker.evaluate(here):
            locked.setdefault(canonicalize_name(each.name), []).append(str(each.specifier).removeprefix("=="))
    assert {name: versions for name, versions in locked.items() if len(versions) > 1} == {}
    for asked in map(Requirement, _ASKED):
        versions = locked.get(canonicalize_name(asked.name), [])
        assert [each for each in versions if asked.specifier.contains(each)], f"{asked}: {versions}; fix: nox -s lock"


def test_lock_holds_no_address_and_no_path() -> None:
    assert re.findall(r".*(?:://|--(?:extra-)?index-url|\s/\w).*", _LOCK) == []
