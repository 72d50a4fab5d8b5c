from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.experiments.tune.settings import (
    DIAGNOSTICS,
    LOOP_OPT,
    POOL,
    STACK,
    Grid,
    Variant,
    grid_around,
    pool_too_large,
    round_cost_ns,
)
from seqbench.runtimes.registry import RUNTIMES
from seqbench.system.facts import Ceiling, Limits
from seqbench.toolchain.compiler_spec import parse_spec
from tests.support.tunings import SMALL_GRID

_PLAIN = grid_around(parse_spec("7.7.5"), {})
_COST = next(runtime.cost for runtime in RUNTIMES if runtime.name == "seq" and runtime.cost)
_STOCK = Limits(max_map_count=65_530, available_memory_bytes=None)

_parts = st.lists(
    st.sampled_from(
        ("SEQ_POOL_CAPACITY=5000", "SEQ_STACK_SIZE=16384", "SEQ_REPORT=1", "diagnostics=off", "--loop-opt", "--x")
    ),
    unique=True,
)


def the_variant(grid: Grid, **levels: str) -> Variant:
    variant = grid.default
    for name, level in levels.items():
        variant = grid.with_level(
            variant, {"pool": POOL, "stack": STACK, "diag": DIAGNOSTICS}.get(name, LOOP_OPT), level
        )
    return variant


def test_the_default_is_what_the_runtime_takes_where_nothing_is_set() -> None:
    assert dict(zip([factor.name for factor in _PLAIN.factors], _PLAIN.default, strict=True)) == {
        STACK: "131072",
        POOL: "10000",
        DIAGNOSTICS: "on",
        LOOP_OPT: "off",
    }
    assert (_PLAIN.label(_PLAIN.default), _PLAIN.spec_text("7.7.5", _PLAIN.default)) == ("default", "7.7.5")


@given(_parts, st.dictionaries(st.sampled_from((POOL, STACK)), st.sampled_from(("7", "1000", "16384"))), st.data())
def test_the_spec_of_a_variant_is_that_variant_and_keeps_all_else(
    parts: list[str], environment: dict[str, str], data: st.DataObject
) -> None:
    text = ",".join(["7.7.5", *parts])
    grid = grid_around(parse_spec(text), environment)
    variant = data.draw(st.sampled_from(grid.whole()))
    spec = parse_spec(grid.spec_text(text, variant))

    assert grid_around(spec, environment).default == variant
    assert grid.spec_text(text, grid.default) == text
    assert dict(spec.settings).get("SEQ_REPORT") == dict(parse_spec(text).settings).get("SEQ_REPORT")
    assert ("--x" in spec.flags) == ("--x" in parts)


@given(_parts)
def test_the_whole_grid_is_every_combination_once_and_one_at_a_time_is_part_of_it(parts: list[str]) -> None:
    grid = grid_around(parse_spec(",".join(["7.7.5", *parts])), {})
    whole, singles = grid.whole(), grid.one_at_a_time()

    assert whole[0] == singles[0] == grid.default
    assert len(set(whole)) == len(whole) == prod(len(factor.levels) for factor in grid.factors)
    assert len(singles) == 1 + sum(len(factor.levels) - 1 for factor in grid.factors)
    assert set(singles) <= set(whole)
    assert all(len(grid.changes(variant)) == 1 for variant in singles[1:])
    assert len({grid.label(variant) for variant in whole}) == len(whole)


def test_a_variant_is_named_by_what_is_not_the_default_in_it() -> None:
    assert _PLAIN.label(the_variant(_PLAIN, pool="1000", diag="off", loop="on")) == (
        "SEQ_POOL_CAPACITY=1000,diagnostics=off,--loop-opt"
    )
    grid = grid_around(parse_spec("7.7.5,--loop-opt"), {})
    assert grid.label(the_variant(grid, loop="off")) == "no --loop-opt"
    assert grid.spec_text("7.7.5,--loop-opt", the_variant(grid, loop="off")) == "7.7.5"


def test_a_level_that_is_left_out_is_in_no_variant() -> None:
    grid = _PLAIN.without(POOL, "100000")

    assert len(grid.whole()) * 3 == len(_PLAIN.whole()) * 2
    assert not any("100000" in variant for variant in grid.whole())
    assert grid.default == _PLAIN.default


def test_a_pool_that_the_machine_cannot_hold_is_told_with_the_mend() -> None:
    found = pool_too_large(100_000, 11_111, _COST, _STOCK)
    assert found is not None
    assert found.what == "SEQ_POOL_CAPACITY=100000"
    assert found.remedy == "raise the limit: invoke doctor --fix"
    assert "vm.max_map_count is 65,530" in found.reason
    assert pool_too_large(100_000, 11_111, _COST, Limits(max_map_count=4_000_000, available_memory_bytes=None)) is None
    assert pool_too_large(10_000, 11_111, _COST, _STOCK) is None
    assert pool_too_large(1_000, 0, _COST, _STOCK) is None

    little = Limits(max_map_count=None, available_memory_bytes=512 << 20)
    found = pool_too_large(100_000, 0, _COST, little)
    assert found is not None
    assert found.reason.startswith("available memory is 512 MiB, needs 959 MiB")
    assert pool_too_large(1_000, 0, _COST, little) is None


def test_pool_that_a_limit_of_address_space_cannot_hold_is_left_out() -> None:
    space = Ceiling(name="RLIMIT_AS (ulimit -v)", value=3 << 30, fix="ulimit -v unlimited")
    limits = Limits(max_map_count=None, available_memory_bytes=None, address_space=space)
    found = pool_too_large(10_000, 0, _COST, limits)

    assert found is not None
    assert (found.reason, found.remedy) == (
        "RLIMIT_AS (ulimit -v) allows 3.0 GiB, needs 9.8 GiB",
        "ulimit -v unlimited",
    )
    assert pool_too_large(1_000, 2_000, _COST, limits) is None


@given(st.lists(st.integers(1, 1_000_000), min_size=2, max_size=2), st.floats(0.1, 10), st.floats(0.1, 10))
def test_what_a_round_costs_is_foretold_exactly_where_the_levels_do_multiply(
    bases: list[int], pool: float, flag: float
) -> None:
    names = ("alpha", "beta")
    seen = {
        variant: {
            name: base * (pool if variant[0] == "1000" else 1) * (flag if variant[1] == "on" else 1)
            for name, base in zip(names, bases, strict=True)
        }
        for variant in SMALL_GRID.whole()
    }
    alone = {variant: seen[variant] for variant in SMALL_GRID.one_at_a_time()}
    truth = sum(cost for costs in seen.values() for cost in costs.values())

    assert round_cost_ns(SMALL_GRID, SMALL_GRID.whole(), alone) == pytest.approx(truth)
