"""What Invoke loads before it runs a task: a command starts at once only while that is little."""

import subprocess
import sys

import pytest

from tests.support.world import REPOSITORY

_HEAVY = (
    "fabric",
    "filelock",
    "jinja2",
    "matplotlib",
    "numpy",
    "plotext",
    "rich",
    "ruptures",
    "scipy",
    "sqlite3",
    "tabulate",
)
_OURS = ("bench", "compare", "experiments", "flags", "hosts", "publish", "runtimes", "toolchain")


def _loaded(code: str) -> set[str]:
    """Return the modules that are there when this code has run, in a process of its own."""
    script = f"{code}\nimport sys; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return set(said.stdout.split("\n")[-2].split())


def test_importing_the_tasks_loads_nothing_that_takes_time() -> None:
    loaded = _loaded("import tasks")
    assert "seqbench.tasks.bench" in loaded
    assert loaded & {*_HEAVY, *(f"seqbench.{name}" for name in _OURS)} == set()


@pytest.mark.parametrize(
    ("words", "heavy"),
    [
        (("check-fresh",), _HEAVY),
        pytest.param(("history",), ("jinja2", "matplotlib", "ruptures", "scipy"), marks=pytest.mark.whole),
        pytest.param(("export", "--format", "csv"), ("jinja2", "matplotlib", "scipy"), marks=pytest.mark.whole),
    ],
)
def test_a_task_loads_only_what_it_needs(words: tuple[str, ...], heavy: tuple[str, ...]) -> None:
    program = "from invoke.main import program"
    code = f"{program}\ntry:\n    program.run({['invoke', *words]!r})\nexcept SystemExit:\n    pass"
    assert _loaded(code) & set(heavy) == set()
