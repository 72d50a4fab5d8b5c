"""Measure a comparison that is kept in a file as it grows, so that an interrupted one can be resumed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from seqbench.bench.request import Request
from seqbench.compare.calibration import load_calibration
from seqbench.compare.document import StoredComparison, Versus, comparison_to_json, load_comparison
from seqbench.compare.run import versus
from seqbench.events import Listener
from seqbench.sessions.session import Session
from seqbench.system.files import cache_folder, write_atomically
from seqbench.toolchain.compiler_spec import parse_spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A comparison to measure."""

    request: Request
    versus: Versus
    has_probe: bool
    """Base once more, with a known slowdown, as the gate needs it."""
    resumed: tuple[Session, ...] = ()
    """What was measured before an interrupt."""

    def with_sessions(self, sessions: tuple[Session, ...]) -> StoredComparison:
        """Return what is stored when so much has been measured."""
        return StoredComparison(
            base_spec=self.versus.base.text,
            head_spec=self.versus.head.text,
            only=self.request.only,
            margin=self.versus.margin,
            sessions=sessions,
        )


def resume(path: Path, request: Request, *, has_probe: bool) -> Job:
    """Return the rest of an interrupted comparison: its settings and seed are those of its file.

    Raises
    ------
    UsageError
        The file is no comparison.
    """
    stored = load_comparison(path)
    seed = stored.sessions[0].seed if stored.sessions else request.seed
    return Job(
        request=replace(request, only=stored.only, seed=seed),
        versus=Versus(base=parse_spec(stored.base_spec), head=parse_spec(stored.head_spec), margin=stored.margin),
        has_probe=has_probe,
        resumed=stored.sessions,
    )


def stored_path(results: Path, job: Job) -> Path:
    """Return the file that keeps a comparison; a resumed one goes on in the same file."""
    return results / f"{'gate' if job.has_probe else 'compare'}-{job.request.seed}.json"


def measure(job: Job, path: Path, *, listen: Listener) -> StoredComparison:
    """Measure a comparison, and write it to its file whenever a benchmark is done, and after an interrupt.

    Raises
    ------
    UsageError, ToolchainError, KeyboardInterrupt
        As `versus`.
    """

    def save(sessions: tuple[Session, ...]) -> None:
        write_atomically(path, comparison_to_json(job.with_sessions(sessions)).encode())

    sessions = versus(
        job.request,
        job.versus,
        listen=listen,
        save=save,
        resumed=job.resumed,
        probe=job.has_probe,
        calibration=load_calibration(calibration_path(job.request.environment)),
    )
    return job.with_sessions(sessions)


def calibration_path(environment: Mapping[str, str]) -> Path:
    """Return the file that keeps the calibration of this machine."""
    return cache_folder(environment) / "calibration.json"
