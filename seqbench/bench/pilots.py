"""Run the pilot of every benchmark within its share of the budget, and choose the size of the benchmark meanwhile.

Every benchmark first runs one round at its smallest size. Those rounds predict what the others take, so that a size
that does not fit into the budget is not started.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite

from seqbench.bench.budget import Budget
from seqbench.bench.plan import LEAST_ROUNDS, PILOT, Pilot, Plan
from seqbench.bench.programs import Candidate
from seqbench.bench.results import BenchmarkRun
from seqbench.bench.sizing import is_cut_short, next_size, predicted_cost_ns, scale_of
from seqbench.bench.stopping import ALL_ROUNDS, Stopping
from seqbench.suite.benchmarks import Benchmark
from seqbench.suite.sizes import Parameters, Size
from seqbench.units import NS_PER_S

Planner = Callable[[Sequence[Pilot], float], tuple[Plan, ...]]
# A size that was asked for is not made smaller, however few rounds fit.
_FEWEST_ROUNDS = 1
_TIMED_OUT = "timed out"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuringPolicy:
    """How sizes are chosen, rounds planned and programs started."""

    sizes: Mapping[str, Sequence[Size]]
    """The sizes of each benchmark to choose from, in rising order."""
    plan: Planner
    """The pilots of all benchmarks, and the time that is left after them in nanoseconds, to a plan for each."""
    fixed: frozenset[str] = frozenset()
    """The benchmarks that do not run at a smaller size than the last one where the budget is too short for it."""
    on_sizes: Callable[[Sequence[tuple[str, Parameters]]], None] = lambda _sizes: None
    """Called with the names of the benchmarks and their parameters once their sizes are chosen."""
    scored_rounds: int = LEAST_ROUNDS
    """A size is chosen if the benchmark's share of the budget probably holds as many rounds besides the pilot."""
    pilot_rounds: int = 1
    pilot_share: float = 1.0
    """Of the benchmark's share of the budget: what its pilot may take."""
    stopping: Stopping = ALL_ROUNDS
    """When a benchmark is looked at, and what decides whether it stops there."""
    starts_quickly: bool = False
    """Programs get the settings of their runtime's `quick_start`, where no side has such a setting of its own."""
    least_work_ns: float = inf
    """The smallest size at which the work takes so long is chosen; infinite: the largest size."""


@dataclass(slots=True, kw_only=True)
class Pilots:
    """The pilots of all benchmarks."""

    policy: MeasuringPolicy
    budget: Budget
    seed: int
    start: Callable[[Benchmark, Size], BenchmarkRun]
    report: Callable[[BenchmarkRun, Candidate], None]
    """Called before each run."""
    runs: dict[str, BenchmarkRun]
    """The benchmarks so far, by name, each at the size that is run now."""
    discarded_ns: int = 0
    """Spent at sizes that were passed on the way to the chosen one."""

    def first_look(self, benchmarks: Sequence[Benchmark]) -> None:
        """Run one round of every benchmark at its smallest size."""
        for place, benchmark in enumerate(benchmarks):
            share = self.budget.part(1 / (len(benchmarks) - place), time.monotonic_ns())
            run = self.runs[benchmark.name] = self.start(benchmark, self.policy.sizes[benchmark.name][0])
            self._round(run, share)

    def predicted(self, benchmark: Benchmark) -> Pilot:
        """Return a pilot of the benchmark at its largest size, as far as its first round predicts it."""
        run, largest = self.runs[benchmark.name], self.policy.sizes[benchmark.name][-1]
        if isfinite(self.policy.least_work_ns):
            return run.pilot()
        return Pilot(cost_ns=predicted_cost_ns(run.rounds.last_pilot(), scale_of(run.size, largest)))

    def finish(self, benchmarks: Sequence[Benchmark]) -> None:
        """Choose the sizes and run the rest of the pilots; those with the cheapest rounds come first.

        So what they do not use is left to the expensive ones.
        """
        by_cost = sorted(benchmarks, key=lambda benchmark: self.predicted(benchmark).cost_ns)
        reserved_ns = 0.0
        for place, benchmark in enumerate(by_cost):
            share = self.budget.part(1 / (len(by_cost) - place), time.monotonic_ns(), reserved_ns=reserved_ns)
            self._choose_size(benchmark, share)
            run = self.runs[benchmark.name]
            longest_ns = self.policy.pilot_share * share.length_ns
            while run.has_pilot() and not run.rounds.failures and not run.rounds.is_out_of_time:
                if run.pilot_rounds >= self.policy.pilot_rounds or run.pilot_ns + run.pilot().cost_ns > longest_ns:
                    break
                self._round(run, share)
            if run.needs_s is None:
                reserved_ns += self.policy.scored_rounds * run.pilot().cost_ns

    def _choose_size(self, benchmark: Benchmark, share: Budget) -> None:
        policy, sizes, at = self.policy, self.policy.sizes[benchmark.name], 0
        run = self.runs[benchmark.name]
        rounds = 1 + (_FEWEST_ROUNDS if benchmark.name in policy.fixed else policy.scored_rounds)
        # Where the smallest suitable size is sought, a program that fails at one size ends the search.
        while run.has_pilot() and not (run.rounds.failures and isfinite(policy.least_work_ns)):
            samples, longest_ns = run.rounds.last_pilot(), share.left_ns(time.monotonic_ns()) / rounds
            index = next_size(sizes, at, samples, least_work_ns=policy.least_work_ns, longest_round_ns=longest_ns)
            larger = None if index is None else self._at_size(benchmark, sizes[index], share)
            if index is None or larger is None:
                if is_cut_short(at, sizes, samples, policy.least_work_ns):
                    self._cut_short(run, sizes[-1 if policy.least_work_ns == inf else at + 1], rounds, share)
                return
            run, at = larger, index

    def _at_size(self, benchmark: Benchmark, size: Size, share: Budget) -> BenchmarkRun | None:
        """Run one round at a larger size; None if it took too long, so that the smaller size stays."""
        smaller = self.runs[benchmark.name]
        run = self.runs[benchmark.name] = self.start(benchmark, size)
        # Another such wait would tell nothing.
        run.rounds.failures |= {
            name: failed for name, failed in smaller.rounds.failures.items() if failed.reason == _TIMED_OUT
        }
        self._round(run, share)
        if run.has_pilot():
            self.discarded_ns += smaller.rounds.spent_ns
            return run
        self.discarded_ns += run.rounds.spent_ns
        self.runs[benchmark.name] = smaller
        return None

    def _cut_short(self, run: BenchmarkRun, wanted: Size, rounds: int, share: Budget) -> None:
        """Note that the budget was too short for a size, and which one probably holds it."""
        needed_ns = rounds * predicted_cost_ns(run.rounds.last_pilot(), scale_of(run.size, wanted))
        # What others used of the time says nothing about a longer budget.
        fair_ns = max(1.0, share.length_ns, self.budget.length_ns / len(self.policy.sizes))
        needs_s = self.budget.length_ns / NS_PER_S * max(1.0, needed_ns / fair_ns)
        if run.benchmark.name not in self.policy.fixed:
            run.notes.append(f"{wanted.label} do not fit into the budget; {self.budget.flag(needs_s)} is enough")
            return
        self.discarded_ns += run.rounds.spent_ns
        left_out = self.runs[run.benchmark.name] = self.start(run.benchmark, wanted)
        left_out.needs_s = needs_s

    def _round(self, run: BenchmarkRun, share: Budget) -> None:
        """Run one round of a pilot, and end it when the benchmark's share of the budget is used up."""
        name = run.benchmark.name
        run.rounds.last_moment_ns = min(self.budget.last_moment_ns, share.last_moment_ns)
        began_ns = time.monotonic_ns()
        # Another order in each of them.
        for candidate in run.rounds.run(PILOT, f"{self.seed}/{name}/{run.pilot_rounds}"):
            self.report(run, candidate)
        if run.rounds.is_out_of_time:
            run.needs_s = None if run.pilot_rounds else 2 * self.budget.length_ns / NS_PER_S
            return
        run.pilot_rounds += 1
        run.pilot_ns += time.monotonic_ns() - began_ns
