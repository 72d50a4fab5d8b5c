"""Read the defaults in `[tool.seqbench]` of pyproject.toml."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from seqbench.errors import UsageError
from seqbench.paths import user_path
from seqbench.units import parse_duration_s

RECORD_NAME = "LATEST_RUN.txt"

PYPROJECT = "pyproject.toml"
# A century.
_MOST_HOURS = 876_000
_PACKAGE = Path(__file__).resolve().parent
# The suite is inside the package in a wheel, and beside it in a clone.
SUITE = (_PACKAGE if (_PACKAGE / "benchmarks").is_dir() else _PACKAGE.parent) / "benchmarks"
"""The suite that is part of seqbench."""


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """The values of flags that were not given."""

    seqc: str = "7.7.5"
    target_cpu: str = "baseline"
    suite: str = "benchmarks"
    budget: str = ""
    """Of bench; empty: six rounds of each benchmark at least, and up to thirty in about 100 s."""
    compare_budget: str = "10m"
    tune_budget: str = "15m"
    margin: str = "2%"
    baseline: str = ""
    max_age_hours: float = 24.0
    allow_scaled: bool = False
    allow_unknown_settings: bool = False
    history: str = ""

    @property
    def compare_budget_s(self) -> float:
        """Return the measuring time of one comparison in seconds."""
        return parse_duration_s(self.compare_budget)

    @property
    def tune_budget_s(self) -> float:
        """Return the measuring time of one tuning in seconds."""
        return parse_duration_s(self.tune_budget)


def load_config(project: Path) -> Config:
    """Read the configuration of the project in this folder.

    Without `[tool.seqbench]`, the folder has the default values and the suite of seqbench.
    A project that names no suite and has no folder `benchmarks` also has the suite of seqbench.

    Raises
    ------
    UsageError
        The file is invalid, a key is unknown, or a value has the wrong type.
    """
    path = project / PYPROJECT
    try:
        table = read_table(project)
        config = msgspec.convert({} if table is None else table, Config)
        if config.budget:
            parse_duration_s(config.budget)
        parse_duration_s(config.compare_budget)
        parse_duration_s(config.tune_budget)
        _require_possible_age(config.max_age_hours)
        config = msgspec.structs.replace(config, suite=str(user_path(config.suite)))
    except ValueError as error:
        raise UsageError(f"{path}, [tool.seqbench]: {error}", f"fix {path}") from error
    if table is None or ("suite" not in table and not (project / config.suite).is_dir()):
        return msgspec.structs.replace(config, suite=str(SUITE))
    return config


def _require_possible_age(hours: float) -> None:
    if not 0 <= hours <= _MOST_HOURS:
        raise ValueError(f"max-age-hours = {hours:g}: expected 0 to {_MOST_HOURS:,}")


def read_table(folder: Path) -> Any | None:  # noqa: ANN401 - the user may write any type there
    """Return `[tool.seqbench]` of a folder's pyproject.toml; None when the file or the table is missing.

    Raises
    ------
    UsageError
        The file cannot be read, or is not TOML.
    """
    path = folder / PYPROJECT
    try:
        tool = tomllib.loads(path.read_text(encoding="utf-8")).get("tool")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}", f"restore {path.name}") from error
    except ValueError as error:
        raise UsageError(f"{path}: {error}", f"fix {path}") from error
    return tool.get("seqbench") if isinstance(tool, dict) else None
