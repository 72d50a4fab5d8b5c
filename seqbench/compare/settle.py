"""Estimate what would settle an inconclusive comparison: how many rounds, how long they take, what to type. Pure."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from seqbench.compare.compared import Compared
from seqbench.compare.comparison import Comparison
from seqbench.compare.machines import OverMachines
from seqbench.compare.metrics import Metric
from seqbench.compare.plan import MOST_PAIRS, PILOT_ROUNDS
from seqbench.sessions.session import Sample
from seqbench.system.facts import Target
from seqbench.toolchain.compiler_spec import is_command
from seqbench.units import NS_PER_S, clock_duration, rough_percent

Flags = Sequence[tuple[str, str]]
"""Flags of a command, with their values."""
# Of a budget, scored rounds and those of the pilot; the rest is for building and the harness.
_SHARE_OF_ROUNDS = 0.9
_MINUTE_S = 60
# As a session names it where --size was not given.
_DEFAULT_SIZE = "full"
_LONGEST_IN_SECONDS = 120
# Pilot and start-up take a few seconds, however short the rounds are.
_LEAST_BUDGET_S = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """What would settle the inconclusive verdict on one benchmark."""

    name: str
    title: str
    detectable: float
    """The smallest slowdown that the comparison would have detected: 0.34 is 34 %."""
    rounds: tuple[int, int]
    """The range of the number of rounds."""
    seconds: tuple[float, float]
    """The time that these rounds take."""
    budget_s: float
    """The budget that holds the most of them, with the pilot."""
    metric: Metric = Metric.TIME

    @property
    def by(self) -> str:
        """Return what is inconclusive, for a sentence; empty for the time."""
        return self.metric.by

    def sentence(self) -> str:
        """Return the rounds and the time as text, without a full stop."""
        low, high = _rounded(self.rounds)
        if low >= MOST_PAIRS:
            return f"more than {MOST_PAIRS:,} rounds, the most that a comparison runs, would be needed to settle it"
        low_s, high_s = (clock_duration(seconds) for seconds in self.seconds)
        times = low_s if low_s == high_s else f"{low_s} to {high_s}"
        most = f"{MOST_PAIRS:,} rounds or more" if high > MOST_PAIRS else f"{high:,} rounds"
        return f"{low:,} to {most} would settle it, which take {times}"

    def command(self, task: str, base: str, head: str, comparison: Comparison, *, flags: Flags = ()) -> str:
        """Return the line to type; `base` and `head` are SPECs, and every value is quoted."""
        words = [f"{{invoke}} {task}", *_flag("base", base), *_flag("head", head)]
        for name, value in flags:
            words += _flag(name, value)
        # Two commands are one benchmark, and the tests of a program are measured together.
        if not is_command(base):
            words += _flag("only", self.name.partition("/")[0])
        if comparison.base.size != _DEFAULT_SIZE:
            words += _flag("size", ",".join(comparison.base.size.replace(",", "").split()))
        if self.metric is not Metric.TIME:
            words += _flag("metric", self.metric)
        words += [f"--margin {100 * comparison.margin:g}%", f"--budget {_budget(self.budget_s)}"]
        if comparison.base.target_cpu == comparison.head.target_cpu == Target.NATIVE:
            words.append(f"--target-cpu {Target.NATIVE}")
        return " ".join(words)


def settlings(comparison: Comparison, probes: Sequence[tuple[str, tuple[Sample, ...]]] = ()) -> tuple[Settling, ...]:
    """Return what would settle each inconclusive benchmark of a comparison.

    Parameters
    ----------
    probes
        The samples of the probe of a gate by the name of the benchmark, since they take time too.
    """
    others = dict(probes)
    found = (_settling(each, others.get(each.name, ())) for each in comparison.benchmarks)
    return tuple(each for each in found if each is not None)


def settling_over_machines(
    judged: OverMachines, found: Mapping[str, Comparison], probes: Mapping[str, tuple[Sample, ...]]
) -> Settling | None:
    """Return what would settle the verdict over all machines: how many rounds of each, and the time of the slowest.

    Parameters
    ----------
    found, probes
        The comparison of each machine and the samples of its probe, if there is one, by its name.
    """
    overall = judged.overall
    if overall.rounds_range is None or overall.detectable is None or not judged.metric.is_sampled:
        return None
    low, high = (ceil(each / len(found)) for each in overall.rounds_range)
    timed = [
        (each, probes.get(name, ()))
        for name, comparison in found.items()
        if (each := comparison.find(judged.name, judged.metric))
    ]
    return _settling_in(
        name=judged.name,
        title=f"{judged.title} over all machines",
        detectable=overall.detectable,
        rounds=(low, high),
        round_s=max(_round_s(*each) for each in timed),
        metric=judged.metric,
    )


def settle_lines(
    found: Iterable[Settling], task: str, base: str, head: str, comparison: Comparison, *, flags: Flags = ()
) -> tuple[str, ...]:
    """Return for each benchmark what would settle it, and the command.

    Parameters
    ----------
    task : `compare` or `gate`.
    flags : further flags of the command with their values, such as those of `StoredComparison.flags`.
    """
    lines = []
    for each in found:
        detected = f"would detect a slowdown of {rough_percent(each.detectable)}"
        lines.append(f"{each.title}: inconclusive{each.by}, {detected}; {each.sentence()}:")
        lines.append(f"  {each.command(task, base, head, comparison, flags=flags)}")
    return tuple(lines)


def _settling(compared: Compared, probe: tuple[Sample, ...]) -> Settling | None:
    result = compared.paired_result
    if result is None or result.rounds_range is None or not compared.metric.is_sampled:
        return None
    return _settling_in(
        name=compared.name,
        title=compared.title,
        detectable=result.detectable,
        rounds=result.rounds_range,
        round_s=_round_s(compared, probe),
        metric=compared.metric,
    )


def _settling_in(
    *,
    name: str,
    title: str,
    detectable: float,
    rounds: tuple[int, int],
    round_s: float,
    metric: Metric = Metric.TIME,
) -> Settling:
    """Return what would settle a verdict, with the time of rounds that take so long."""
    low, high = (min(MOST_PAIRS, each) for each in _rounded(rounds))
    return Settling(
        name=name,
        title=title,
        detectable=detectable,
        rounds=rounds,
        seconds=(low * round_s, high * round_s),
        budget_s=(high + PILOT_ROUNDS) * round_s / _SHARE_OF_ROUNDS,
        metric=metric,
    )


def _round_s(compared: Compared, probe: tuple[Sample, ...]) -> float:
    """Return how long a round takes, in seconds."""
    taken_ns = sum(max(sample.wall_ns, sample.window_ns) for sample in (*compared.base, *compared.head, *probe))
    return taken_ns / NS_PER_S / max(1, len(compared.base))


def _rounded(ends: tuple[int, int]) -> tuple[int, int]:
    """Return a range with two significant digits, rounded up, so that it does not begin at the rounds that ran."""
    low, high = ends
    units = [10 ** max(0, floor(log10(each)) - 1) for each in ends]
    return ceil(low / units[0]) * units[0], ceil(high / units[1]) * units[1]


def _flag(name: str, value: str) -> tuple[str, str]:
    return f"--{name}", shlex.quote(value)


def _budget(seconds: float) -> str:
    if seconds <= _LONGEST_IN_SECONDS:
        return f"{ceil(max(_LEAST_BUDGET_S, seconds))}s"
    return f"{ceil(seconds / _MINUTE_S)}m"
