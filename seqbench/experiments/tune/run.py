"""Find the settings that make programs faster: screen many variants, then confirm the best one in fresh rounds.

Half of the budget is for the screening. A pilot runs every level alone, and plans the variants and rounds that follow.
The other half is for the confirmation, which compares the best variant with the default like `invoke compare`.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import ceil

from seqbench.bench.budget import Budget, budget_flag
from seqbench.bench.pilots import MeasuringPolicy
from seqbench.bench.plan import LEAST_ROUNDS, MOST_ROUNDS, Plan
from seqbench.bench.prepare import prepared_to_compare
from seqbench.bench.prepared import Prepared
from seqbench.bench.request import Request
from seqbench.bench.runner import Runner
from seqbench.compare.plan import PILOT_ROUNDS
from seqbench.compare.run import measure_at_sizes
from seqbench.compare.verdict import least_pairs
from seqbench.errors import BudgetError, UsageError
from seqbench.events import Estimate, Event, Listener, Measuring, Phase, Remark
from seqbench.experiments.tune.document import TuneDocument, TuneStage
from seqbench.experiments.tune.screening import affordable, choose, failure_in, pilot_costs_ns, usable
from seqbench.experiments.tune.settings import Variant, grid_around, round_cost_ns
from seqbench.experiments.tune.variants import Variants
from seqbench.runtimes.registry import COMPARED_RUNTIME
from seqbench.suite.benchmarks import Benchmark, select_benchmarks, select_runtimes
from seqbench.suite.sizes import Size
from seqbench.units import NS_PER_S

_SCREENING_SHARE = 0.5
# The rest of the budget is for the harness, and for what the pilot cannot predict.
_PLANNED_SHARE = 0.95

Saver = Callable[[TuneDocument], None]


def run(request: Request, *, margin: float, listen: Listener, save: Saver) -> TuneDocument:
    """Screen, choose and confirm.

    Parameters
    ----------
    request : Request
        If it has a number of runs, both stages have this number of rounds, whatever they cost.
    margin : float
        The relative difference that counts as "same".
    save : callable
        Receives the document so far after every benchmark of every stage.

    Raises
    ------
    UsageError
        An unknown benchmark, no program to tune, or a size that does not fit.
    ToolchainError
        The requested compiler is missing or cannot be built. A variant that cannot be built is left out instead.
    KeyboardInterrupt
        Interrupted; what was measured was saved.
    """
    suite = request.load_suite()
    (runtime,) = select_runtimes(suite, (COMPARED_RUNTIME,))
    asked = select_benchmarks(suite, request.only)
    benchmarks = tuple(b for b in asked if any(p.runtime == runtime and not p.variant for p in b.programs))
    if not benchmarks:
        names = ", ".join(benchmark.name for benchmark in asked)
        raise UsageError(f"no {runtime.title} program to tune in {names}", "use --only with another benchmark")
    tuned = replace(request, only=tuple(benchmark.name for benchmark in benchmarks))
    with prepared_to_compare(tuned, {}, listen) as ready:
        tuning = _Tuning.of(ready, margin, only=request.only, listen=listen, save=save)
        tuning.leave_out_unavailable()
        tuning.pilot()
        tuning.screen()
        tuning.confirm()
    return tuning.document


@dataclass(slots=True, kw_only=True)
class _Tuning:
    """A tuning in progress, with its document so far."""

    prepared: Prepared
    variants: Variants
    benchmarks: tuple[Benchmark, ...]
    """The benchmarks in which the default did not fail."""
    sizes: Mapping[str, Size]
    save: Saver
    document: TuneDocument
    _budget: Budget = field(init=False)

    @classmethod
    def of(cls, ready: Prepared, margin: float, *, only: tuple[str, ...], listen: Listener, save: Saver) -> "_Tuning":
        """Start a tuning of the prepared programs; `only` names the benchmarks of the request."""
        request = ready.request
        variants = Variants(prepared=ready, grid=grid_around(request.spec, request.environment), listen=listen)
        document = TuneDocument(
            seed=request.seed,
            spec=request.spec.text,
            only=only,
            size=request.size.text,
            margin=margin,
            budget_s=request.budget_s,
            grid=variants.grid,
            left_out=(),
            pilot=None,
            is_whole=True,
            whole_needs_s=0.0,
            screening=None,
            chosen=None,
            confirmation=(),
            wall_ns=0,
        )
        return cls(
            prepared=ready,
            variants=variants,
            benchmarks=ready.benchmarks,
            sizes=ready.sizes(),
            save=save,
            document=document,
        )

    @property
    def _request(self) -> Request:
        return self.prepared.request

    def leave_out_unavailable(self) -> None:
        """Leave out the levels that are too large for this machine and those that cannot be built.

        Raises
        ------
        UsageError, ToolchainError
            The default cannot be built.
        """
        self.variants.leave_out_too_large(self.sizes)
        self.variants.leave_out_unbuildable()
        self.variants.build()

    def pilot(self) -> None:
        """Run every level alone, once, and leave out the levels that fail."""
        self._budget = Budget.of(self._request.limit_s, time.monotonic_ns())
        if self._budget.is_limited:
            self.variants.listen(Estimate(total_s=self._request.limit_s))
        variants = self.variants.grid.one_at_a_time()
        self.variants.listen(Phase(text=f"pilot: the default and {len(variants) - 1} levels"))
        rising = self.prepared.rising_sizes()
        stage = self._measure(
            variants,
            MeasuringPolicy(
                sizes=rising,
                plan=lambda pilots, _left_ns: (Plan(rounds=0),) * len(pilots),
                fixed=self.prepared.fixed_sizes(),
                # The screening has a pilot of its own.
                scored_rounds=1 + LEAST_ROUNDS,
            ),
            keep=lambda stage: self._keep(replace(self.document, pilot=stage)),
        )
        found = {result.benchmark: result.parameters for result in stage.sessions[0].results}
        self.sizes = {
            name: next(size for size in sizes if size.parameters == found[name]) for name, sizes in rising.items()
        }
        failed = {result.benchmark for result, _, _ in stage.sessions[0].failures()} | set(stage.sessions[0].left_out())
        self.benchmarks = tuple(b for b in self.benchmarks if b.name not in failed)
        names = [benchmark.name for benchmark in self.benchmarks]
        for variant, session in zip(variants[1:], stage.sessions[1:], strict=True):
            if reason := failure_in(session, names):
                ((factor, level),) = self.variants.grid.changes(variant)
                self.variants.leave_out(factor.name, level, f"failed in {reason}")

    def screen(self) -> None:
        """Run all combinations, or one level at a time if the budget is too small for all."""
        grid, pilot = self.variants.grid, self.document.pilot
        if pilot is None or not self.benchmarks or len(grid.whole()) == 1:
            return
        costs_ns = pilot_costs_ns(pilot)
        half, now_ns = self._screening_budget(), time.monotonic_ns()
        left_ns = _PLANNED_SHARE * half.left_ns(now_ns)
        needed_ns = (1 + LEAST_ROUNDS) * round_cost_ns(grid, grid.whole(), costs_ns)
        is_whole = self._request.runs is not None or needed_ns <= left_ns
        needs_s = (now_ns - self._budget.began_ns + needed_ns) / _SCREENING_SHARE / _PLANNED_SHARE / NS_PER_S
        levels = grid.one_at_a_time()
        variants = grid.whole() if is_whole else affordable(grid, pilot, left_ns / (1 + LEAST_ROUNDS))
        cost_ns = max(1.0, round_cost_ns(grid, variants, costs_ns))
        rounds = self._request.runs or int(min(MOST_ROUNDS, left_ns / cost_ns - 1))
        if not self._budget.is_limited:
            # The confirmation runs the default and the best variant.
            rest_ns = (1 + rounds) * cost_ns + 2 * (PILOT_ROUNDS + rounds) * sum(costs_ns[grid.default].values())
            self.variants.listen(Estimate(total_s=(now_ns - self._budget.began_ns + rest_ns) / NS_PER_S))
        self.document = replace(self.document, is_whole=is_whole, whole_needs_s=needs_s)
        if not is_whole:
            needed = f"all {len(grid.whole())} combinations need --budget {ceil(needs_s / 60)}m"
            if variants == levels:
                how = "screening one level at a time"
            else:
                needed += f", and all {len(levels) - 1} levels one at a time {self._flag_for(levels, costs_ns, now_ns)}"
                how = f"screening the {len(variants) - 1} levels that were fastest in the pilot"
            self.variants.listen(Remark(text=f"{needed}: {how}"))
        if rounds < LEAST_ROUNDS and self._request.runs is None:
            more = self._flag_for(variants, costs_ns, now_ns)
            if rounds < 1:
                length = f"{self._budget.length_ns / NS_PER_S:g} s"
                raise BudgetError(
                    f"a budget of {length} is enough for the pilot, but for no round of the screening",
                    f"use {more} or more",
                )
            text = f"{rounds} rounds are too few for intervals of the screening; {more} is enough for {LEAST_ROUNDS}"
            self.variants.listen(Remark(text=text))
        self.variants.listen(Phase(text=f"screening: {len(variants)} variants in {rounds} rounds"))
        self._measure(
            variants,
            MeasuringPolicy(
                sizes={name: (size,) for name, size in self.sizes.items()},
                plan=lambda pilots, _left_ns: (Plan(rounds=rounds),) * len(pilots),
            ),
            keep=lambda stage: self._keep(replace(self.document, screening=stage)),
        )

    def _flag_for(
        self, variants: tuple[Variant, ...], costs_ns: Mapping[Variant, Mapping[str, float]], now_ns: float
    ) -> str:
        """Return the flag for a budget in which these variants are screened in enough rounds for an interval."""
        cost_ns = round_cost_ns(self.variants.grid, variants, costs_ns)
        needed_ns = now_ns - self._budget.began_ns + (1 + LEAST_ROUNDS) * cost_ns
        return budget_flag(needed_ns / _SCREENING_SHARE / _PLANNED_SHARE / NS_PER_S)

    def _screening_budget(self) -> Budget:
        """Return the part of the budget in which the pilot and the screening end."""
        length_ns = _SCREENING_SHARE * self._budget.length_ns
        return replace(self._budget, length_ns=length_ns, share=_SCREENING_SHARE)

    def confirm(self) -> None:
        """Compare the best variant with the default in fresh rounds, within the remaining budget."""
        grid, stage = self.variants.grid, self.document.screening
        names = tuple(dict.fromkeys(result.benchmark for result in usable(stage))) if stage else ()
        chosen = choose(grid, stage, is_whole=self.document.is_whole) if stage and names else None
        self._keep(replace(self.document, chosen=chosen))
        if chosen is None:
            return
        self.variants.listen(Phase(text=f"confirming {grid.label(chosen)} against the default"))
        runs = self._request.runs and max(self._request.runs, least_pairs(len(names)))
        asked = replace(self._request, only=names, runs=runs)
        base, head = self.variants.side(grid.default), self.variants.side(chosen)
        try:
            measure_at_sizes(
                self.prepared.for_request(asked).with_budget(self._budget.part(1.0, time.monotonic_ns())),
                (replace(base, name="base"), replace(head, name="head")),
                self.sizes,
                listen=self._listen_in_stage,
                save=lambda sessions: self._keep(replace(self.document, confirmation=sessions)),
            )
        except BudgetError as error:
            self.variants.listen(Remark(text=f"not confirmed: {error.message}; fix: {error.fix}"))

    def _listen_in_stage(self, event: Event) -> None:
        """Report an event of a stage; the time left and the share done are those of the whole tuning."""
        if isinstance(event, Estimate):
            return
        if isinstance(event, Measuring) and self._budget.is_limited:
            left_ns = self._budget.left_ns(time.monotonic_ns())
            done = 1 - left_ns / max(1.0, self._budget.length_ns)
            event = replace(event, fraction_done=done, remaining_s=left_ns / NS_PER_S)
        self.variants.listen(event)

    def _measure(
        self, variants: tuple[Variant, ...], policy: MeasuringPolicy, keep: Callable[[TuneStage], None]
    ) -> TuneStage:
        runner = Runner(
            prepared=self.prepared.for_request(self._request),
            sides=tuple(self.variants.side(variant) for variant in variants),
            benchmarks=self.benchmarks,
            policy=policy,
            budget=self._screening_budget(),
            listen=self._listen_in_stage,
            save=lambda sessions: keep(TuneStage(variants=variants, sessions=sessions)),
        )
        return TuneStage(variants=variants, sessions=runner.measure())

    def _keep(self, document: TuneDocument) -> None:
        self.document = replace(
            document,
            grid=self.variants.grid,
            left_out=self.variants.left_out,
            wall_ns=time.monotonic_ns() - self.prepared.started_ns,
        )
        self.save(self.document)
