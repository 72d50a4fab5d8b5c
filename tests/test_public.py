"""What is public: it is documented, it is there, and importing it is light."""

import importlib
import re
import subprocess
import sys

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


def test_what_the_reference_shows_is_there() -> None:
    shown = re.findall(r"automodule:: seqbench\.([\w.]+)\n *:members: (.+)", _page("REFERENCE.md"))
    assert len(shown) > 10
    for module, members in shown:
        found = importlib.import_module(f"seqbench.{module}")
        assert [name for name in members.split(", ") if not hasattr(found, name)] == []


def test_importing_all_of_it_loads_nothing_heavy() -> None:
    script = (
        f"import sys; from seqbench import *; print([name for name in {_HEAVY!r} if name in sys.modules], len(dir()))"
    )
    said = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    heavy, _, names = said.stdout.rpartition(" ")
    assert heavy == "[]"
    assert int(names) > len(seqbench.__all__)
