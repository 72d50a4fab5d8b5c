"""Judge what several machines measured of the same two compilers: one verdict, and where machines disagree. Pure.

A machine is a stratum. The verdict over all of them has half of the family error. The verdicts of single machines
share the other half, so that all verdicts of a table together keep it.

Machines that stop a benchmark together have looks in common: the first look with a verdict over all of them stands.
What a single machine says is judged at the last look, where it stopped, by an interval that is valid at every look.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log, log1p

from seqbench.compare.by_metric import build_logs
from seqbench.compare.compared import Compared, effective_settings
from seqbench.compare.comparison import Comparison
from seqbench.compare.looks import looks_of
from seqbench.compare.metrics import Metric, pairs_of
from seqbench.compare.verdict import FAMILY_ERROR, Looks, Verdict, detectable_slowdown, rounds_to_settle, verdict_at
from seqbench.sessions.session import BenchmarkResult, Session, paired_times, rounding_share
from seqbench.stats.intervals import Interval
from seqbench.stats.sequential import nominal_errors
from seqbench.stats.signed_rank import SignedRanks
from seqbench.stats.stratified import StratifiedRanks, have_long_tails, walk_counts

SHARE_OF_ALL = 0.5
"""Of the family error: what the verdicts over all machines have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A verdict with its ratio, head / base; without a ratio there are too few rounds, or a side failed."""

    verdict: Verdict
    ratio: float | None = None
    interval: Interval | None = None
    rounds: int = 0
    detectable: float | None = None
    """The smallest slowdown that as many rounds detect."""
    rounds_range: tuple[int, int] | None = None
    """For an inconclusive verdict: how many rounds of all machines would settle it, as a range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverMachines:
    """The verdicts on one benchmark by one metric."""

    name: str
    title: str
    overall: Judged
    machines: tuple[tuple[str, Judged], ...]
    """The name of each machine with its own verdict."""
    metric: Metric = Metric.TIME

    @property
    def label(self) -> str:
        """Return the title with the metric, if that is not the time."""
        return self.metric.titled(self.title)

    @property
    def by(self) -> str:
        """Return what it is judged by, for a sentence; empty for the time."""
        return self.metric.by

    @property
    def is_disagreement(self) -> bool:
        """Return whether one machine says slower and another one same or faster."""
        found = {judged.verdict for _, judged in self.machines}
        return Verdict.SLOWER in found and bool(found & {Verdict.SAME, Verdict.FASTER})

    def sentence(self) -> str:
        """Return the verdicts with their machines: `slower on a and b, same on c`."""
        by_verdict: dict[Verdict, list[str]] = {}
        for name, judged in self.machines:
            by_verdict.setdefault(judged.verdict, []).append(name)
        return ", ".join(f"{verdict} on {_listed(names)}" for verdict, names in by_verdict.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """The rounds, or the builds, of one benchmark on one machine."""

    logs: tuple[float, ...]
    """The log ratio of each round, head / base."""
    looks: Looks
    """How many of them each look has."""
    is_identical: bool = False
    """Whether both sides ran the same executable with the same settings."""
    rounding: float = 0.0
    """By which share of them the times may be rounded, of both sides together."""


def judge_machines(found: Mapping[str, Comparison], *, margin: float) -> tuple[OverMachines, ...]:
    """Judge each benchmark by each metric over all machines, and on each of them.

    An exact metric has no noise and no share of the error. Over all machines it is that of the machine with the largest
    ratio.

    Parameters
    ----------
    found
        The paired comparison of each machine by its name.
    margin
        The relative difference that counts as the same: 0.02 is 2 %.
    """
    titles = {(each.name, each.metric): each.title for comparison in found.values() for each in comparison.benchmarks}
    family = family_of_rows([metric for _, metric in titles])
    single = single_error(family, len(found))
    judged = []
    for (name, metric), title in titles.items():
        if metric.is_exact:
            machines = {machine: _exact(comparison.find(name, metric)) for machine, comparison in found.items()}
            overall = _largest(tuple(machines.values()))
        else:
            strata = {machine: stratum(comparison, name, metric) for machine, comparison in found.items()}
            machines = {key: judge_machine(each, error=single, margin=margin) for key, each in strata.items()}
            overall = judge_together(tuple(strata.values()), error=overall_error(family), margin=margin)
        judged.append(
            OverMachines(name=name, title=title, overall=overall, machines=tuple(machines.items()), metric=metric)
        )
    return tuple(judged)


def family_of_rows(metrics: Iterable[Metric]) -> int:
    """Return how many verdicts share the error: one for each metric of a benchmark that has noise."""
    return max(1, sum(not metric.is_exact for metric in metrics))


def _exact(compared: Compared | None) -> Judged:
    """Return the verdict of a machine on an exact number."""
    if compared is None or compared.paired_result is None:
        return Judged(verdict=compared.verdict if compared else Verdict.NOT_COMPARABLE)
    found = compared.paired_result
    return Judged(verdict=found.verdict, ratio=found.ratio, interval=found.interval, rounds=found.pairs)


def _largest(machines: Sequence[Judged]) -> Judged:
    without = {each.verdict for each in machines if each.ratio is None}
    if without:
        return Judged(verdict=max(without, key=lambda each: each is Verdict.NOT_COMPARABLE))
    return max(machines, key=lambda each: each.ratio or 0.0)


def overall_error(family: int) -> float:
    """Return the error of each verdict over all machines, of this many that are judged together."""
    return SHARE_OF_ALL * FAMILY_ERROR / max(1, family)


def single_error(family: int, machines: int) -> float:
    """Return the error of each verdict of a single machine."""
    return (1 - SHARE_OF_ALL) * FAMILY_ERROR / max(1, family) / max(1, machines)


def stratum(comparison: Comparison, name: str, metric: Metric = Metric.TIME) -> Stratum | None:
    """Return the rounds of a benchmark in a comparison; None if it is missing or not comparable.

    Those of its build time are builds, which are judged all at once, and may differ where the executables do not.
    """
    compared = comparison.find(name, metric)
    if compared is None or compared.verdict is Verdict.NOT_COMPARABLE:
        return None
    sides = [_result(side, name) for side in (comparison.base, comparison.head)]
    if metric is Metric.BUILD_TIME:
        logs = build_logs(*(each.programs[0].builds_ns if each and each.programs else () for each in sides))
        return Stratum(logs=tuple(logs), looks=Looks.only_one(len(logs)))
    is_time = metric is Metric.TIME
    both = compared.base, compared.head
    pairs = paired_times(*both) if is_time else pairs_of(metric, *both)
    executables = set(map(_executable, sides))
    same_settings = effective_settings(comparison.base) == effective_settings(comparison.head)
    return Stratum(
        logs=tuple(log(after / before) for before, after in pairs.values()),
        looks=looks_of(sides[0].design if sides[0] else None, list(pairs)),
        is_identical=same_settings and len(executables) == 1 and "" not in executables,
        rounding=sum(map(_rounding, sides)) if is_time else 0.0,
    )


def _result(session: Session, name: str) -> BenchmarkResult | None:
    """Return the result of a test, or of a whole benchmark, which all its tests have in common."""
    return next((each for each in session.results if name in (each.name, each.benchmark)), None)


def judge_together(strata: Sequence[Stratum | None], *, error: float, margin: float) -> Judged:
    """Return the verdict over all machines: that of the first look which has one, or else of the last look.

    Parameters
    ----------
    strata
        The rounds of each machine; None where they are not comparable, and then the verdict is that too.
    error
        The error rate of this verdict, for all looks together.
    """
    known = [each for each in strata if each is not None]
    if len(known) < len(strata):
        return Judged(verdict=Verdict.NOT_COMPARABLE)
    look = deciding_look(known, error=error, margin=margin)
    return _inconclusive(known) if look is None else look.judged(margin)


def deciding_look(strata: Sequence[Stratum], *, error: float, margin: float) -> "CommonLook | None":
    """Return the first look with a verdict over all machines, or else the last look that can judge, if any can."""
    look: CommonLook | None = None
    for look in _looks(strata, error):
        if look.verdict(margin) is not Verdict.INCONCLUSIVE:
            break
    return look


def judge_machine(found: Stratum | None, *, error: float, margin: float) -> Judged:
    """Return the verdict of a single machine, at its last look: another one may have decided where that is."""
    if found is None:
        return Judged(verdict=Verdict.NOT_COMPARABLE)
    look = last_look(found, error=error)
    return _inconclusive([found]) if look is None else look.judged(margin)


def last_look(found: Stratum, *, error: float) -> "CommonLook | None":
    """Return the last look of a machine that can judge, if any can; nothing comes after it."""
    looks = list(_looks([found], error))
    return replace(looks[-1], is_last=True) if looks else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonLook:
    """The rounds of all machines up to a look."""

    ranks: StratifiedRanks
    error: float
    """The nominal error of its interval."""
    is_last: bool
    is_identical: bool
    rounding: float

    def verdict(self, margin: float) -> Verdict:
        """Return the verdict; before the last look a difference must probably be beyond the margin."""
        if self.is_identical:
            return Verdict.SAME
        return verdict_at(self.ranks, self.error, log1p(margin), self.rounding, is_last=self.is_last)

    def judged(self, margin: float) -> Judged:
        """Return the verdict with its figures."""
        centre, interval = self.ranks.interval(self.error)
        verdict, rounds = self.verdict(margin), self.ranks.count
        half = (interval.high - interval.low) / 2 + self.rounding
        is_open = verdict is Verdict.INCONCLUSIVE
        return Judged(
            verdict=verdict,
            ratio=exp(centre),
            interval=Interval(low=exp(interval.low - self.rounding), high=exp(interval.high + self.rounding)),
            rounds=rounds,
            detectable=detectable_slowdown(half, self.error, rounds),
            rounds_range=rounds_to_settle(centre, half, log1p(margin), rounds, self.error) if is_open else None,
        )


def _looks(strata: Sequence[Stratum], error: float) -> Iterator[CommonLook]:
    """Yield the looks that can judge. A machine that stopped before counts with what it had then."""
    # Without the rounds of one machine there is nothing to say over all of them.
    if not strata or not all(any(each.looks.pairs) for each in strata):
        return
    numbers = range(max(len(each.looks.pairs) for each in strata))
    pairs = [[each.looks.pairs[: number + 1][-1] for each in strata] for number in numbers]
    # What may be spent on all machines: less than planned where one of them is at its last look already.
    spent = [min(each.looks.spent[: number + 1][-1] for each in strata) for number in numbers]
    nominal = nominal_errors(walk_counts(pairs), tuple(spent), error)
    for counts, share, each_error in zip(pairs, spent, nominal, strict=True):
        logs = [each.logs[:count] for each, count in zip(strata, counts, strict=True)]
        tails = have_long_tails(logs)
        capped = [tails if each.looks.is_capped is None else each.looks.is_capped for each in strata]
        ranks = StratifiedRanks([SignedRanks(one, is_capped=cap) for one, cap in zip(logs, capped, strict=True)])
        if each_error and ranks.least(each_error) >= 0:
            yield CommonLook(
                ranks=ranks,
                error=each_error,
                is_last=share >= 1,
                is_identical=all(each.is_identical for each in strata),
                rounding=max(each.rounding for each in strata),
            )


def _inconclusive(strata: Sequence[Stratum]) -> Judged:
    return Judged(verdict=Verdict.INCONCLUSIVE, rounds=sum(len(each.logs) for each in strata))


def _executable(result: BenchmarkResult | None) -> str:
    """Return the digest of the program of a benchmark; the sessions of a comparison have one each."""
    return result.programs[0].executable if result and result.programs else ""


def _rounding(result: BenchmarkResult | None) -> float:
    return rounding_share(result.programs[0]) if result and result.programs else 0.0


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
