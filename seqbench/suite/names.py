"""The names that a benchmark can have, and the folders that look like benchmarks."""

import re
from pathlib import Path

MANIFEST = "benchmark.toml"
NAME = re.compile(r"[a-z][a-z0-9-]*")


def likely_names(folder: Path) -> tuple[str, ...]:
    """Return the names of the folders in a suite that hold a manifest or a file of their own name.

    This knows no runtime, and so it costs next to nothing to import; `suite.manifest.benchmark_names` knows for sure.
    """
    if not folder.is_dir():
        return ()
    return tuple(sorted(child.name for child in folder.iterdir() if NAME.fullmatch(child.name) and _looks_like(child)))


def _looks_like(folder: Path) -> bool:
    return (folder / MANIFEST).is_file() or any(folder.glob(f"{folder.name}.*"))
