"""Find the project: the folder that contains the configuration, the record and the results."""

from dataclasses import dataclass
from pathlib import Path

from seqbench.config import RECORD_NAME, SUITE, load_config, read_table
from seqbench.errors import UsageError


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
        """Return the folder of sessions and other results."""
        return self.root / "results"

    @property
    def suite(self) -> Path:
        """Return the folder of its benchmarks; raises a UsageError when the configuration is invalid."""
        return self.root / load_config(self.root).suite

    @property
    def owns_its_suite(self) -> bool:
        """Return whether the benchmarks belong to this project, not to an installed seqbench."""
        return self.suite != SUITE or self.root == SUITE.parent

    @property
    def is_configured(self) -> bool:
        """Return whether the folder has `[tool.seqbench]`, so that `results/` contains only files of seqbench."""
        return read_table(self.root) is not None


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
