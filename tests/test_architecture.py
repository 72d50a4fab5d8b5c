import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.support.world import REPOSITORY


def test_every_package_stands_in_the_architecture_and_in_the_wheel() -> None:
    text = (REPOSITORY / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    listed = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"][
        "packages"
    ]
    folders = [path.parent.relative_to(REPOSITORY) for path in (REPOSITORY / "seqbench").rglob("__init__.py")]
    assert len(folders) > 10
    assert [folder for folder in folders if ".".join(folder.parts) not in listed] == []
    assert [
        folder for folder in folders if f"`{folder.relative_to('seqbench')}/`" not in text and len(folder.parts) > 1
    ] == []


def test_suite_in_the_wheel_is_the_suite_in_git() -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    listed = settings["tool"]["setuptools"]["package-data"]["seqbench.benchmarks"]
    committed = subprocess.run(
        ("git", "ls-files"), cwd=REPOSITORY / "benchmarks", capture_output=True, text=True, check=True
    ).stdout.split()
    assert listed == sorted(name for name in committed if not name.startswith("."))


# What a module is called that its distribution does not name.
DISTRIBUTIONS = {"lazy_loader": "lazy-loader", "markupsafe": "jinja2", "paramiko": "fabric"}


def test_every_library_that_is_imported_is_installed_with_the_package() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["hosts"]]
    installed = {re.split(r"[^\w-]", each)[0] for each in wanted}
    imported = set()
    for path in (REPOSITORY / "seqbench").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(str(node.module).partition(".")[0])
    imported -= {*sys.stdlib_module_names, "seqbench"}
    assert {DISTRIBUTIONS.get(name, name) for name in imported} == installed


CORE = ("stats", "system", "toolchain", "runtimes", "suite", "sessions", "bench", "compare")


def _decides(source: str) -> bool:
    """Return whether a module has a function, so that there is something to test."""
    return any(isinstance(node, ast.FunctionDef) for node in ast.walk(ast.parse(source)))


def test_every_core_module_has_a_test_file_of_its_own() -> None:
    modules = [path for package in CORE for path in (REPOSITORY / "seqbench" / package).glob("[a-z]*.py")]
    wanted = [
        Path(path.parent.name) / f"test_{path.stem}.py"
        for path in modules
        if _decides(path.read_text(encoding="utf-8"))
    ]
    assert len(wanted) > 30
    assert [str(path) for path in wanted if not (REPOSITORY / "tests" / path).exists()] == []


def test_no_test_module_imports_another() -> None:
    imports = re.compile(r"^(?:from|import) tests\.(?!support\b).*", re.MULTILINE)
    found = {
        str(path.relative_to(REPOSITORY)): names
        for path in (REPOSITORY / "tests").rglob("test_*.py")
        if (names := imports.findall(path.read_text(encoding="utf-8")))
    }
    assert found == {}
    assert imports.search("from tests.suite.test_sizes import x")
