"""Define the valid names of benchmarks, and find folders that look like benchmarks."""

import re
from pathlib import Path

MANIFEST = "benchmark.toml"
NAME = re.compile(r"[a-z][a-z0-9-]*")
VALID_NAME = "lower-case letters, digits and hyphens, beginning with a letter"


def likely_names(folder: Path) -> tuple[str, ...]:
    """Return the names of the folders in a suite that contain a manifest or a file of the folder's name.

    The module does not import the runtimes, so that it loads fast. `suite.manifest.benchmark_names` checks the suffixes
    as well.
    """
    if not folder.is_dir():
        return ()
    return tuple(sorted(child.name for child in folder.iterdir() if NAME.fullmatch(child.name) and _looks_like(child)))


def _looks_like(folder: Path) -> bool:
    return (folder / MANIFEST).is_file() or any(folder.glob(f"{folder.name}.*"))
