"""The sessions: each makes its own environment with the pinned toolchain, and needs nothing else."""

import os
import shutil
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["lint", "types", "tests"]
nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_existing_virtualenvs = True

PYPROJECT = nox.project.load_toml("pyproject.toml")
LOCK = "requirements/dev.txt"


def _install(session: nox.Session, *groups: str, toolchain: bool = True) -> None:
    wanted = nox.project.dependency_groups(PYPROJECT, *groups) if groups else ()
    session.install("--quiet", "-c", LOCK, "-e", ".[toolchain]" if toolchain else ".", *wanted)


@nox.session
def bench(session: nox.Session) -> None:
    """Set everything up and run the suite: Seq against Go."""
    _install(session)
    session.run("invoke", "bench", *session.posargs)


PARALLEL = ("-n", "auto", "--dist", "worksteal")


@nox.session(name="tests-fast")
def tests_fast(session: nox.Session) -> None:
    """Run the tests that need no compiler, no browser and no workflow engine, except those marked `whole`."""
    _install(session, "tests", toolchain=False)
    selected = "not slow and not toolchain and not browser and not whole and not act"
    # Many tests wait for a small program, so more workers than cores are quicker.
    workers = str(2 * (os.cpu_count() or 1))
    session.run("pytest", "-q", "-n", workers, "--dist", "worksteal", "-m", selected, *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run every test that a change must pass, those with the real compilers too."""
    _install(session, "tests")
    session.run("pytest", *PARALLEL, "-m", "not slow", "--cov", "--cov-report=term", *session.posargs)


@nox.session(name="tests-slow")
def tests_slow(session: nox.Session) -> None:
    """Run everything without a compiler, with many examples of each property and the long studies of coverage."""
    _install(session, "tests", toolchain=False)
    selected = "not toolchain and not browser and not whole and not act"
    session.run("pytest", "-q", *PARALLEL, "--hypothesis-profile", "night", "-m", selected, *session.posargs)


@nox.session
def workflows(session: nox.Session) -> None:
    """Run the workflows and the action with act, as GitHub and as Forgejo, and lint them."""
    _install(session, "tests", "lint")
    session.run("pytest", "-q", *PARALLEL, "-m", "act", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check formatting, lint, and the imports between packages."""
    _install(session, "lint", toolchain=False)
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("lint-imports", "--no-cache")
    session.run("codespell")
    pages = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs")
    session.run("proselint", "check", "--config", ".proselintrc.json", *pages)


@nox.session
def types(session: nox.Session) -> None:
    """Check types, strictly."""
    _install(session, "types", toolchain=False)
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site of the documentation into site/; a warning fails it."""
    _install(session, "docs", toolchain=False)
    session.run("sphinx-build", "--fresh-env", "--fail-on-warning", "--keep-going", "-c", "docs", ".", "site")


@nox.session
def pages(session: nox.Session) -> None:
    """Write the pages that are made from the code: docs/TASKS.md and docs/GLOSSARY.md."""
    _install(session, "tests", toolchain=False)
    session.run("python", "-m", "studies.tasks_page")
    session.run("python", "-m", "studies.glossary_page")


@nox.session
def schema(session: nox.Session) -> None:
    """Write docs/schema/: the JSON schemas of the TOML files, from the code that reads them."""
    _install(session, "tests", toolchain=False)
    code = "from seqbench.suite.json_schema import schemas; from pathlib import Path; "
    session.run("python", "-c", f"{code}[Path(f'docs/schema/{{n}}.json').write_text(t) for n, t in schemas().items()]")


@nox.session
def ci(session: nox.Session) -> None:
    """Check all that must hold before a commit."""
    _install(session, "dev")
    session.run("invoke", "ci", *session.posargs)


@nox.session
def lock(session: nox.Session) -> None:
    """Write requirements/dev.txt: the versions that all sessions install, for every supported Python.

    Versions that still fit stay; `nox -s lock -- --upgrade` takes the newest.
    """
    session.install("--quiet", *nox.project.dependency_groups(PYPROJECT, "lock"))
    groups = [f"--group={name}" for name in ("dev", "dist", "lock", "studies")]
    oldest = PYPROJECT["project"]["requires-python"].removeprefix(">=")
    # The header names this command, and no address of an index or path of a machine gets into the file.
    header = ("--no-emit-index-url", "--custom-compile-command=nox -s lock")
    wanted = ("--universal", f"--python-version={oldest}", "--extra=toolchain", *groups, "pyproject.toml")
    session.run("uv", "pip", "compile", "--quiet", *header, *wanted, f"--output-file={LOCK}", *session.posargs)


@nox.session
def dist(session: nox.Session) -> None:
    """Build the sdist and the wheel into dist/ and check them; with a tag, check that this may be released under it."""
    version = PYPROJECT["project"]["version"]
    for tag in session.posargs:
        if tag != f"v{version}":
            session.error(f"the tag {tag} is not v{version}, the version in pyproject.toml")
        if f"## {version}, unreleased" in Path("CHANGELOG.md").read_text(encoding="utf-8"):
            session.error(f"CHANGELOG.md still calls {version} unreleased")
    session.install("--quiet", "-c", LOCK, *nox.project.dependency_groups(PYPROJECT, "dist"))
    shutil.rmtree("dist", ignore_errors=True)
    session.run("python", "-m", "build")
    session.run("twine", "check", "--strict", "dist/*")
