"""Define what one run is asked to measure; `seqbench.flags` builds a request from the flags of a task."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path

from seqbench.suite.benchmarks import Suite
from seqbench.suite.manifest import load_suite
from seqbench.suite.size_request import SizeRequest
from seqbench.toolchain.compiler_spec import Spec
from seqbench.toolchain.target_cpu import TargetCpu


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What one run is asked to measure; empty tuples mean all."""

    project: Path
    suite_folder: Path
    suite_file: Path | None
    """Describes the suite in place of `suite.toml` in its folder."""
    is_default_suite: bool
    only: tuple[str, ...]
    runtimes: tuple[str, ...]
    reference: str
    """The runtime that the others are compared with; empty for the second one."""
    size: SizeRequest
    runs: int | None
    budget_s: float
    keeps_budget: bool
    """Whether someone asked for the budget, so that it is kept, whatever `runs` says. Otherwise each benchmark gets
    `runs` rounds, or enough for an interval, whatever they take."""
    budget_share: float
    """Of the budget that was asked for: what this request has of it."""
    timeout_s: float | None
    seed: int
    spec: Spec
    target_cpu: TargetCpu
    cache: Path
    environment: Mapping[str, str]
    suite: Suite | None = None
    """A suite that no folder holds, such as that of two commands."""

    def load_suite(self) -> Suite:
        """Read the suite.

        Raises
        ------
        UsageError
            See `suite.manifest.load_suite`.
        """
        return self.suite or load_suite(self.suite_folder, self.suite_file)

    @property
    def other_suite(self) -> tuple[str, str]:
        """Return the folder and the file of a suite that is not the project's own, to store them; else empty texts."""
        return "" if self.is_default_suite else str(self.suite_folder), str(self.suite_file or "")

    def with_suite(self, folder: str, file: str) -> "Request":
        """Return the request for a suite that `other_suite` described."""
        if not folder:
            return self
        return replace(self, suite_folder=Path(folder), suite_file=Path(file) if file else None, is_default_suite=False)

    @property
    def limit_s(self) -> float:
        """Return the time that measuring may take, in seconds; infinite where nothing limits it."""
        return self.budget_s if self.keeps_budget else inf
