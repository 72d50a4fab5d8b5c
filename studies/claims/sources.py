"""What a tuning, a sweep of actors and a look at programs add to the evidence of an explanation. Pure."""

from dataclasses import replace

from seqbench.experiments.sweep.analysis import analyze_sweep
from seqbench.experiments.sweep.document import SweepDocument
from seqbench.experiments.tune.document import TuneDocument, is_complete
from seqbench.experiments.tune.screening import main_effects, usable
from seqbench.experiments.tune.settings import DIAGNOSTICS, OFF, POOL
from seqbench.stats.intervals import Interval, Ratio, Summary
from studies.claims.evidence import ClaimEvidence
from studies.claims.program_facts import ProgramFacts

ACTORS, MESSAGES = "actors", "messages"


def with_facts(evidence: ClaimEvidence, facts: ProgramFacts) -> ClaimEvidence:
    """Add what was seen of stacks and handlers."""
    return replace(evidence, stack_unit_bytes=facts.stack_unit_bytes, quit_handlers=facts.quit_handlers)


def with_tuning(evidence: ClaimEvidence, document: TuneDocument) -> ClaimEvidence:
    """Add what the largest pool and the diagnostics do to each benchmark."""
    stage = document.screening
    if stage is None or not is_complete(stage.sessions):
        return evidence
    names = [result.name for result in usable(stage)]
    pools, diagnostics = {}, {}
    for effect in main_effects(document.grid, stage):
        ratios = dict(zip(names, effect.ratios, strict=True))
        if effect.factor == POOL:
            pools[int(effect.level)] = ratios
        elif (effect.factor, effect.level) == (DIAGNOSTICS, OFF):
            diagnostics = {name: _inverse(ratio) for name, ratio in ratios.items()}
    default = next((int(factor.levels[0]) for factor in document.grid.factors if factor.name == POOL), 0)
    largest = max(pools, default=0)
    return replace(
        evidence,
        # A pool that is smaller than the default one says nothing of a larger one.
        pool_ratio=tuple((name, _ratio(of)) for name, of in pools[largest].items()) if largest > default else (),
        diagnostics_ratio=tuple(diagnostics.items()),
    )


def with_sweep(evidence: ClaimEvidence, document: SweepDocument) -> ClaimEvidence:
    """Add how the ratio goes with the messages that each actor gets; other sweeps add nothing."""
    for found in analyze_sweep(document):
        runtime = next(iter(found.runtimes), None)
        if (
            (found.name, found.parameter) == (ACTORS, MESSAGES)
            and runtime is not None
            and runtime.ratio_trend is not None
        ):
            return replace(evidence, actors_ratios=runtime.ratio_trend.ratios)
    return evidence


def _ratio(summary: Summary) -> Ratio:
    return Ratio(median=summary.median, interval=summary.interval, count=summary.count)


def _inverse(summary: Summary) -> Ratio:
    """Turn time without / with into time with / without."""
    interval = summary.interval
    return Ratio(
        median=1 / summary.median,
        interval=None if interval is None else Interval(low=1 / interval.high, high=1 / interval.low),
        count=summary.count,
    )
