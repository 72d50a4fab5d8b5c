import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.world import REPOSITORY

pytestmark = pytest.mark.toolchain


def test_the_manual_build_of_the_readme_works_when_pasted() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    block = re.search(r"## Building by hand.*?```sh\n(.*?)```", text, re.DOTALL)
    assert block is not None
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    said = subprocess.run(
        ["bash", "-eu", "-c", block[1]],
        cwd=REPOSITORY,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert said.stdout.count("result: 1000000") == 2


@pytest.mark.parametrize("tool", ["ruff", "mypy", "zizmor"])
def test_the_tools_of_ci_start(tool: str) -> None:
    found = Path(sys.executable).parent / tool
    if not found.exists():
        pytest.skip(f"{tool} is in the lint and types groups, which this environment leaves out")
    assert subprocess.run([found, "--version"], capture_output=True, timeout=600, check=False).returncode == 0
