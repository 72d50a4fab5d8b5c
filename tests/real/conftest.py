"""The real compilers: the user's own cache of them, so that seqc is built once and not for every test run."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from seqbench.bench.build import Executable, build_all
from seqbench.bench.request import Request
from seqbench.bench.tools import find_tools
from seqbench.config import load_config
from seqbench.events import ignore
from seqbench.flags import Flags, make_request
from seqbench.runtimes.registry import RUNTIMES
from seqbench.sessions.session import Failed
from seqbench.suite.benchmarks import Program
from seqbench.suite.manifest import load_suite
from seqbench.system.files import cache_folder
from seqbench.toolchain.toolchain import Toolchain
from tests.support.once import folder_made_once, lock_of
from tests.support.world import REPOSITORY


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of our own, for programs and the lock, that shares the compilers' slow parts with the user's."""
    usual = cache_folder(os.environ)

    def link(folder: Path) -> None:
        for name in ("seqc", "go-build", "zig", "rust", "tools"):
            (usual / name).mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to(usual / name)

    return folder_made_once(tmp_path_factory, "cache", link)


@pytest.fixture(scope="session")
def environment(cache: Path) -> Mapping[str, str]:
    return {**os.environ, "SEQBENCH_CACHE": str(cache)}


@pytest.fixture(scope="session")
def request_for_quick_run(environment: Mapping[str, str]) -> Request:
    return make_request(Flags(size="quick", runs="2"), load_config(REPOSITORY), REPOSITORY, environment)


@pytest.fixture(scope="session")
def tools(request_for_quick_run: Request) -> Toolchain:
    return find_tools(RUNTIMES, request_for_quick_run, ignore)


@pytest.fixture(scope="session")
def built(
    tools: Toolchain, cache: Path, environment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[Program, Executable | Failed]:
    """Every program of this repository, built now and side by side."""
    suites = [load_suite(REPOSITORY / folder) for folder in ("benchmarks", "studies/claims/probes")]
    programs = tuple(p for suite in suites for benchmark in suite.benchmarks for p in benchmark.programs)
    # The first worker builds; the others find it in the cache.
    with lock_of(tmp_path_factory, "built"):
        return build_all(programs, tools, cache=cache, environment=environment, listen=ignore)
