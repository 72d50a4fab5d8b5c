"""Fixtures of all tests, and the profiles of Hypothesis.

What a fixture needs is imported by it, so that the tests of one module start at once.
"""

import gc
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.support.world import World

# A test run that was started in the background of a script, or by nohup, ignores these. What is ignored from the start
# seqbench leaves ignored, and so the tests of interrupts would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)
for _number in (signal.SIGTERM, signal.SIGHUP):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.SIG_DFL)

# What is slow on a busy machine is no broken property. To explain a failure of a whole session takes minutes.
_CALM = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[each for each in Phase if each is not Phase.explain],
)
# By day a property is tried with few examples; `nox -s tests-slow` takes the profile `night`.
settings.register_profile("day", _CALM, max_examples=12)
settings.register_profile("ci", _CALM, max_examples=40)
settings.register_profile("night", _CALM, max_examples=500)
settings.load_profile("ci" if os.environ.get("CI") else "day")


def pytest_collection_finish() -> None:
    """Keep what collecting made from being looked at again in every garbage collection."""
    gc.freeze()


_TIMEOUT_S = 900.0
_FIX = "apt-get install chromium; pip install --group tests"


@pytest.fixture(scope="session", autouse=True)
def _history_of_our_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whatever a test starts with the user's environment, it writes nothing into the user's history."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEQBENCH_HISTORY", str(tmp_path_factory.mktemp("history") / "history.db"))
        yield


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a copy of this project in which programs have been built; making it takes no network."""
    from tests.support.once import folder_made_once  # noqa: PLC0415 - see the docstring of this module

    (made,) = folder_made_once(tmp_path_factory, "wheel", _build_wheel).glob("*.whl")
    return made


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands of an environment in which the wheel is installed, and no clone."""
    from tests.support.once import folder_made_once  # noqa: PLC0415 - see the docstring of this module

    return folder_made_once(tmp_path_factory, "environment", lambda folder: _install(wheel, folder)) / "bin"


def _build_wheel(folder: Path) -> None:
    from tests.support.world import REPOSITORY  # noqa: PLC0415 - see the docstring of this module

    copy = folder / "clone"
    for name in ("seqbench", "benchmarks"):
        shutil.copytree(REPOSITORY / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "target"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copyfile(REPOSITORY / name, copy / name)
    built = ("target/release/skynet-may", "target/release/build.rs", "target/skynet.d", "skynet/skynet")
    for path in (*built, "tried/tried.seq", "tried/benchmark.toml", "skynet/skynet.tried.seq"):
        (copy / "benchmarks" / path).parent.mkdir(parents=True, exist_ok=True)
        (copy / "benchmarks" / path).write_bytes(b"\x7fELF")
    _pip("wheel", "--no-build-isolation", "--wheel-dir", str(folder), str(copy))


def _install(wheel: Path, folder: Path) -> None:
    subprocess.run((sys.executable, "-m", "venv", "--without-pip", str(folder)), check=True, timeout=_TIMEOUT_S)
    _pip("--python", str(folder / "bin" / "python"), "install", str(wheel))
    # What it depends on is taken from here, but no editable seqbench: that hangs on a .pth file, and Python reads those
    # in the environment's own folder only.
    (packages,) = folder.glob("lib/python*/site-packages")
    paths = sysconfig.get_paths()
    (packages / "dependencies.pth").write_text("".join(f"{paths[key]}\n" for key in ("purelib", "platlib")))


def _pip(*words: str) -> None:
    """Call pip, which looks nowhere but here."""
    environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_CONFIG_FILE": os.devnull}
    command = (sys.executable, "-m", "pip", "--disable-pip-version-check", *words)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def world(tmp_path: Path) -> "World":
    from tests.support.world import World  # noqa: PLC0415 - see the docstring of this module

    return World(tmp_path)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site of the documentation; it has no warning."""
    from tests.support.once import folder_made_once  # noqa: PLC0415 - see the docstring of this module

    return folder_made_once(tmp_path_factory, "docs", _build_site) / "site"


def _build_site(folder: Path) -> None:
    from tests.support.site import build_site  # noqa: PLC0415 - see the docstring of this module
    from tests.support.world import REPOSITORY  # noqa: PLC0415

    said = build_site(REPOSITORY, folder)
    assert (said.returncode, said.stderr) == (0, "")


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    if problem := _missing():
        told = f"{problem}; fix: {_FIX}"
        if os.environ.get("SEQBENCH_REQUIRE_BROWSER") == "1":
            pytest.fail(told)
        pytest.skip(told)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - it may be missing

    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=shutil.which("chromium"))
        yield running
        running.close()


def _missing() -> str:
    """Return what the tests of pages lack here; empty where there is all of it."""
    try:
        import axe_playwright_python.sync_playwright  # noqa: F401, PLC0415
        import playwright.sync_api  # noqa: F401, PLC0415
    except ImportError as error:
        return f"{error.name} is not installed"
    return "" if shutil.which("chromium") else "there is no chromium on PATH"
