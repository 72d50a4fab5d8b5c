"""Measure a comparison that is stored after every turn of a benchmark, so that an interrupted one can be resumed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from seqbench.bench.request import Request
from seqbench.compare.calibration import Calibration, load_calibration
from seqbench.compare.commands import request_of_commands
from seqbench.compare.document import ComparisonRequest, StoredComparison, load_comparison
from seqbench.compare.layouts import measure_layouts
from seqbench.compare.run import compare_compilers
from seqbench.errors import BudgetError, ToolchainError
from seqbench.events import Listener
from seqbench.project import Project
from seqbench.runtimes.registry import COMPARED_RUNTIME
from seqbench.sessions.session import Session
from seqbench.sessions.store import stored_machine
from seqbench.suite.commands import COMMAND
from seqbench.suite.size_request import parse_size
from seqbench.system import machine
from seqbench.system.files import cache_folder
from seqbench.toolchain.compiler_spec import Spec, parse_spec, parse_variables
from seqbench.toolchain.target_cpu import recorded_target

Saver = Callable[[StoredComparison], None]
# Of what a calibration measures its A/A pairs in.
_LAYOUT_SHARE = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonJob:
    """A comparison to measure."""

    request: Request
    comparison: ComparisonRequest
    has_probe: bool
    """Whether the probe runs too, which the gate needs."""
    resumed: tuple[Session, ...] = ()
    """The sessions that were measured before an interrupt."""
    has_layouts: bool = False
    """Whether base is also measured in several layouts of its code, as a calibration does."""

    def with_sessions(self, sessions: tuple[Session, ...]) -> StoredComparison:
        """Return the document to store once these sessions are measured."""
        return StoredComparison(
            base_spec=self.comparison.base.text,
            head_spec=self.comparison.head.text,
            only=self.request.only,
            margin=self.comparison.margin,
            metrics=self.comparison.metrics,
            sessions=sessions,
            runtime="".join(self.request.runtimes[:1]),
            size=self.request.size.flag,
            values=self.comparison.values,
            pattern=self.comparison.pattern,
            suite=self.request.other_suite[0],
            suite_file=self.request.other_suite[1],
        )


def resume(path: Path, request: Request, *, has_probe: bool) -> ComparisonJob:
    """Return the job that measures the rest of an interrupted comparison, with the settings and seed of its file.

    Raises
    ------
    UsageError
        The file is not a comparison.
    """
    stored = load_comparison(path)
    asked = request.with_suite(stored.suite, stored.suite_file)
    seed, target_cpu = request.seed, request.target_cpu
    if stored.sessions:
        seed = stored.sessions[0].seed
        target_cpu = recorded_target(stored.sessions[0].target_cpu, machine.this_processor())
    runtimes = (stored.runtime,) if stored.runtime and stored.runtime != COMMAND.name else ()
    read = spec_reader(runtimes)
    comparison = ComparisonRequest(
        base=read(stored.base_spec),
        head=read(stored.head_spec),
        margin=stored.margin,
        metrics=stored.metrics,
        values=stored.values,
        pattern=stored.pattern,
    )
    asked = replace(
        _with_its_time(asked, stored.sessions),
        only=stored.only,
        runtimes=runtimes,
        seed=seed,
        size=parse_size(stored.size),
        target_cpu=target_cpu,
    )
    asked, comparison = request_of_commands(asked, comparison)
    return ComparisonJob(
        request=asked,
        comparison=comparison,
        has_probe=has_probe,
        resumed=stored.sessions,
    )


def _with_its_time(request: Request, sessions: tuple[Session, ...]) -> Request:
    """Return the request with the rounds or the budget that an interrupted comparison was asked for."""
    if not sessions:
        return request
    first = sessions[0]
    if first.budget_s is not None:
        return replace(request, runs=None, budget_s=first.budget_s, keeps_budget=first.keeps_budget)
    planned = [each.design.planned if each.design else each.rounds for each in first.results]
    return replace(request, runs=max(planned, default=0) or None, keeps_budget=False)


def spec_reader(runtimes: tuple[str, ...]) -> Callable[[str], Spec]:
    """Return what reads the SPECs of a comparison: those of the first runtime are compilers, of any other variables."""
    return parse_spec if runtimes in ((), (COMPARED_RUNTIME,)) else parse_variables


def is_resumable(comparison: StoredComparison) -> bool:
    """Return whether an interrupted comparison can be resumed: its rounds were planned."""
    return any(session.is_planned for session in comparison.sessions)


def measure(job: ComparisonJob, *, save: Saver, listen: Listener) -> StoredComparison:
    """Measure a comparison; `save` receives it after every turn of a benchmark and after an interrupt.

    Raises
    ------
    UsageError, ToolchainError, KeyboardInterrupt
        As `compare_compilers`.
    """
    sessions = compare_compilers(
        job.request,
        job.comparison,
        listen=listen,
        save=lambda sessions: save(job.with_sessions(sessions)),
        resumed=job.resumed,
        probe=job.has_probe,
        calibration=known_calibration(Project(root=job.request.project), job.request.environment),
    )
    found = job.with_sessions(sessions)
    return _with_layouts(job, found, save=save, listen=listen) if job.has_layouts else found


def _with_layouts(job: ComparisonJob, found: StoredComparison, *, save: Saver, listen: Listener) -> StoredComparison:
    """Return a calibration with the sessions of its code layouts, or with the reason why there are none."""
    budget_s, share = (_LAYOUT_SHARE * each for each in (job.request.budget_s, job.request.budget_share))
    request = replace(job.request, budget_s=budget_s, budget_share=share)
    try:
        layouts = measure_layouts(
            request,
            job.comparison.base,
            found.sessions[0],
            listen=listen,
            save=lambda sessions: save(replace(found, layouts=sessions)),
        )
    except (ToolchainError, BudgetError) as error:
        found = replace(found, layout_problem=f"code layouts were not measured: {error.message}")
        save(found)
        return found
    return replace(found, layouts=layouts)


def known_calibration(project: Project, environment: Mapping[str, str]) -> Calibration | None:
    """Return the last calibration; one of this machine gets its identity of today.

    An earlier identity is a digest with the kernel in it. Which machine had it is known from the results of the time.
    """
    found = load_calibration(calibration_path(environment))
    if found is None or found.machine in machine.this_machine().identities:
        return found
    then = stored_machine(found.machine, project.results)
    return found if then is None else replace(found, machine=machine.recognised(then).identity)


def calibration_path(environment: Mapping[str, str]) -> Path:
    """Return the file with the calibration of this machine."""
    return cache_folder(environment) / "calibration.json"
