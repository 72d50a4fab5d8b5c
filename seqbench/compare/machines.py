"""Judge what several machines measured of the same two compilers: one verdict, and where machines disagree. Pure.

A machine is a stratum. The verdict over all of them has half of the family error. The verdicts of single machines
share the other half, so that all verdicts of a table together keep it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, log1p

from seqbench.compare.compared import effective_settings, times
from seqbench.compare.comparison import Comparison
from seqbench.compare.metrics import Metric
from seqbench.compare.verdict import FAMILY_ERROR, Verdict
from seqbench.sessions.session import Session, rounding_share
from seqbench.stats.intervals import Interval
from seqbench.stats.stratified import is_enough, stratified_interval

SHARE_OF_ALL = 0.5
"""Of the family error: what the verdicts over all machines have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A verdict with its ratio, head / base; without a ratio there are too few rounds, or a side failed."""

    verdict: Verdict
    ratio: float | None = None
    interval: Interval | None = None
    rounds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OverMachines:
    """The verdicts on one benchmark."""

    name: str
    title: str
    overall: Judged
    machines: tuple[tuple[str, Judged], ...]
    """The name of each machine with its own verdict."""

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
    """The rounds of one benchmark on one machine."""

    logs: tuple[float, ...]
    """The log ratio of each round, head / base."""
    is_identical: bool = False
    """Whether both sides ran the same executable with the same settings."""
    rounding: float = 0.0
    """By which share of them the times may be rounded, of both sides together."""


def judge_machines(found: Mapping[str, Comparison], *, margin: float) -> tuple[OverMachines, ...]:
    """Judge the time of each benchmark over all machines, and on each of them.

    Parameters
    ----------
    found
        The paired comparison of each machine by its name.
    margin
        The relative difference that counts as the same: 0.02 is 2 %.
    """
    titles = {
        each.name: each.title
        for comparison in found.values()
        for each in comparison.benchmarks
        if each.metric is Metric.TIME
    }
    error = FAMILY_ERROR / max(1, len(titles))
    judged = []
    for name, title in titles.items():
        strata = {machine: stratum(comparison, name) for machine, comparison in found.items()}
        known = [each for each in strata.values() if each is not None]
        single = (1 - SHARE_OF_ALL) * error / len(found)
        failed = Judged(verdict=Verdict.NOT_COMPARABLE)
        judged.append(
            OverMachines(
                name=name,
                title=title,
                overall=failed
                if len(known) < len(strata)
                else judge_strata(known, error=SHARE_OF_ALL * error, margin=margin),
                machines=tuple(
                    (machine, failed if each is None else judge_strata([each], error=single, margin=margin))
                    for machine, each in strata.items()
                ),
            )
        )
    return tuple(judged)


def stratum(comparison: Comparison, name: str) -> Stratum | None:
    """Return the rounds of a benchmark in a comparison; None if it is missing or not comparable."""
    compared = next((each for each in comparison.benchmarks if each.name == name and each.metric is Metric.TIME), None)
    if compared is None or compared.verdict is Verdict.NOT_COMPARABLE:
        return None
    sides = (comparison.base, comparison.head)
    executables = {_executable(side, name) for side in sides}
    same_settings = effective_settings(comparison.base) == effective_settings(comparison.head)
    return Stratum(
        logs=tuple(log(after / before) for before, after in zip(*times(compared), strict=True)),
        is_identical=same_settings and len(executables) == 1 and "" not in executables,
        rounding=sum(_rounding(side, name) for side in sides),
    )


def judge_strata(strata: Sequence[Stratum], *, error: float, margin: float) -> Judged:
    """Return the verdict on the rounds of one or several machines; inconclusive if they are too few for the error."""
    counts = tuple(len(each.logs) for each in strata if each.logs)
    if not is_enough([each.logs for each in strata], error):
        return Judged(verdict=Verdict.INCONCLUSIVE, rounds=sum(counts))
    centre, interval = stratified_interval([each.logs for each in strata], error)
    rounding = max(each.rounding for each in strata)
    interval = Interval(low=interval.low - rounding, high=interval.high + rounding)
    is_identical = all(each.is_identical for each in strata)
    return Judged(
        verdict=Verdict.SAME if is_identical else _verdict(interval, log1p(margin)),
        ratio=exp(centre),
        interval=Interval(low=exp(interval.low), high=exp(interval.high)),
        rounds=sum(counts),
    )


def _verdict(interval: Interval, margin: float) -> Verdict:
    """Return the verdict on an interval of the log ratio; `margin` is a logarithm too."""
    if -margin <= interval.low and interval.high <= margin:
        return Verdict.SAME
    if interval.low > 0:
        return Verdict.SLOWER
    return Verdict.FASTER if interval.high < 0 else Verdict.INCONCLUSIVE


def _executable(session: Session, name: str) -> str:
    """Return the digest of the program of a benchmark; the sessions of a comparison have one each."""
    result = next((each for each in session.results if each.name == name), None)
    return result.programs[0].executable if result and result.programs else ""


def _rounding(session: Session, name: str) -> float:
    result = next((each for each in session.results if each.name == name), None)
    return rounding_share(result.programs[0]) if result and result.programs else 0.0


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
