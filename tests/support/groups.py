"""Trees of files that look like the control groups of a process."""

from collections.abc import Mapping
from pathlib import Path


def a_tree(root: Path, groups: str, mounts: str, files: Mapping[str, str]) -> Path:
    """Write what the kernel says of the groups of this process, and the files of the groups; return the root."""
    for name, text in {"proc/self/cgroup": groups, "proc/self/mountinfo": mounts, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")
    return root
