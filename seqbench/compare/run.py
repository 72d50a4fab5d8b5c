"""Measure two compilers in the same rounds."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from seqbench.bench.plan import Pilot
from seqbench.bench.prepare import side_of
from seqbench.bench.request import Request
from seqbench.bench.runner import PILOT_ROUNDS, Conductor
from seqbench.compare.calibration import Calibration, known_spreads
from seqbench.compare.document import Versus
from seqbench.compare.plan import MOST_PAIRS, plan_pairs
from seqbench.compare.verdict import least_pairs, rounds_to_find
from seqbench.errors import UsageError
from seqbench.events import Listener
from seqbench.runtimes.registry import COMPARED_RUNTIME, select_runtimes
from seqbench.sessions.session import Session
from seqbench.suite.benchmarks import Benchmark, select_benchmarks
from seqbench.suite.manifest import load_suite
from seqbench.suite.sizes import Size, SizeRequest, candidate_sizes
from seqbench.system import machine
from seqbench.system.lock import measuring_lock
from seqbench.units import NS_PER_S

# Shorter runs buy more certainty for the same time, down to where the work is lost in its start and its clock.
LEAST_PAIRED_WORK_NS = 15_000_000
# The probe's rounds, over what its slowdown takes: twenty rounds of a pilot may well show half of the noise, and a calm
# hour's calibration half of that of a noisy one (studies/gate_power.py).
_CAUTION = 5.0
# Of the budget of a comparison: twenty rounds of a pilot may find a round cheaper than it will be.
_PLANNED_SHARE = 0.95


def versus(
    request: Request,
    wanted: Versus,
    *,
    listen: Listener,
    save: Callable[[tuple[Session, ...]], None],
    resumed: tuple[Session, ...] = (),
    probe: bool = False,
    sizes: Mapping[str, Size] | None = None,
    calibration: Calibration | None = None,
) -> tuple[Session, ...]:
    """Build both compilers and run their programs in the same rounds; give the sessions of base and head.

    With `probe` there is a third one: base again, in some of the rounds, plain or slowed down by a known share. `save`
    gets the sessions whenever a benchmark is done, and after an interrupt; `resumed` are such sessions, to go on with.
    Where `sizes` are given for all benchmarks there is no choice, and programs start as ever. A `calibration` of this
    machine tells better than the pilot how the budget is to be shared out.

    Raises
    ------
    UsageError : an unknown benchmark, or fewer rounds than a judgement needs.
    ToolchainError : a compiler cannot be had (the message says which side).
    KeyboardInterrupt : interrupted.
    """
    load_before = machine.load_average()
    suite = load_suite(request.suite_folder)
    runtimes = select_runtimes((COMPARED_RUNTIME,))
    benchmarks = select_benchmarks(suite, request.only)
    # The probe is plain in one half of the rounds and slowed in the other, and both halves are judged.
    least = least_pairs(len(benchmarks)) * (2 if probe else 1)
    if request.runs is not None and request.runs < least:
        raise UsageError(
            f"--runs {request.runs}: {len(benchmarks)} benchmarks cannot be judged from fewer than {least} rounds",
            f"use --runs {least} or more, or leave it out",
        )
    if request.runs is not None and request.runs > MOST_PAIRS:
        raise UsageError(
            f"--runs {request.runs}: a comparison is judged from at most {MOST_PAIRS} rounds",
            f"use --runs {MOST_PAIRS}",
        )
    with measuring_lock(request.cache, listen):
        started_ns = time.monotonic_ns()
        sides = [
            side_of(name, replace(request, spec=spec), suite, benchmarks, listen)
            for name, spec in (("base", wanted.base), ("head", wanted.head))
        ]
        sides = [replace(side, blank=replace(side.blank, load_before=load_before)) for side in sides]
        if probe:
            sides.append(replace(sides[0], name="probe", is_probe=True))
        limits = machine.this_machines_limits()
        to_find = partial(rounds_to_find, family=len(benchmarks), caution=_CAUTION)
        conductor = Conductor(
            request=request,
            sides=tuple(sides),
            benchmarks=benchmarks,
            candidates={
                b.name: (sizes[b.name],)
                if sizes
                else candidate_sizes(b, runtimes, limits, _resumed_size(b, resumed) or request.size)
                for b in benchmarks
            },
            plan=lambda pilots, spent_ns: plan_pairs(
                _calibrated(pilots, benchmarks, calibration, sides[0].blank.machine.identity),
                request.budget_s * _PLANNED_SHARE * NS_PER_S - spent_ns,
                request.runs,
                least=least,
                to_find=to_find if probe else None,
            ),
            started_ns=started_ns,
            listen=listen,
            save=save,
            resumed=resumed,
            pilot_rounds=PILOT_ROUNDS,
            starts_quickly=not sizes,
            least_work_ns=0 if sizes else LEAST_PAIRED_WORK_NS,
        )
        return conductor.measure()


def _calibrated(
    pilots: Sequence[Pilot], benchmarks: Sequence[Benchmark], calibration: Calibration | None, identity: str
) -> Sequence[Pilot]:
    """Give the pilots with the spreads of the calibration, where it knows all of them here at these sizes."""
    sizes = [(benchmark.name, pilot.parameters) for benchmark, pilot in zip(benchmarks, pilots, strict=True)]
    spreads = known_spreads(calibration, identity, sizes)
    if spreads is None:
        return pilots
    return [replace(pilot, spread=spread, is_calibrated=True) for pilot, spread in zip(pilots, spreads, strict=True)]


def _resumed_size(benchmark: Benchmark, resumed: tuple[Session, ...]) -> SizeRequest | None:
    """Give the size that the interrupted sessions ran this benchmark at."""
    found = next((result for session in resumed for result in session.results if result.name == benchmark.name), None)
    if found is None or benchmark.scaling is None:
        return None
    return SizeRequest(number=dict(found.parameters)[benchmark.scaling.name], strict=True)
