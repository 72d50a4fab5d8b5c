"""Put the rounds of several parts of a measurement together, and read the times of a version from them. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from math import log

from seqbench.sessions.session import BenchmarkResult, Failed, Measured, Outcome, ProgramResult, Sample, Session, Stage


def joined(first: Session, more: Session) -> Session:
    """Return a session with the rounds of both; those of the second one come after those of the first one."""
    added = {result.name: result for result in more.results}
    results = tuple(
        _joined_result(result, added.pop(result.name)) if result.name in added else result for result in first.results
    )
    return replace(
        first,
        finished_at=more.finished_at,
        wall_ns=first.wall_ns + more.wall_ns,
        programs_ns=first.programs_ns + more.programs_ns,
        build_ns=first.build_ns + more.build_ns,
        results=(*results, *added.values()),
    )


def joined_all(first: tuple[Session, ...], more: tuple[Session, ...]) -> tuple[Session, ...]:
    """Return the sessions of the same sides with the rounds of both parts."""
    return tuple(joined(one, other) for one, other in zip(first, more, strict=True)) if first else more


def _joined_result(first: BenchmarkResult, more: BenchmarkResult) -> BenchmarkResult:
    others = {(program.runtime, program.variant): program for program in more.programs}
    programs = []
    for program in first.programs:
        other = others.get((program.runtime, program.variant))
        programs.append(program if other is None else _joined_program(program, other, first.rounds))
    return replace(first, rounds=first.rounds + more.rounds, programs=tuple(programs))


def _joined_program(first: ProgramResult, more: ProgramResult, rounds: int) -> ProgramResult:
    return replace(
        first,
        outcome=_joined_outcome(first.outcome, more.outcome, rounds),
        clock_remark=first.clock_remark or more.clock_remark,
    )


def _joined_outcome(first: Outcome, more: Outcome, rounds: int) -> Outcome:
    if not isinstance(first, Measured) or not isinstance(more, Measured):
        return first if isinstance(first, Failed) or not isinstance(more, Failed) else more
    later = (replace(sample, round_number=sample.round_number + rounds) for sample in more.samples)
    return Measured(samples=(*first.samples, *later), warm_ups=(*first.warm_ups, *more.warm_ups))


def samples_of(session: Session, name: str, runtime: str) -> tuple[Sample, ...] | Failed:
    """Return the scored samples of a version, or why it has none."""
    result = next((each for each in session.results if each.name == name), None)
    program = result.program(runtime, "") if result else None
    if program is None:
        return Failed(stage=Stage.BUILD, reason="has no program", detail=f"no {runtime} program of {name}")
    if isinstance(program.outcome, Failed):
        return program.outcome
    if not isinstance(program.outcome, Measured) or not program.outcome.samples:
        return Failed(stage=Stage.RUN, reason="was not run", detail="")
    if not all(sample.elapsed_ns for sample in program.outcome.samples):
        reason = "its clock is too coarse to measure this time"
        return Failed(stage=Stage.CHECK, reason=reason, detail="")
    return program.outcome.samples


def log_times(samples: tuple[Sample, ...], *, less_ns: int = 0) -> dict[int, float]:
    """Return the logarithm of the time in each round, less what starting the program takes."""
    return {sample.round_number: log(max(1, sample.elapsed_ns - less_ns)) for sample in samples}


def rounds_of(session: Session, name: str) -> int:
    """Return how many scored rounds a session has of a benchmark."""
    return next((each.rounds for each in session.results if each.name == name), 0)


def log_ratios(after: Mapping[int, float], before: Mapping[int, float]) -> list[float]:
    """Return the log ratio of two versions in each round that both ran in, from their log times."""
    return [after[number] - before[number] for number in sorted(after.keys() & before.keys())]
