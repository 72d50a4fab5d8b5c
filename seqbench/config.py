"""The defaults in `[tool.seqbench]` of pyproject.toml."""

import tomllib
from pathlib import Path

import msgspec

from seqbench.errors import UsageError
from seqbench.units import parse_duration_s


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """What a flag left open is taken from."""

    seqc: str = "7.7.5"
    suite: str = "benchmarks"
    budget: str = "100s"
    compare_budget: str = "10m"
    tune_budget: str = "15m"
    margin: str = "2%"
    baseline: str = ""
    max_age_hours: float = 24.0
    allow_scaled: bool = False
    history: str = ""

    @property
    def budget_s(self) -> float:
        """The measuring time of one session in seconds."""
        return parse_duration_s(self.budget)

    @property
    def compare_budget_s(self) -> float:
        """The measuring time of one comparison in seconds."""
        return parse_duration_s(self.compare_budget)

    @property
    def tune_budget_s(self) -> float:
        """The measuring time of one tuning in seconds."""
        return parse_duration_s(self.tune_budget)


def load_config(project: Path) -> Config:
    """Read the defaults of the project in this folder.

    Raises
    ------
    UsageError : the file is broken, or a value is unknown or of the wrong kind.
    """
    path = project / "pyproject.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {}).get("seqbench", {})
        config = msgspec.convert(table, Config)
        parse_duration_s(config.budget)
        parse_duration_s(config.compare_budget)
        parse_duration_s(config.tune_budget)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}", f"restore {path.name}") from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, ValueError) as error:
        raise UsageError(f"{path}, [tool.seqbench]: {error}", f"mend {path}") from error
    return config
