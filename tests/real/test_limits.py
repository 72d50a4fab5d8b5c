"""What the real programs say when a limit of the shell stops them, and what is said of it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from seqbench.sessions import store
from seqbench.sessions.session import Failed, Measured
from seqbench.toolchain.toolchain import Toolchain
from tests.real.test_tasks import invoke, project

__all__ = ["project"]
pytestmark = pytest.mark.toolchain


def test_failure_under_ulimit_names_the_limit(
    project: Path,
    environment: Mapping[str, str],
    tools: Toolchain,
) -> None:
    words = ("bench", "--only", "skynet", "--runs", "1", "--json", "out.json")
    done = invoke(project, environment, *words, prefix=("/bin/sh", "-c", 'ulimit -v 3000000 && exec "$@"', "sh"))
    assert done.returncode == 4, done.stderr

    (result,) = store.load(project / "out.json").results
    assert result.size_label == "1,000 strands"
    assert "RLIMIT_AS (ulimit -v) allows 2.9 GiB" in result.size_sentence
    outcomes = {program.runtime: program.outcome for program in result.programs}
    assert isinstance(outcomes["go"], Measured)
    # Seq reserves 10,000 stacks at the start, at any size.
    seq = outcomes["seq"]
    assert isinstance(seq, Failed)
    assert "failed to alloc sys stack" in seq.detail
    assert "likely cause: RLIMIT_AS (ulimit -v), 2.9 GiB; fix: " in seq.detail
