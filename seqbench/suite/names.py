"""Define the valid names of benchmarks, and find folders that look like benchmarks."""

import re
import tomllib
from pathlib import Path
from typing import Any

MANIFEST = "benchmark.toml"
SUITE_FILE = "suite.toml"
COMMANDS = "commands"
"""The benchmark of commands that name none."""
NAME = re.compile(r"[a-z][a-z0-9-]*")
_RUNTIMES = Path(__file__).parents[1] / "runtimes"
VALID_NAME = "lower-case letters, digits and hyphens, beginning with a letter"


def likely_names(folder: Path) -> tuple[str, ...]:
    """Return the names of the folders in a suite that contain a manifest or a file of their name, and of its commands.

    The module does not import the runtimes, so that it loads fast. `suite.manifest.benchmark_names` checks the
    extensions as well. A suite with a layout of its own has none here.
    """
    said = _tables(folder / SUITE_FILE)
    if not folder.is_dir() or "layout" in said:
        return ()
    listed = said.get("commands")
    listed = listed if isinstance(listed, dict) else {}
    commands = {key if isinstance(value, dict) else COMMANDS for key, value in listed.items()}
    folders = {child.name for child in folder.iterdir() if NAME.fullmatch(child.name) and _looks_like(child)}
    return tuple(sorted({*folders, *(name for name in commands if NAME.fullmatch(name))}))


def _looks_like(folder: Path) -> bool:
    return (folder / MANIFEST).is_file() or any(folder.glob(f"{folder.name}.*"))


def _tables(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def runtime_names() -> tuple[str, ...]:
    """Return the names of the runtimes that are part of seqbench, without reading their files."""
    return tuple(sorted(path.stem for path in _RUNTIMES.glob("*.toml")))
