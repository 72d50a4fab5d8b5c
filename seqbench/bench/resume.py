"""Continue an interrupted comparison: put its samples back, where they may stand beside new ones."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from seqbench.bench.build import Executable, program_label
from seqbench.bench.of_tests import joined
from seqbench.bench.plan import Plan
from seqbench.bench.programs import Side, candidate_name
from seqbench.bench.results import BenchmarkRun
from seqbench.errors import UsageError
from seqbench.sessions.session import Session, Skipped, changed_since
from seqbench.system.machine import recognised


def restore(
    runs: Mapping[str, BenchmarkRun], sides: Sequence[tuple[Side, Session]], resumed: Sequence[Session]
) -> None:
    """Put the samples and plans of the interrupted run back, without a round that was cut short.

    Parameters
    ----------
    runs
        The benchmarks of this run, by name, without samples.
    sides
        The sides of this run, each with its session without results.
    resumed
        The interrupted sessions of the same sides, in the same order.

    Raises
    ------
    UsageError
        The samples of then and those of now may not be put together.
    """
    if problem := _problem(runs, sides, resumed):
        raise UsageError(f"cannot resume this comparison: {problem}", "measure again, without --resume")
    for (side, _), session in zip(sides, resumed, strict=True):
        for benchmark, run in runs.items():
            results = [result for result in session.results if result.benchmark == benchmark]
            for runtime, variant in dict.fromkeys((p.runtime, p.variant) for each in results for p in each.programs):
                outcome = joined(results, runtime, variant)
                run.rounds.restore(candidate_name(side.name, runtime, variant), outcome)
                if not any(result.rounds for result in results) and isinstance(outcome, Skipped):
                    run.skipped = outcome
    # The last side is the probe, where there is one.
    for result in resumed[-1].results:
        run = runs[result.benchmark]
        run.design = result.design
        run.plan = Plan(rounds=result.rounds, probe_every=result.probe_every, slowed=result.slowed)
        run.rounds.follow(run.plan)
        run.rounds.drop_unfinished_round()
        run.rounds.spent_ns = sum(s.wall_ns for samples in run.rounds.samples.values() for s in samples)


def require_unchanged(
    then: Session, now: Session, side: Side, digests: Mapping[str, str], *, compiler: str, document: str
) -> None:
    """Make sure that the samples of an interrupted document may stand beside new ones.

    Parameters
    ----------
    then
        What was stored, with its results.
    now
        What would be measured now, without results.
    side
        The programs of now.
    digests
        Those of the sources of today, by the name of the benchmark.
    compiler, document
        What the message calls them.

    Raises
    ------
    UsageError
        The machine, the sources, a tool, a setting or a program has changed.
    """
    if problem := _changes(then, now, digests, compiler) or _changed_program(side, then):
        raise UsageError(f"cannot resume this {document}: {problem}", "start a new one, without --resume")


def _changes(then: Session, now: Session, digests: Mapping[str, str], compiler: str) -> str:
    """Return what has changed since these samples were measured; empty if nothing that matters has."""
    then = replace(then, machine=recognised(then.machine))
    # What changed in other benchmarks of the suite, or was added to it, is no reason.
    if all(result.sources and result.sources == digests.get(result.benchmark) for result in then.results):
        then = replace(then, sources=now.sources)
    return changed_since(then, now, compiler)


def _problem(
    runs: Mapping[str, BenchmarkRun], sides: Sequence[tuple[Side, Session]], resumed: Sequence[Session]
) -> str:
    """Return why the samples of the interrupted run and those of this one may not be put together; empty: they may."""
    if len(resumed) != len(sides):
        return f"it has {len(resumed)} sides, expected {len(sides)} (a gate has three, a comparison two)"
    rounds = {result.benchmark: result.rounds for result in resumed[0].results}
    if set(rounds) != set(runs) or not any(rounds.values()):
        return "it was interrupted before its rounds were planned"
    for result in resumed[0].results:
        if result.settings != tuple(runs[result.benchmark].settings.items()):
            return f"{result.name} was started with other settings"
    for (side, blank), session in zip(sides, resumed, strict=True):
        digests = {name: run.sources for name, run in runs.items()}
        compiler = side.name or "the compiler"
        if problem := _changes(session, blank, digests, compiler) or _changed_program(side, session):
            return problem
    return ""


def _changed_program(side: Side, session: Session) -> str:
    """Return why the programs of a side are not those of then; empty if they are.

    The same sources and compiler may make another executable, whose layout alone changes its times.
    """
    then = {
        (r.benchmark, p.runtime, p.variant): p.executable for r in session.results for p in r.programs if p.executable
    }
    for program, made in side.executables.items():
        digest = then.get((program.benchmark, program.runtime.name, program.variant))
        if isinstance(made, Executable) and digest and digest != made.digest:
            if not side.tools.tools:
                return f"the command of {side.name} has changed since: its program, or a script that it names"
            return f"{program_label(program)} of {side.name or 'this run'} was built anew, and is another executable"
    return ""
