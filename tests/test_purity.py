import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from seqbench.runtimes.registry import RUNTIMES

_PROJECT = Path(__file__).resolve().parent.parent
_DOOR = _PROJECT / "seqbench" / "__main__.py"
_LIBRARY = {
    path.stem: ast.parse(path.read_text()) for path in sorted((_PROJECT / "seqbench").glob("*.py")) if path != _DOOR
}
_TASKS = sorted((_PROJECT / "seqbench" / "tasks").glob("*.py"))
_SHELL = {
    path.relative_to(_PROJECT).as_posix(): ast.parse(path.read_text())
    for path in (*_TASKS, _DOOR, _PROJECT / "tasks.py", _PROJECT / "noxfile.py")
}
_EVERYTHING = _LIBRARY | _SHELL
_BY_DESIGN = {"arithmetic", "check", "gate", "record", "report", "session", "sizing", "spec", "stats", "units"}
_PURE = sorted(_BY_DESIGN | {name for name, tree in _LIBRARY.items() if " Pure." in (ast.get_docstring(tree) or "")})
_IMPURE = ("os", "random", "secrets", "shutil", "socket", "subprocess", "sys", "tempfile", "threading", "time")
_LANGUAGES = {runtime.name for runtime in RUNTIMES}


def _imports(tree: ast.Module) -> Iterator[str]:
    """Give the whole name of every module that is imported anywhere, in a function too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _calls(tree: ast.Module) -> Iterator[str]:
    """Give what every call calls, as it is written."""
    return (ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call))


def _names(tree: ast.Module) -> Iterator[str]:
    """Give every name and dotted name, as it is written."""
    return (ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute))


def _compared(tree: ast.Module) -> Iterator[str]:
    """Give the strings that anything is compared with: `==`, `in` and `case`."""
    for node in ast.walk(tree):
        sides: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            sides = [node.value]
        for side in sides:
            for leaf in [side, *(side.elts if isinstance(side, ast.Tuple | ast.List | ast.Set) else [])]:
                if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str):
                    yield leaf.value


@pytest.mark.parametrize("module", _PURE)
def test_a_pure_module_imports_nothing_that_reaches_the_machine(module: str) -> None:
    roots = {name.split(".")[0] for name in _imports(_LIBRARY[module])}
    assert roots.isdisjoint(_IMPURE)


@pytest.mark.parametrize("module", _PURE)
def test_a_pure_module_opens_no_file_and_reads_no_clock(module: str) -> None:
    called = {call.split(".")[-1] for call in _calls(_LIBRARY[module])}
    assert called.isdisjoint(
        {"open", "read_text", "read_bytes", "write_text", "write_bytes", "exists", "is_file", "now", "today", "utcnow"}
    )


@pytest.mark.parametrize("module", _LIBRARY)
def test_the_library_never_prints(module: str) -> None:
    assert "print" not in _calls(_LIBRARY[module])


@pytest.mark.parametrize("module", _LIBRARY)
def test_the_library_never_exits(module: str) -> None:
    assert {"exit", "quit", "sys.exit", "os._exit", "SystemExit"}.isdisjoint(_names(_LIBRARY[module]))


@pytest.mark.parametrize("module", sorted(_EVERYTHING.keys() - {"process"}))
def test_no_other_module_than_process_starts_processes(module: str) -> None:
    roots = {name.split(".")[0] for name in _imports(_EVERYTHING[module])}
    assert roots.isdisjoint({"subprocess", "multiprocessing", "pty"})
    starting = (
        "os.posix_spawn",
        "os.fork",
        "os.exec",
        "os.spawn",
        "os.system",
        "os.popen",
        "asyncio.create_subprocess",
    )
    assert [name for name in _names(_EVERYTHING[module]) if name.startswith(starting)] == []


@pytest.mark.parametrize("module", _LIBRARY)
def test_the_library_does_not_know_its_tasks(module: str) -> None:
    of_tasks = {"invoke", "nox", "noxfile", "seqbench.tasks", "seqbench.__main__", "tasks"}
    assert {name for name in _imports(_LIBRARY[module]) if name in of_tasks or name.startswith("invoke.")} == set()


@pytest.mark.parametrize("module", _SHELL)
def test_only_modules_of_the_tasks_print(module: str) -> None:
    assert module.startswith("seqbench/tasks/") or "print" not in _calls(_SHELL[module])


@pytest.mark.parametrize("module", sorted(_EVERYTHING.keys() - {"runtimes"}))
def test_no_other_module_than_runtimes_asks_which_language_it_is(module: str) -> None:
    assert _LANGUAGES.isdisjoint(_compared(_EVERYTHING[module]))


def test_these_checks_find_what_they_look_for() -> None:
    tree = ast.parse(
        "def f(x):\n import time\n from os import path\n if x == 'go': print(x)\n"
        " match x:\n  case 'seq': sys.exit(os.fork())\n return x in ('c', 'd')"
    )
    assert {"time", "os", "os.path"} == set(_imports(tree))
    assert {"print", "sys.exit", "os.fork"} == set(_calls(tree))
    assert {"sys.exit", "os.fork"} <= set(_names(tree))
    assert {"go", "seq", "c", "d"} == set(_compared(tree))
    assert _LIBRARY.keys() > _BY_DESIGN
    assert _SHELL.keys() > {"seqbench/__main__.py", "seqbench/tasks/__init__.py", "tasks.py"}
    assert "print" in _calls(_SHELL["seqbench/tasks/common.py"])
