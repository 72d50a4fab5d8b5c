"""Builds the site of the documentation as `nox -s docs` does, but to somewhere else."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.world import REPOSITORY


def build_site(source: Path, out: Path) -> subprocess.CompletedProcess[str]:
    flags = ("--fail-on-warning", "--keep-going", "--quiet", "-c", str(source / "docs"), "-d", str(out / "doctrees"))
    return subprocess.run(
        [sys.executable, "-m", "sphinx", *flags, str(source), str(out / "site")],
        cwd=REPOSITORY,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
