"""Find the flag that made a run smaller than the complete one of the record, which it should then not replace."""

from seqbench.ci.record import load_record
from seqbench.config import load_config
from seqbench.errors import CheckError
from seqbench.flags import USUAL_BUDGET_S
from seqbench.project import Project
from seqbench.sessions.session import Session
from seqbench.suite.size_request import SizeName
from seqbench.units import parse_duration_s


def reduced_by(project: Project, session: Session) -> str:
    """Return which flag made a run smaller than a complete one, and how; empty if the run may replace the record.

    What does not fit the machine is no reason: such a run replaces the record.
    """
    try:
        before = load_record(project.record)
    except CheckError:
        return ""
    if not before.is_complete:
        return ""
    rounds, recorded_rounds = _rounds(session), max((each.ratio.count for each in before.ratios), default=0)
    missing = session.missing()
    # The record may be of an earlier suite, which had fewer benchmarks than this run.
    reduced = {
        f"--only made this run smaller than the suite: it lacks {', '.join(missing)}": bool(missing),
        "--runtimes made this run smaller: it lacks some of the default runtimes": not session.is_every_runtime,
        f"--size made this run smaller: not every benchmark ran at {SizeName.FULL} size": session.size != SizeName.FULL
        and any(not result.is_full for result in session.results),
        f"--runs made this run smaller: {rounds} rounds, {recorded_rounds} in the record": session.budget_s is None
        and rounds < recorded_rounds,
        "--budget made this run smaller: fewer rounds or smaller sizes than usual": session.budget_s is not None
        and (session.budget_s < _usual_budget_s(project) or any(result.reduced for result in session.results)),
    }
    return next((reason for reason, is_reduced in reduced.items() if is_reduced), "")


def _rounds(session: Session) -> int:
    return max((result.rounds for result in session.results), default=0)


def _usual_budget_s(project: Project) -> float:
    budget = load_config(project.root).budget
    return parse_duration_s(budget) if budget else USUAL_BUDGET_S
