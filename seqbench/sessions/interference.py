"""Find the rounds in which other processes used the processors, or a quota stopped the programs. Pure.

The kernel counts the time of the processors in steps of 10 ms, so that one run of a few milliseconds shows nothing.
Rounds are joined until they last half a second. This is a remark for the reader, and never a reason to drop a sample.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from seqbench.sessions.session import BenchmarkResult, Measured, ProgramResult, Sample, Session
from seqbench.units import duration, percent

_LEAST_WINDOW_NS = 500_000_000
# Timers take a few percent of a quiet machine.
MOST_INTERFERENCE = 0.10
# A quota that is reached now and then does not change the times.
_MOST_THROTTLED = 0.01
_NOT_COUNTED = "what other processes used of the CPUs was not counted: it needs /proc/stat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interference:
    """What kept the programs of a benchmark from the processors, by its rounds."""

    disturbed: tuple[int, ...] = ()
    """The numbers of the rounds in which other processes and virtual machines used more than a tenth of the CPUs."""
    judged: int = 0
    """How many rounds could be judged."""
    share: float = 0.0
    """The share of the CPUs that the others used in the disturbed rounds, as a mean over these."""
    waiting: float = 0.0
    """The share of the disturbed rounds' time in which a task waited for a CPU; 0 where that is not counted."""
    throttled: tuple[int, ...] = ()
    """The numbers of the rounds in which a CPU quota stopped the programs."""
    throttled_ns: int = 0
    """How long it did in these rounds, summed over the CPUs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterferenceCounts:
    """The interference in one benchmark or more, as counts: what records, the history and JSON documents keep."""

    judged_rounds: int = 0
    disturbed_rounds: int = 0
    others_share: float = 0.0
    waiting_share: float = 0.0
    throttled_rounds: int = 0
    throttled_ns: int = 0

    @property
    def remark(self) -> str:
        """Return it in one line; empty if no round was disturbed or throttled."""
        return "; ".join(self._sentences())

    @property
    def lines(self) -> tuple[str, ...]:
        """Return the lines under a table; none if no round was disturbed or throttled."""
        return tuple(f"{sentence}: expect wider intervals" for sentence in self._sentences())

    def _sentences(self) -> Iterator[str]:
        if self.disturbed_rounds:
            rounds = f"{self.disturbed_rounds:,} of {self.judged_rounds:,} rounds"
            # Some wait for a CPU in any program with more threads than there are CPUs.
            is_long = self.waiting_share > MOST_INTERFERENCE
            wait = f" (a task waited for a CPU in {percent(self.waiting_share)} of the time)" if is_long else ""
            yield f"other processes used {percent(self.others_share)} of the CPUs in {rounds}{wait}"
        if self.throttled_rounds:
            rounds = f"{self.throttled_rounds:,} of {self.judged_rounds:,} rounds"
            took = duration(self.throttled_ns)
            yield f"a CPU quota stopped programs in {rounds}, for {took} of CPU time"


NO_INTERFERENCE = InterferenceCounts()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """Rounds that last half a second together, with the sums of their counters."""

    rounds: tuple[int, ...]
    window_ns: int
    others_ns: int
    pressure_ns: int
    throttled_ns: int


def interference(samples: Iterable[Sample], cores: int) -> Interference:
    """Return the interference in samples of the same rounds, on a machine with this many usable processors."""
    windows = tuple(_windows(samples))
    busy = [each for each in windows if each.others_ns > MOST_INTERFERENCE * each.window_ns * cores]
    stopped = [each for each in windows if each.throttled_ns > _MOST_THROTTLED * each.window_ns]
    weights = [len(each.rounds) for each in busy]
    shares = [each.others_ns / (each.window_ns * cores) for each in busy]
    waits = [min(1.0, each.pressure_ns / each.window_ns) for each in busy]
    return Interference(
        disturbed=tuple(number for each in busy for number in each.rounds),
        judged=sum(len(each.rounds) for each in windows),
        share=_mean(shares, weights),
        waiting=_mean(waits, weights),
        throttled=tuple(number for each in stopped for number in each.rounds),
        throttled_ns=sum(each.throttled_ns for each in stopped),
    )


def of_result(result: BenchmarkResult, cores: int) -> Interference:
    """Return the interference in the scored rounds of a benchmark."""
    return interference(_samples(result), cores)


def counts_of(found: Sequence[Interference]) -> InterferenceCounts:
    """Return the sums of the interference in several benchmarks, and the means over their disturbed rounds."""
    weights = [len(each.disturbed) for each in found]
    return InterferenceCounts(
        judged_rounds=sum(each.judged for each in found),
        disturbed_rounds=sum(weights),
        others_share=_mean([each.share for each in found], weights),
        waiting_share=_mean([each.waiting for each in found], weights),
        throttled_rounds=sum(len(each.throttled) for each in found),
        throttled_ns=sum(each.throttled_ns for each in found),
    )


def counts_in(*groups: Sequence[Session]) -> InterferenceCounts:
    """Return the sums of the interference in sessions, grouped as in `interference_lines`; each run counts once."""
    return counts_of(tuple(_each(groups)))


def interference_lines(*groups: Sequence[Session]) -> tuple[str, ...]:
    """Return the lines on interference under the tables, the same for bench, comparisons and experiments.

    The sessions of a group ran in the same rounds. There is no line if no round was disturbed.
    """
    return counts_in(*groups).lines


def uncounted_lines(*groups: Sequence[Session]) -> tuple[str, ...]:
    """Return the line that says that interference was not counted; none if it was, or if nothing was measured."""
    return () if was_counted(*groups) or not any(_scored(groups)) else (_NOT_COUNTED,)


def interference_data(*groups: Sequence[Session]) -> dict[str, Any]:
    """Return the interference for a JSON document: the lines as they are printed, and the numbers in them."""
    lines = (*interference_lines(*groups), *uncounted_lines(*groups))
    return {"lines": list(lines), **asdict(counts_in(*groups))}


def was_counted(*groups: Sequence[Session]) -> bool:
    """Return whether the activity of the machine was counted in these sessions."""
    return any(sample.window_ns for sample in _scored(groups))


def _each(groups: Iterable[Sequence[Session]]) -> Iterator[Interference]:
    """Yield the interference of each benchmark of each group."""
    for sessions in groups:
        # By program and round: the results of several tests of a program have the same runs.
        runs: dict[str, dict[tuple[int, str, str, int], Sample]] = {}
        for number, session in enumerate(sessions):
            for result, program in _programs(session):
                of_benchmark = runs.setdefault(result.benchmark, {})
                for sample in _scored_in(program):
                    of_benchmark.setdefault((number, program.runtime, program.variant, sample.round_number), sample)
        for samples in runs.values():
            yield interference(samples.values(), sessions[0].machine.cores)


def _scored(groups: Iterable[Sequence[Session]]) -> Iterator[Sample]:
    return (
        sample
        for sessions in groups
        for session in sessions
        for result in session.results
        for sample in _samples(result)
    )


def _windows(samples: Iterable[Sample]) -> Iterator[_Window]:
    """Join rounds until they last half a second; the rest at the end is too short to judge."""
    joined: list[Sample] = []
    for _, some in sorted(_rounds(samples).items()):
        joined += some
        if sum(sample.window_ns for sample in joined) >= _LEAST_WINDOW_NS:
            yield _window(joined)
            joined = []


def _window(samples: Sequence[Sample]) -> _Window:
    return _Window(
        rounds=tuple(dict.fromkeys(sample.round_number for sample in samples)),
        window_ns=sum(sample.window_ns for sample in samples),
        # Below zero where the steps of the counters hide some of our own.
        others_ns=sum(
            sample.machine_busy_ns - sample.own_cpu_ns - sample.kernel_threads_ns + sample.machine_steal_ns
            for sample in samples
        ),
        pressure_ns=sum(sample.pressure_ns for sample in samples),
        throttled_ns=sum(sample.throttled_ns for sample in samples),
    )


def _rounds(samples: Iterable[Sample]) -> dict[int, list[Sample]]:
    """Return the samples of each round whose activity was counted."""
    rounds: dict[int, list[Sample]] = {}
    for sample in samples:
        if sample.window_ns:
            rounds.setdefault(sample.round_number, []).append(sample)
    return rounds


def _samples(result: BenchmarkResult) -> Iterator[Sample]:
    return (sample for program in result.programs for sample in _scored_in(program))


def _programs(session: Session) -> Iterator[tuple[BenchmarkResult, ProgramResult]]:
    return ((result, program) for result in session.results for program in result.programs)


def _scored_in(program: ProgramResult) -> tuple[Sample, ...]:
    return program.outcome.samples if isinstance(program.outcome, Measured) else ()


def _mean(values: Sequence[float], weights: Sequence[int]) -> float:
    """Return the weighted mean; 0 without a weight."""
    whole = sum(weights)
    return sum(value * weight for value, weight in zip(values, weights, strict=True)) / whole if whole else 0.0
