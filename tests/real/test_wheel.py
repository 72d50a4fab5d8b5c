"""The wheel in an environment of its own, with the real compilers and the suite that it carries."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from seqbench.sessions import latest_run, recording, store
from seqbench.sessions.session import State
from seqbench.suite.manifest import load_suite, sources_digest
from seqbench.toolchain.toolchain import Toolchain
from tests.support.world import REPOSITORY

pytestmark = pytest.mark.toolchain


def test_from_an_empty_folder_its_own_suite_is_measured_and_recorded_there(
    installed: Path, tmp_path: Path, environment: Mapping[str, str], tools: Toolchain
) -> None:
    def seqbench(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            (str(installed / "seqbench"), *words),
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=1800,
            check=False,
        )

    done = seqbench("bench", "--only", "pingpong,fanout", "--size", "quick", "--runs", "2")
    assert done.returncode == 0, done.stdout + done.stderr

    (kept,) = (tmp_path / "results").glob("*.json")
    session = store.load(kept)
    assert (session.state, session.is_default_suite) == (State.COMPLETE, True)
    assert [result.name for result in session.results] == ["fanout", "pingpong"]
    # It measured what the clone has, byte for byte.
    assert session.sources == sources_digest(load_suite(REPOSITORY / "benchmarks"))
    assert latest_run.parse((tmp_path / "LATEST_RUN.txt").read_text()) == recording.record_of(session)

    fresh = seqbench("check-fresh")
    assert fresh.returncode == 1
    assert "skynet was not run" in fresh.stderr
    assert "fix: seqbench bench" in fresh.stderr
    assert "have changed" not in fresh.stderr
