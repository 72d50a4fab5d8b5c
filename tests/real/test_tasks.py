import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from seqbench.bench.build import lint
from seqbench.sessions import latest_run, recording, store
from seqbench.sessions.session import Failed, Measured, Session, State
from seqbench.suite.manifest import load_suite
from seqbench.toolchain.toolchain import Toolchain
from tests.support.world import REPOSITORY

pytestmark = pytest.mark.toolchain


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of this project, as a clone is one."""
    for name in ("tasks.py", "pyproject.toml"):
        shutil.copyfile(REPOSITORY / name, tmp_path / name)
    shutil.copytree(REPOSITORY / "benchmarks", tmp_path / "benchmarks")
    (tmp_path / "seqbench").symlink_to(REPOSITORY / "seqbench")
    return tmp_path


def invoke(
    project: Path, environment: Mapping[str, str], *words: str, prefix: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (*prefix, sys.executable, "-m", "invoke", *words),
        cwd=project,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )


def assert_measured(session: Session, rounds: int) -> None:
    assert session.state is State.COMPLETE
    for result in session.results:
        for program in result.programs:
            assert isinstance(program.outcome, Measured), program
            assert len(program.outcome.samples) == rounds


def test_a_quick_run_of_the_whole_suite_shows_a_table_keeps_a_session_and_writes_a_record(
    project: Path, environment: Mapping[str, str], tools: Toolchain
) -> None:
    done = invoke(project, environment, "bench", "--size", "quick", "--runs", "2", "--json", "out.json")
    assert done.returncode == 0, done.stdout + done.stderr

    session = store.load(project / "out.json")
    assert_measured(session, rounds=2)
    assert [result.name for result in session.results] == [
        b.name for b in load_suite(project / "benchmarks").benchmarks
    ]
    lines = done.stdout.partition("\n\n")[0].splitlines()
    assert lines[0].split() == ["Benchmark", "Seq", "Go", "Ratio"]
    # The bands may be on a line of their own.
    rows = [line for line in lines[2:] if "x " in line]
    assert len(rows) >= len(session.results)
    assert all("ms " in row or "s " in row for row in rows)
    assert [tool.name for tool in session.toolchain] == ["seqc", "clang", "go"]
    (kept,) = (project / "results").glob("*.json")
    assert store.load(kept) == session
    assert latest_run.parse((project / "LATEST_RUN.txt").read_text()) == recording.record_of(session)

    # It is fresh, and too small to ship on.
    fresh = invoke(project, environment, "check-fresh")
    assert fresh.returncode == 1
    assert "was scaled down" in fresh.stderr
    assert "stale" not in fresh.stderr


def test_a_new_benchmark_builds_lints_clean_and_runs_at_once_in_every_runtime(
    project: Path, environment: Mapping[str, str], tools: Toolchain
) -> None:
    assert invoke(project, environment, "new", "my-own").returncode == 0
    done = invoke(project, environment, "bench-my-own", "--runs", "2", "--json", "-")
    assert done.returncode == 0, done.stderr

    assert json.loads(done.stdout)["schema"] == "seqbench/session"
    session = store.from_json(done.stdout, "standard output")
    assert_measured(session, rounds=2)
    (result,) = session.results
    assert {program.runtime for program in result.programs} == {"seq", "go"}
    samples = [s for p in result.programs if isinstance(p.outcome, Measured) for s in p.outcome.samples]
    assert {sample.result for sample in samples} == {500_000_500_000}
    for benchmark in load_suite(project / "benchmarks").benchmarks:
        if benchmark.name == "my-own":
            able = [program for program in benchmark.programs if program.runtime.is_default]
            assert [lint(program, tools, environment) for program in able] == ["", ""]


def test_a_compiler_given_by_its_path_measures_too(
    project: Path, environment: Mapping[str, str], tools: Toolchain
) -> None:
    seqc = tools.tool("seqc").path
    words = ("--seqc", f"{seqc},SEQ_POOL_CAPACITY=100", "--size", "quick", "--runs", "1", "--runtimes", "seq")
    done = invoke(project, environment, "bench-pingpong", *words, "--json", "-")
    assert done.returncode == 0, done.stderr

    session = store.from_json(done.stdout, "standard output")
    assert_measured(session, rounds=1)
    assert ("SEQ_POOL_CAPACITY", "100") in session.settings
    assert session.toolchain[0].provenance.startswith("from a path, runtime ")


def test_failure_under_ulimit_names_the_limit(
    project: Path,
    environment: Mapping[str, str],
    tools: Toolchain,
) -> None:
    words = ("bench", "--only", "skynet", "--runs", "1", "--json", "out.json")
    done = invoke(project, environment, *words, prefix=("/bin/sh", "-c", 'ulimit -v 3000000 && exec "$@"', "sh"))
    assert done.returncode == 4, done.stderr

    (result,) = store.load(project / "out.json").results
    assert result.size_label == "1,000 leaves"
    assert "RLIMIT_AS (ulimit -v) allows 2.9 GiB" in result.size_sentence
    outcomes = {program.runtime: program.outcome for program in result.programs}
    assert isinstance(outcomes["go"], Measured)
    # Seq reserves 10,000 stacks at the start, at any size.
    seq = outcomes["seq"]
    assert isinstance(seq, Failed)
    assert "failed to alloc sys stack" in seq.detail
    assert "likely cause: RLIMIT_AS (ulimit -v), 2.9 GiB; fix: " in seq.detail
