from dataclasses import replace

import pytest

from seqbench.experiments.sweep.document import SweepDocument
from seqbench.experiments.tune.document import TuneDocument
from seqbench.experiments.tune.settings import DIAGNOSTICS, POOL, Factor, Grid
from studies.claims.sources import with_facts, with_sweep, with_tuning
from tests.support.claim_cases import HANDLERS, NOTHING, STACKS, some_facts
from tests.support.strategies import a_program, measured
from tests.support.sweeps import a_point, a_sweep
from tests.support.tunings import a_stage, a_tuning

GRID = Grid(
    factors=(Factor(name=POOL, levels=("10000", "1000", "100000")), Factor(name=DIAGNOSTICS, levels=("on", "off")))
)


def a_screening(**changes: object) -> TuneDocument:
    """Build a tuning in which a pool of 100,000 halves the time and no diagnostics save a fifth."""

    def elapsed_ms(variant: tuple[str, ...], _name: str, _number: int) -> float:
        pool, diagnostics = variant
        return 100 * (0.5 if pool == "100000" else 1) * (0.8 if diagnostics == "off" else 1)

    stage = a_stage(GRID.whole(), elapsed_ms, benchmarks=("skynet",))
    return a_tuning(stage, grid=GRID, **changes)


def test_a_tuning_tells_what_the_largest_pool_and_the_diagnostics_do() -> None:
    evidence = with_tuning(NOTHING, a_screening())
    pool, diagnostics = dict(evidence.pool_ratio)["skynet"], dict(evidence.diagnostics_ratio)["skynet"]

    assert pool.median == pytest.approx(0.5)
    assert pool.interval is not None
    assert pool.interval.high == pytest.approx(0.5)
    # Time with diagnostics / without.
    assert diagnostics.median == pytest.approx(1.25)
    assert diagnostics.interval is not None
    assert diagnostics.interval.low == pytest.approx(1.25)


def test_without_a_pool_that_is_larger_than_the_default_nothing_is_said_of_one() -> None:
    document = a_screening()
    assert document.screening is not None
    kept = [number for number, variant in enumerate(document.screening.variants) if variant[0] != "100000"]
    smaller = replace(
        document,
        grid=GRID.without(POOL, "100000"),
        screening=replace(
            document.screening,
            variants=tuple(document.screening.variants[number] for number in kept),
            sessions=tuple(document.screening.sessions[number] for number in kept),
        ),
    )

    evidence = with_tuning(NOTHING, smaller)
    assert evidence.pool_ratio == ()
    assert evidence.diagnostics_ratio


def test_facts_tell_the_unit_of_the_stack_and_who_handles_sigquit() -> None:
    evidence = with_facts(NOTHING, some_facts(stacks=STACKS, quit_handlers=HANDLERS))

    assert evidence.stack_unit_bytes == 8
    assert evidence.quit_handlers == HANDLERS
    assert with_facts(NOTHING, some_facts()).stack_unit_bytes is None


def a_sweep_of_actors(name: str = "actors", parameter: str = "messages") -> SweepDocument:
    def point(value: int, seq_ms: float) -> object:
        return a_point(value, a_program(measured(*[seq_ms] * 6)), a_program(measured(*[10.0] * 6), "go"), name=name)

    document = a_sweep(point(1, 90.0), point(100, 15.0))  # type: ignore[arg-type]
    return replace(document, benchmarks=(replace(document.benchmarks[0], name=name, parameter=parameter),))


def test_a_sweep_of_actors_over_messages_gives_its_curve() -> None:
    evidence = with_sweep(NOTHING, a_sweep_of_actors())

    assert [(messages, ratio.median) for messages, ratio in evidence.actors_ratios] == [(1, 9.0), (100, 1.5)]


@pytest.mark.parametrize(("name", "parameter"), [("skynet", "messages"), ("actors", "actors")])
def test_any_other_sweep_adds_nothing(name: str, parameter: str) -> None:
    assert with_sweep(NOTHING, a_sweep_of_actors(name, parameter)) == NOTHING
