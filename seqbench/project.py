"""Find the project: the folder that contains the configuration, the record and the results."""

import os
from dataclasses import dataclass
from pathlib import Path

from seqbench.config import RECORD_NAME, SUITE, load_config, read_table
from seqbench.errors import UsageError
from seqbench.paths import user_path

_RESULTS = "SEQBENCH_RESULTS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The folder of a task, and the command that the user runs it with: `invoke` or `seqbench`."""

    root: Path
    command: str = "invoke"

    @property
    def record(self) -> Path:
        """Return the file of the record."""
        return self.root / RECORD_NAME

    @property
    def results(self) -> Path:
        """Return the folder of sessions and other results: `SEQBENCH_RESULTS`, or `results` in the project."""
        chosen = os.environ.get(_RESULTS)
        return user_path(chosen).absolute() if chosen else self.root / "results"

    @property
    def suite(self) -> Path:
        """Return the folder of its benchmarks; raises a UsageError when the configuration is invalid."""
        return self.root / load_config(self.root).suite

    @property
    def owns_its_suite(self) -> bool:
        """Return whether the benchmarks belong to this project, not to an installed seqbench."""
        return self.suite != SUITE or self.root == SUITE.parent

    @property
    def foreign_results(self) -> str:
        """Return why the folder of results may contain other files; empty if it contains only those of seqbench."""
        if os.environ.get(_RESULTS):
            return f"{_RESULTS} names it"
        return "" if read_table(self.root) is not None else f"{self.root} has no [tool.seqbench]"


def find_project(folder: Path, *, command: str) -> Project:
    """Return the project of a folder.

    Its root is the nearest folder upwards with `[tool.seqbench]` in pyproject.toml, or the folder itself.
    A pyproject.toml that cannot be read also ends the search, so that the task reports what is wrong with it.
    """

    def is_project(parent: Path) -> bool:
        try:
            return read_table(parent) is not None
        except UsageError:
            return True

    root = next(filter(is_project, (folder, *folder.parents)), folder)
    return Project(root=root, command=command)
