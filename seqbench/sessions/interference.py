"""Find the rounds in which other processes used the processors. Pure.

The kernel counts the time of the processors in steps of 10 ms, so that one run of a few milliseconds shows nothing.
Rounds are joined until they last half a second. This is a remark for the reader, and never a reason to drop a sample.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import fmean

from seqbench.sessions.session import BenchmarkResult, Measured, Sample, Session
from seqbench.units import percent

_LEAST_WINDOW_NS = 500_000_000
# Timers and kernel threads take a few percent of a quiet machine.
MOST_INTERFERENCE = 0.10


@dataclass(frozen=True, slots=True, kw_only=True)
class Interference:
    """The processor time that other processes and virtual machines used while a benchmark ran."""

    disturbed: tuple[int, ...]
    """The numbers of the rounds in which they used more than a tenth of the processors."""
    rounds: int
    """How many rounds could be judged."""
    share: float
    """Their mean share of the processors in the disturbed rounds; 0 where there is none."""


def interference(result: BenchmarkResult, cores: int) -> Interference:
    """Return the interference in the scored rounds of a benchmark, on a machine with this many usable processors."""
    disturbed: list[int] = []
    shares: list[float] = []
    judged = 0
    for numbers, window_ns, others_ns in _windows(result):
        judged += len(numbers)
        share = others_ns / (window_ns * cores)
        if share > MOST_INTERFERENCE:
            disturbed += numbers
            shares += [share] * len(numbers)
    return Interference(disturbed=tuple(disturbed), rounds=judged, share=fmean(shares) if shares else 0.0)


def interference_text(session: Session) -> str:
    """Return one sentence on the interference in a session; empty if no round was disturbed."""
    found = [interference(result, session.machine.cores) for result in session.results]
    disturbed = sum(len(each.disturbed) for each in found)
    if not disturbed:
        return ""
    share = sum(each.share * len(each.disturbed) for each in found) / disturbed
    rounds = sum(each.rounds for each in found)
    return f"other processes used {percent(share)} of the CPUs in {disturbed} of {rounds} rounds"


def was_counted(session: Session) -> bool:
    """Return whether the activity of the machine was counted in this session."""
    return any(sample.window_ns for result in session.results for sample in _samples(result))


def _windows(result: BenchmarkResult) -> Iterator[tuple[list[int], int, int]]:
    """Yield groups of rounds that last half a second together: their numbers, their time, and the time of others."""
    numbers: list[int] = []
    window_ns = others_ns = 0
    for number, samples in _rounds(result).items():
        numbers.append(number)
        window_ns += sum(sample.window_ns for sample in samples)
        others_ns += sum(_others_ns(sample) for sample in samples)
        if window_ns >= _LEAST_WINDOW_NS:
            yield numbers, window_ns, others_ns
            numbers, window_ns, others_ns = [], 0, 0


def _rounds(result: BenchmarkResult) -> dict[int, list[Sample]]:
    """Return the samples of each round whose activity was counted."""
    rounds: dict[int, list[Sample]] = {}
    for sample in _samples(result):
        if sample.window_ns:
            rounds.setdefault(sample.round_number, []).append(sample)
    return dict(sorted(rounds.items()))


def _samples(result: BenchmarkResult) -> Iterable[Sample]:
    outcomes = (program.outcome for program in result.programs)
    return (sample for outcome in outcomes if isinstance(outcome, Measured) for sample in outcome.samples)


def _others_ns(sample: Sample) -> int:
    """Return the time that others used; below zero where the steps of the counters hide some of our own."""
    return sample.machine_busy_ns - sample.own_cpu_ns + sample.machine_steal_ns
