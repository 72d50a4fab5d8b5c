"""The registry of runtimes is the only place that knows a language by its name."""

import ast
from collections.abc import Iterator

from seqbench.runtimes.registry import RUNTIMES
from tests.support.world import REPOSITORY


def _compared(tree: ast.Module) -> Iterator[str]:
    """Yield the strings that anything is compared with: `==`, `in` and `case`."""
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


def test_no_module_outside_runtimes_compares_with_the_name_of_a_language() -> None:
    languages = {runtime.name for runtime in RUNTIMES}
    # One installs modules of Go with the Go of the suite, the other looks for a Python for seqbench.
    sources = [path for path in (REPOSITORY / "seqbench").rglob("*.py") if path.name not in ("go_tool.py", "probe.py")]
    found = {
        str(path.relative_to(REPOSITORY)): names
        for path in sources
        if (names := languages & set(_compared(ast.parse(path.read_text(encoding="utf-8")))))
    }
    assert found == {}
    assert set(_compared(ast.parse("x == 'go'\nx in ('c', 'd')\nmatch x:\n  case 'seq': pass"))) == {
        "go",
        "seq",
        "c",
        "d",
    }


# Folders of the cache, the tool that installs modules of Go, and the Python that seqbench needs on a host.
_OTHER_MEANINGS = ("go_tool.py", "upkeep.py", "cargo.py", "probe.py")
_ABOUT_SEQ = ("seqc.py", "compiler_spec.py")


def test_no_text_in_python_is_the_name_of_a_language() -> None:
    """A runtime is data: what is printed of it comes from its file."""
    names = {runtime.name for runtime in RUNTIMES} | {runtime.title for runtime in RUNTIMES}
    names.remove("Python")  # seqbench itself is written in it, which doctor checks
    sources = [
        path
        for path in (REPOSITORY / "seqbench").rglob("*.py")
        if path.name not in (*_OTHER_MEANINGS, *_ABOUT_SEQ) and "tune" not in path.parts
    ]
    assert len(sources) > 100
    found = {
        str(path.relative_to(REPOSITORY)): texts
        for path in sources
        if (texts := names & _texts(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert found == {}


def _texts(tree: ast.Module) -> set[str]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
