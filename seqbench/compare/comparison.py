"""Compare two sessions, with a verdict on each benchmark. Pure.

The sessions of one comparison ran in the same rounds and are judged in pairs. Sessions of different times get only the
ratio of their medians: the machine may have been faster or slower at one of these times, and the samples do not show
whether a difference comes from that or from the compiler.
"""

from dataclasses import dataclass

from seqbench.compare.comparable import difference, names_of
from seqbench.compare.compared import Compared, Judging, compare_all
from seqbench.compare.metrics import ONLY_TIME, Metric, benchmark_of, family_of
from seqbench.compare.moved import Moved, moved_counters
from seqbench.compare.verdict import Verdict
from seqbench.sessions.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The comparison of two sessions."""

    base: Session
    head: Session
    paired: bool
    margin: float
    benchmarks: tuple[Compared, ...]
    """Each benchmark by each metric."""
    metrics: tuple[Metric, ...] = ONLY_TIME

    @property
    def timed(self) -> tuple[Compared, ...]:
        """Return the verdicts on times."""
        return tuple(each for each in self.benchmarks if each.metric is Metric.TIME)

    def find(self, name: str, metric: Metric) -> Compared | None:
        """Return what this metric says of a benchmark, or of one of its tests; None if it is not there."""
        return next((each for each in self.benchmarks if (each.name, each.metric) == (name, metric)), None)

    def moved(self, each: Compared) -> tuple[Moved, ...]:
        """Return the counters that moved with a slower verdict, besides its own metric; none for any other verdict."""
        if not self.paired or each.verdict is not Verdict.SLOWER:
            return ()
        found = moved_counters(each.base, each.head, margin=self.margin)
        return tuple(moved for moved in found if moved.counter.replace(" ", "-") != each.metric)

    @property
    def rounds(self) -> tuple[tuple[Session, ...], ...]:
        """Return the sessions, those that ran in the same rounds together."""
        return ((self.base, self.head),) if self.paired else ((self.base,), (self.head,))


def compare(
    base: Session,
    head: Session,
    *,
    runtime: str,
    paired: bool,
    margin: float,
    metrics: tuple[Metric, ...] = ONLY_TIME,
) -> Comparison:
    """Compare the plain programs of one runtime in two sessions.

    Parameters
    ----------
    paired
        Whether the sessions ran in the same rounds; only then is there a verdict.
    margin
        The relative difference that counts as the same: 0.02 is 2 %.
    metrics
        What to judge; of sessions that did not run in the same rounds only the time is compared.

    Raises
    ------
    ValueError
        The margin is not above zero.
    """
    names = names_of(base, head)
    if not paired:
        names = tuple(name for name in names if not difference(base, head, name))
    metrics = metrics if paired else ONLY_TIME
    judging = Judging(runtime=runtime, margin=margin, family=family_of(names, metrics))
    return Comparison(
        base=base,
        head=head,
        paired=paired,
        margin=margin,
        benchmarks=tuple(
            each
            for benchmark in dict.fromkeys(map(benchmark_of, names))
            for each in compare_all(
                base, head, [name for name in names if benchmark_of(name) == benchmark], judging, metrics, paired=paired
            )
        ),
        metrics=metrics,
    )
