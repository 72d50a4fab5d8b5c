"""Compute ratios and main effects of the screened variants, and choose the one to confirm. Pure.

The best of many variants is partly luck. So the screening recommends nothing: it chooses what to measure again.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import exp, log
from statistics import fmean, median

from seqbench.compare.compared import samples_of
from seqbench.experiments.tune.document import TuneStage
from seqbench.experiments.tune.settings import Grid, Variant, round_cost_ns
from seqbench.sessions.session import BenchmarkResult, Failed, Measured, Sample, Session
from seqbench.stats.intervals import Summary, summarize


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """The ratios of a variant to the default, for each benchmark in order; below 1 is faster."""

    variant: Variant
    ratios: tuple[float, ...]
    """Medians over the rounds; empty for a variant that failed."""
    overall: float
    """The geometric mean of the ratios; infinite for a variant that failed."""
    failure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The effect of one level against the default level, all else equal."""

    factor: str
    level: str
    default: str
    pairs: int
    """The number of pairs of variants that differ in this level only."""
    ratios: tuple[Summary, ...]
    """For each benchmark in order: the median over the rounds of the pairs' Hodges-Lehmann estimate."""
    overall: Summary
    """The same for the geometric mean over the benchmarks."""


def usable(stage: TuneStage) -> tuple[BenchmarkResult, ...]:
    """Return the benchmarks with ratios: the default did not fail in them, and no time is zero."""
    return tuple(
        result for result in stage.sessions[0].results if not _failure(result) and not _has_zero(stage, result)
    )


def too_coarse(stage: TuneStage) -> tuple[BenchmarkResult, ...]:
    """Return the benchmarks that have no ratios because a clock printed a time of zero."""
    return tuple(result for result in stage.sessions[0].results if not _failure(result) and _has_zero(stage, result))


def _has_zero(stage: TuneStage, result: BenchmarkResult) -> bool:
    runtime = stage.sessions[0].runtimes[0].name
    samples = (sample for session in stage.sessions for sample in samples_of(session, result.name, runtime))
    return not all(sample.elapsed_ns for sample in samples)


def screened(stage: TuneStage) -> tuple[Screened, ...]:
    """Return every variant but the default: the fastest first, those that failed last."""
    benchmarks = [result.name for result in usable(stage)]
    times = _log_times(stage, benchmarks)
    default = stage.variants[0]
    found = []
    for variant, session in zip(stage.variants[1:], stage.sessions[1:], strict=True):
        failure = failure_in(session, benchmarks)
        logs = []
        if not failure:
            logs = [median(_differences(times[variant][name], times[default][name]).values()) for name in benchmarks]
        found.append(
            Screened(
                variant=variant,
                ratios=tuple(exp(value) for value in logs),
                overall=exp(fmean(logs)) if logs else float("inf"),
                failure=failure,
            )
        )
    return tuple(sorted(found, key=lambda each: (each.overall, _distance(each.variant, default))))


def main_effects(grid: Grid, stage: TuneStage) -> tuple[Effect, ...]:
    """Return the effect of every level that is not the default, from the variants that did not fail."""
    benchmarks = [result.name for result in usable(stage)]
    times = _log_times(stage, benchmarks)
    alive = {v for v, s in zip(stage.variants, stage.sessions, strict=True) if not failure_in(s, benchmarks)}
    effects = []
    for factor in grid.factors:
        for level in factor.levels[1:]:
            pairs = [
                (variant, plain)
                for variant in stage.variants
                if (plain := grid.with_level(variant, factor.name, factor.levels[0])) != variant
                and variant == grid.with_level(variant, factor.name, level)
                and {variant, plain} <= alive
            ]
            if not pairs or not benchmarks:
                continue
            by_benchmark = [
                _by_round(
                    (_differences(times[variant][name], times[plain][name]) for variant, plain in pairs),
                    _hodges_lehmann,
                )
                for name in benchmarks
            ]
            effects.append(
                Effect(
                    factor=factor.name,
                    level=level,
                    default=factor.levels[0],
                    pairs=len(pairs),
                    ratios=tuple(_ratio(rounds) for rounds in by_benchmark),
                    overall=_ratio(_by_round(by_benchmark, fmean)),
                )
            )
    return tuple(effects)


def choose(grid: Grid, stage: TuneStage, *, is_whole: bool) -> Variant | None:
    """Return the variant to confirm; None if no variant was faster than the default.

    A level is surely faster if the whole interval of its effect is below 1.

    - After a screening of the whole grid: the variant with the least geometric mean. Levels of it are reset to the
      default if they are surely faster neither over all pairs nor within this variant.
    - After a screening of one level at a time: the combination of the levels that are surely faster. It has not run
      yet; the confirmation is its first run.
    """
    ranking = screened(stage)
    if not ranking or ranking[0].overall >= 1:
        return None
    best = ranking[0].variant
    sure = [effect for effect in main_effects(grid, stage) if _is_surely_faster(effect)]
    chosen = grid.default
    if not is_whole:
        for effect in sorted(sure, key=lambda effect: effect.overall.median, reverse=True):
            chosen = grid.with_level(chosen, effect.factor, effect.level)
        return best if chosen == grid.default else chosen
    for factor, level in grid.changes(best):
        here = main_effects(grid, _only(stage, {best, grid.with_level(best, factor.name, factor.levels[0])}))
        here = tuple(effect for effect in here if _is_surely_faster(effect))
        if (factor.name, level) in {(effect.factor, effect.level) for effect in (*sure, *here)}:
            chosen = grid.with_level(chosen, factor.name, level)
    return chosen if any(each.variant == chosen and each.overall < 1 for each in ranking) else best


def _is_surely_faster(effect: Effect) -> bool:
    return effect.overall.interval is not None and effect.overall.interval.high < 1


def _only(stage: TuneStage, selected: Collection[Variant]) -> TuneStage:
    """Return the stage with only the default and these variants."""
    pairs = list(zip(stage.variants, stage.sessions, strict=True))
    kept = [pairs[0], *(pair for pair in pairs[1:] if pair[0] in selected)]
    return TuneStage(variants=tuple(variant for variant, _ in kept), sessions=tuple(session for _, session in kept))


def failure_in(session: Session, benchmarks: Iterable[str]) -> str:
    """Return the first failure of a variant in these benchmarks, with the benchmark; empty if there is none."""
    named = (each for each in session.results if each.name in benchmarks or each.benchmark in benchmarks)
    failures = (f"{result.name}: {_failure(result)}" for result in named)
    return next((failure for failure in failures if not failure.endswith(": ")), "")


def pilot_costs_ns(pilot: TuneStage) -> dict[Variant, dict[str, float]]:
    """Return the mean wall time of a run in the pilot, in nanoseconds, by variant and benchmark, without failures."""
    return _in_pilot(pilot, lambda sample: sample.wall_ns)


def _in_pilot(pilot: TuneStage, value: Callable[[Sample], float]) -> dict[Variant, dict[str, float]]:
    return {
        variant: {
            result.benchmark: fmean(value(sample) for sample in program.outcome.warm_ups)
            for result in session.results
            for program in result.programs
            if isinstance(program.outcome, Measured)
        }
        for variant, session in zip(pilot.variants, pilot.sessions, strict=True)
    }


def affordable(grid: Grid, pilot: TuneStage, round_ns: float) -> tuple[Variant, ...]:
    """Return the default and as many levels alone as a round of this length holds: at least one, the fastest first.

    The fastest are those of the pilot, a single run of each in each benchmark. If all fit they are in the grid's order.
    """
    costs_ns, levels = pilot_costs_ns(pilot), grid.one_at_a_time()
    if round_cost_ns(grid, levels, costs_ns) <= round_ns:
        return levels
    speeds = _in_pilot(pilot, lambda sample: sample.elapsed_ns or sample.wall_ns)
    default = speeds[grid.default]
    ranked = sorted(levels[1:], key=lambda level: fmean(log(speeds[level][name] / default[name]) for name in default))
    count = 1
    while count < len(ranked) and round_cost_ns(grid, (grid.default, *ranked[: count + 1]), costs_ns) <= round_ns:
        count += 1
    return (grid.default, *ranked[:count])


def _failure(result: BenchmarkResult) -> str:
    outcomes = [program.outcome for program in result.programs]
    failed = next((outcome for outcome in outcomes if isinstance(outcome, Failed)), None)
    if failed is not None:
        return failed.reason
    return "" if any(isinstance(outcome, Measured) for outcome in outcomes) else "did not run"


def _log_times(stage: TuneStage, benchmarks: Sequence[str]) -> Mapping[Variant, Mapping[str, Mapping[int, float]]]:
    """Return the logarithm of every own time, by variant, benchmark and round."""
    runtime = stage.sessions[0].runtimes[0].name
    return {
        variant: {
            name: {sample.round_number: log(sample.elapsed_ns) for sample in samples_of(session, name, runtime)}
            for name in benchmarks
        }
        for variant, session in zip(stage.variants, stage.sessions, strict=True)
    }


def _differences(first: Mapping[int, float], second: Mapping[int, float]) -> dict[int, float]:
    return {number: first[number] - second[number] for number in sorted(first.keys() & second.keys())}


def _by_round(values: Iterable[Mapping[int, float]], centre: Callable[[Sequence[float]], float]) -> dict[int, float]:
    """Return the centre of the values of each round that all of them have."""
    several = list(values)
    rounds = set.intersection(*(set(each) for each in several))
    return {number: centre([each[number] for each in several]) for number in sorted(rounds)}


def _hodges_lehmann(values: Sequence[float]) -> float:
    """Return the median of the means of all pairs: one outlier does not move it."""
    return median(fmean(pair) for pair in combinations_with_replacement(values, 2))


def _ratio(logs: Mapping[int, float]) -> Summary:
    return summarize([exp(value) for value in logs.values()])


def _distance(variant: Variant, default: Variant) -> int:
    return sum(level != usual for level, usual in zip(variant, default, strict=True))
