"""What the steps of the action share, run by bash."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.world import REPOSITORY

_ACTION = REPOSITORY / ".github" / "actions" / "seqbench"


def test_error_in_colours_is_annotated_without_them_and_without_what_is_before_it(tmp_path: Path) -> None:
    """A workflow may set FORCE_COLOR for all its steps."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash")
    python = tmp_path / "seqbench-venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\nprintf 'noise\\n\\033[31merror\\033[0m: no clang\\n  fix: x\\n'; exit 3\n")
    python.chmod(0o755)
    variables = {"GITHUB_ACTION_PATH": str(_ACTION), "RUNNER_TEMP": str(tmp_path), "PATH": "/usr/bin:/bin"}
    script = f". '{_ACTION}/common.sh'; verdict_of bench"
    done = subprocess.run((bash, "-c", script), env=variables, capture_output=True, text=True, check=False)

    assert done.returncode == 3, done.stderr
    assert done.stdout.splitlines()[-1] == "::error title=seqbench::error: no clang%0A  fix: x"
