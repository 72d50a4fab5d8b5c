"""A project: the folder whose configuration is read and where records and results are kept."""

from dataclasses import dataclass
from pathlib import Path

from seqbench.config import RECORD_NAME, SUITE, load_config, read_table
from seqbench.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The folder that a task works for, and what a user types to call the task: `invoke`, or another door to it."""

    root: Path
    command: str = "invoke"

    @property
    def record(self) -> Path:
        """Where the record of the last run is."""
        return self.root / RECORD_NAME

    @property
    def results(self) -> Path:
        """Where sessions and whatever else was measured are kept."""
        return self.root / "results"

    @property
    def suite(self) -> Path:
        """Where its benchmarks are; raises a UsageError where the configuration is broken."""
        return self.root / load_config(self.root).suite

    @property
    def owns_its_suite(self) -> bool:
        """Say whether its benchmarks are its own, and not those that came with an installed seqbench."""
        return self.suite != SUITE or self.root == SUITE.parent

    @property
    def is_configured(self) -> bool:
        """Say whether somebody made this folder a project, so that all of its `results/` is ours."""
        return read_table(self.root) is not None


def find_project(folder: Path, *, command: str) -> Project:
    """Give the project of a folder: the nearest one upwards whose pyproject.toml has `[tool.seqbench]`, else itself.

    A pyproject.toml that cannot be read on the way is taken for one that has it: the tasks say what is wrong with it.
    """

    def is_one(candidate: Path) -> bool:
        try:
            return read_table(candidate) is not None
        except UsageError:
            return True

    root = next(filter(is_one, (folder, *folder.parents)), folder)
    return Project(root=root, command=command)
