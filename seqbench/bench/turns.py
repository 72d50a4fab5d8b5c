"""Run the scored rounds: the benchmarks take turns, each up to its next look, and one that is settled stops.

How many rounds a benchmark runs up to its next look may depend on the clock and on *other* benchmarks, and never on its
own samples: that keeps the error rate of its verdict. So the time of a benchmark that stops is shared out by the plans
and by the cost of the pilots alone.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from seqbench.bench.budget import Budget
from seqbench.bench.programs import Candidate
from seqbench.bench.results import BenchmarkRun
from seqbench.bench.stopping import PlannedLook, Stopping
from seqbench.events import Listener, Settled
from seqbench.sessions.design import Look
from seqbench.sessions.session import Session
from seqbench.units import NS_PER_S

# What the product of a fraction and a number of rounds may be off by.
_ROUNDING = 1e-9


@dataclass(slots=True, kw_only=True)
class Turns:
    """The scored rounds of all benchmarks."""

    runs: tuple[BenchmarkRun, ...]
    stopping: Stopping
    budget: Budget
    seed: int
    listen: Listener
    report: Callable[[BenchmarkRun, Candidate, int], None]
    """Called before each run, with the number of its round."""
    after_round: Callable[[], None]
    sessions: Callable[[], tuple[Session, ...]]
    save: Callable[[], None]
    """Called after every turn."""

    def play(self) -> None:
        """Run the rounds that are missing."""
        for run in self.runs:
            run.expect_cost()
            # Where every program failed, no more rounds can run.
            done = run.rounds.complete_rounds() if run.rounds.remaining() else run.plan.rounds
            run.missing_rounds = max(0, run.plan.rounds - done)
        for number, look in enumerate(self.stopping.looks):
            if 0 < number == len(self.stopping.looks) - 1:
                self._use_reserve()
            for run in self.runs:
                if _is_waiting(run, number):
                    self._turn(run, look)
                    self.save()

    def _turn(self, run: BenchmarkRun, look: PlannedLook) -> None:
        """Run a benchmark up to its next look, and look at it."""
        target = ceil(look.fraction * run.plan.rounds - _ROUNDING)
        self._score(run, target)
        if run.missing_rounds and target == run.plan.rounds:
            self._end_early(run)
        if run.design is not None and run.plan.rounds:
            self._look(run, look)

    def _score(self, run: BenchmarkRun, target: int) -> None:
        """Run the rounds up to a target; fewer if the time that they share is used up before.

        Only the time decides, and that of all candidates together: what they differ in does not.
        """
        rounds, done = run.rounds, run.done_rounds
        whole_ns = sum(each.missing_ns() for each in self.runs)
        now_ns = time.monotonic_ns()
        rest = self.budget.part(run.missing_ns() / whole_ns if whole_ns else 1.0, now_ns)
        turn = self.budget.part((target - done) * run.round_cost_ns / whole_ns if whole_ns else 1.0, now_ns)
        rounds.last_moment_ns = min(self.budget.last_moment_ns, rest.last_moment_ns)
        rounds.is_out_of_time = False
        for number in range(done + 1, target + 1):
            began_ns = time.monotonic_ns()
            if not turn.holds(run.seen_cost_ns(), began_ns):
                break
            for candidate in rounds.run(number, f"{self.seed}/{run.benchmark.name}"):
                self.report(run, candidate, number)
            if rounds.is_out_of_time:
                break
            run.missing_rounds -= 1
            run.scored_rounds += 1
            run.scored_ns += time.monotonic_ns() - began_ns
            self.after_round()

    def _end_early(self, run: BenchmarkRun) -> None:
        done = run.done_rounds
        if run.design is None or done < run.design.planned:
            needs_s = self.budget.length_ns / NS_PER_S * run.plan.rounds / max(1, done)
            note = f"{done} of {run.plan.rounds} planned rounds: the programs became slower than in the pilot"
            run.notes.append(f"{note}; {self.budget.flag(needs_s)} is enough")
            if not done:
                run.skip(self.budget.flag(needs_s))
        run.stop()

    def _look(self, run: BenchmarkRun, planned: PlannedLook) -> None:
        """Judge a benchmark; if its verdict stands, stop it and give its time to the others."""
        is_last = not run.missing_rounds
        run.add_look(Look(rounds=run.done_rounds, spent=1.0 if is_last else planned.spent))
        standing = self.stopping.judge(self.sessions(), run.benchmark.name)
        self.budget = self.budget.extended(standing.waited_ns)
        if standing.is_probe_found:
            run.retire_probe()
        if not standing.is_settled:
            return
        freed_ns = run.missing_ns()
        run.stop()
        self._share_out(freed_ns)
        self.listen(Settled(benchmark=run.benchmark.name, text=standing.text))

    def _use_reserve(self) -> None:
        """Give the time that no plan uses to the benchmarks that are open, before their last look."""
        open_ns = sum(run.missing_rounds * run.seen_cost_ns() for run in self.runs)
        planned_ns = sum(run.missing_ns() for run in self.runs)
        spare_ns = self.budget.left_ns(time.monotonic_ns()) - open_ns
        if planned_ns and spare_ns > 0:
            self._share_out(spare_ns * planned_ns / open_ns)

    def _share_out(self, freed_ns: float) -> None:
        """Add rounds to the plans of the benchmarks that are open, in proportion to what they are missing."""
        open_ones = [(run, run.missing_ns()) for run in self.runs if run.missing_rounds]
        whole_ns = sum(missing_ns for _, missing_ns in open_ones)
        if not self.budget.is_limited or not whole_ns:
            return
        for run, missing_ns in open_ones:
            more = int(freed_ns * missing_ns / whole_ns / max(1.0, run.round_cost_ns))
            run.add_rounds(min(more, max(0, self.stopping.most_rounds - run.plan.rounds)))


def _is_waiting(run: BenchmarkRun, number: int) -> bool:
    """Return whether a benchmark still has to run up to the look with this number, from 0."""
    if run.design is None or not run.plan.rounds:
        return number == 0
    looks = run.design.looks
    return len(looks) == number and not (looks and looks[-1].rounds >= run.plan.rounds)
