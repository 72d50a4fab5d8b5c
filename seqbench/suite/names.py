"""Define the valid names of benchmarks, and find folders that look like benchmarks."""

import re
import tomllib
from pathlib import Path

MANIFEST = "benchmark.toml"
SUITE_FILE = "suite.toml"
NAME = re.compile(r"[a-z][a-z0-9-]*")
_RUNTIMES = Path(__file__).parents[1] / "runtimes"
VALID_NAME = "lower-case letters, digits and hyphens, beginning with a letter"


def likely_names(folder: Path) -> tuple[str, ...]:
    """Return the names of the folders in a suite that contain a manifest or a file of the folder's name.

    The module does not import the runtimes, so that it loads fast. `suite.manifest.benchmark_names` checks the
    extensions as well. A suite with a layout of its own has none here.
    """
    if not folder.is_dir() or _has_layout(folder / SUITE_FILE):
        return ()
    return tuple(sorted(child.name for child in folder.iterdir() if NAME.fullmatch(child.name) and _looks_like(child)))


def _looks_like(folder: Path) -> bool:
    return (folder / MANIFEST).is_file() or any(folder.glob(f"{folder.name}.*"))


def _has_layout(path: Path) -> bool:
    try:
        return "layout" in tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False


def runtime_names() -> tuple[str, ...]:
    """Return the names of the runtimes that are part of seqbench, without reading their files."""
    return tuple(sorted(path.stem for path in _RUNTIMES.glob("*.toml")))
