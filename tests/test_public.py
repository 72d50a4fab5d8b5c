"""What is public: it is documented, it is there, and importing it is light."""

import importlib
import re
import subprocess
import sys
from inspect import isclass, isfunction

import pytest

import seqbench
from tests.support.world import REPOSITORY

_HEAVY = ("numpy", "scipy", "ruptures", "matplotlib", "jinja2")


def _page(name: str) -> str:
    return (REPOSITORY / "docs" / name).read_text(encoding="utf-8")


def test_pages_name_every_public_package() -> None:
    table = _page("API.md").partition("| package | what for |")[2].partition("\n\n")[0]
    named = [name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1] if row else "")]
    assert sorted(named) == seqbench.__all__
    assert sorted(set(re.findall(r"automodule:: seqbench\.(\w+)", _page("REFERENCE.md")))) == seqbench.__all__


def _shown() -> dict[str, list[str]]:
    """Return the names that the reference shows, by their module."""
    found = re.findall(r"automodule:: seqbench\.([\w.]+)\n *:members: (.+)", _page("REFERENCE.md"))
    return {module: members.split(", ") for module, members in found}


def test_what_the_reference_shows_is_there() -> None:
    assert len(_shown()) > 10
    for module, members in _shown().items():
        found = importlib.import_module(f"seqbench.{module}")
        values = {name: getattr(found, name, None) for name in members}
        assert [name for name, value in values.items() if value is None] == []
        # Sphinx takes no class or function that the module imports from another one.
        objects = {name: value for name, value in values.items() if isclass(value) or isfunction(value)}
        assert [name for name, value in objects.items() if value.__module__ != found.__name__] == []


@pytest.mark.parametrize("package", ["stats", "suite", "sessions", "compare", "publish.export", "publish.history"])
def test_the_reference_shows_every_name_that_a_public_package_hands_on(package: str) -> None:
    names = (REPOSITORY / "seqbench" / package.replace(".", "/") / "__init__.pyi").read_text(encoding="utf-8")
    handed_on = re.findall(r"^from \.(\w+) import (\w+)", names, re.MULTILINE)
    missing = [(module, name) for module, name in handed_on if name not in _shown().get(f"{package}.{module}", ())]
    assert missing == []


def test_importing_all_of_it_loads_nothing_heavy() -> None:
    script = (
        f"import sys; from seqbench import *; print([name for name in {_HEAVY!r} if name in sys.modules], len(dir()))"
    )
    said = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    heavy, _, names = said.stdout.rpartition(" ")
    assert heavy == "[]"
    assert int(names) > len(seqbench.__all__)
