"""The commands of the pages work when they are pasted."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.pages import RUN, command_blocks, pages_with_commands
from tests.support.world import REPOSITORY

pytestmark = pytest.mark.toolchain


_RUN = [page for page in pages_with_commands() if any(block.mark == RUN for block in command_blocks(page))]


@pytest.mark.parametrize("page", _RUN, ids=lambda page: page.stem)
def test_commands_of_a_page_work_when_pasted(page: Path, tmp_path: Path) -> None:
    blocks = [block for block in command_blocks(page) if block.mark == RUN]
    for name in ("benchmarks", "pyproject.toml", "tasks.py"):
        place = REPOSITORY / name
        (shutil.copytree if place.is_dir() else shutil.copy)(place, tmp_path / name)
    for block in blocks:
        said = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block.text],
            cwd=tmp_path,
            env={
                **os.environ,
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
                "PYTHONPATH": str(REPOSITORY),
                "SEQBENCH_HISTORY": str(tmp_path / "history.db"),
            },
            capture_output=True,
            text=True,
            timeout=1800,
            check=False,
        )
        # `doctor` may find fault with the machine, and a comparison of seconds may be inconclusive.
        assert said.returncode in ((0, 1) if "doctor" in block.text else (0, 5) if "compare" in block.text else (0,)), (
            f"{page.name}:{block.line}: {said.stdout}\n{said.stderr}"
        )
        assert "defect in seqbench" not in said.stderr
        if "pingpong-seq" in block.text:
            assert said.stdout.count("result: 1000000") == 2


@pytest.mark.parametrize("tool", ["ruff", "mypy", "zizmor"])
def test_the_tools_of_ci_start(tool: str) -> None:
    found = Path(sys.executable).parent / tool
    if not found.exists():
        pytest.skip(f"{tool} is in the lint and types groups, which this environment leaves out")
    assert subprocess.run([found, "--version"], capture_output=True, timeout=600, check=False).returncode == 0
