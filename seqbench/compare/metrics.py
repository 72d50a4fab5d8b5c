"""Define what a comparison can judge: the time, and what else a program or its build takes. Pure.

Time, peak memory and processor time are pairs of the same rounds, and so are the times of builds, whose rounds are
builds. The size of an executable is one exact number: it has no noise, and costs no share of the error.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum

from seqbench.errors import UsageError, require_known
from seqbench.sessions.peak_memory import peak_of
from seqbench.sessions.session import Sample


class Metric(StrEnum):
    """What a verdict is about."""

    TIME = "time"
    PEAK_MEMORY = "peak-memory"
    CPU_TIME = "cpu-time"
    BUILD_TIME = "build-time"
    SIZE = "size"

    @property
    def by(self) -> str:
        """Return what a verdict is by, for a sentence: ` by peak-memory`; empty for the time."""
        return "" if self is Metric.TIME else f" by {self}"

    def titled(self, title: str) -> str:
        """Return the title of a benchmark with the metric, if that is not the time."""
        return title if self is Metric.TIME else f"{title}, {self}"

    @property
    def is_exact(self) -> bool:
        """Return whether one number is all there is to know, so that a verdict on it cannot be an error."""
        return self is Metric.SIZE

    @property
    def is_sampled(self) -> bool:
        """Return whether every run of a program has a value of it."""
        return self in _VALUES

    @property
    def is_bytes(self) -> bool:
        """Return whether it is a number of bytes; all others are times."""
        return self in (Metric.PEAK_MEMORY, Metric.SIZE)


_VALUES: dict[Metric, Callable[[Sample], int]] = {
    Metric.TIME: lambda sample: sample.elapsed_ns,
    Metric.PEAK_MEMORY: lambda sample: sample.max_rss_bytes,
    Metric.CPU_TIME: lambda sample: sample.user_ns + sample.system_ns,
}
ONLY_TIME = (Metric.TIME,)


def parse_metrics(text: str | None) -> tuple[Metric, ...]:
    """Return the metrics of `--metric`, in the order of `Metric`; the time alone where it was not given.

    Raises
    ------
    UsageError
        A name is unknown; the error suggests similar names. Or there is none.

    Examples
    --------
    >>> [metric.value for metric in parse_metrics("size, time")]
    ['time', 'size']
    """
    if text is None:
        return ONLY_TIME
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise UsageError(f"--metric {text!r} contains no name", "use --metric time,peak-memory, or leave it out")
    for name in names:
        require_known(name, tuple(metric.value for metric in Metric), "metric", "--metric")
    return tuple(metric for metric in Metric if metric.value in names)


def family_of(names: Sequence[str], metrics: Sequence[Metric]) -> int:
    """Return how many verdicts share the error: those on the time of each name, and on each benchmark by the others.

    A benchmark may have several tests, each with a name such as `fibonacci/naive-35` and a time of its own. All else is
    counted for the whole process.

    Examples
    --------
    >>> family_of(["alpha", "beta/a", "beta/b"], [Metric.TIME, Metric.PEAK_MEMORY, Metric.SIZE])
    5
    """
    others = sum(not metric.is_exact and metric is not Metric.TIME for metric in metrics)
    return max(1, len(names) * (Metric.TIME in metrics) + len(set(map(benchmark_of, names))) * others)


def benchmark_of(name: str) -> str:
    """Return the benchmark of a name that may end with a test."""
    return name.partition("/")[0]


def pairs_of(metric: Metric, base: Sequence[Sample], head: Sequence[Sample]) -> dict[int, tuple[float, float]]:
    """Return the values of a sampled metric of both sides for each round that both ran in, in order of the rounds."""
    value = _VALUES[metric]
    sides = [{sample.round_number: float(value(sample)) for sample in side} for side in (base, head)]
    return {number: (sides[0][number], sides[1][number]) for number in sorted(sides[0].keys() & sides[1].keys())}


def missing(metric: Metric, side: str, samples: Sequence[Sample]) -> str:
    """Return why the samples of a side have no value of a sampled metric; empty if they have."""
    if not samples:
        return f"{side} has no samples"
    if metric is Metric.PEAK_MEMORY:
        peak = peak_of(samples)
        if peak.is_hidden:
            return f"the peak memory of {side} is not known: it is hidden by that of its launcher, {peak.text}"
    if all(_VALUES[metric](sample) > 0 for sample in samples):
        return ""
    if metric is Metric.CPU_TIME:
        return f"a run of {side} was too short for the kernel to count its processor time"
    return f"a run of {side} has a {metric.value} of zero"
