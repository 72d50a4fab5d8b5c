from collections.abc import Iterator
from dataclasses import replace
from math import inf

import pytest

from seqbench.bench.budget import Budget
from seqbench.bench.build import timed_build
from seqbench.bench.prepare import prepared_to_compare
from seqbench.bench.prepared import Prepared
from seqbench.bench.rebuilds import BuildTimes, build_times, built_s, with_build_times, with_kept_builds
from seqbench.events import ignore
from seqbench.suite.benchmarks import Program
from tests.support.compared import CALM, session_of
from tests.support.strategies import measured
from tests.support.world import World

_NOW = Budget.of(inf, 0)


@pytest.fixture
def ready(world: World) -> Iterator[Prepared]:
    """Both sides of a comparison of a compiler with itself."""
    world.add_right("alpha")
    request = world.request(runs="8")
    with prepared_to_compare(request, {"base": request.spec, "head": request.spec}, ignore) as found:
        yield found


def times_of(ready: Prepared, *, budget: Budget = _NOW, runs: int | None = 8) -> tuple[Program, BuildTimes]:
    request = replace(ready.request, runs=runs)
    *_, found = build_times(ready.sides, request, least=8, budget=budget, listen=ignore)
    ((program, times),) = found.items()
    return program, times


def test_every_program_is_built_again_in_pairs_of_both_sides(world: World, ready: Prepared) -> None:
    before = len(world.calls("seqc build"))
    program, times = times_of(ready)

    assert [len(side) for side in times.sides] == [8, 8]
    assert all(took > 0 for side in times.sides for took in side)
    # Once on each side before the pairs that count.
    assert len(world.calls("seqc build")) - before == 18
    assert program.benchmark == "alpha"


def test_no_build_finds_what_another_one_left_in_a_cache(world: World, ready: Prepared) -> None:
    seen = world.home / "seen"
    world.tool("clang", f'#!/bin/sh\nsha256sum <"$1" >>{seen}\nexec install -m 755 "$1" "$2"\n')
    times_of(ready)

    digests = seen.read_text().splitlines()
    assert len(digests) == 18
    assert len(set(digests)) == 18


def test_budget_that_holds_too_few_pairs_says_what_they_take(ready: Prepared) -> None:
    _, times = times_of(ready, budget=Budget(began_ns=0, length_ns=1), runs=None)

    assert times.sides == ()
    assert times.problem.startswith("its share of the budget holds 0 pairs of builds, and a verdict needs 8; --budget ")


def test_repeated_build_that_fails_is_named(world: World, ready: Prepared) -> None:
    world.tool("clang", "#!/bin/sh\necho no space >&2\nexit 1\n")
    assert "a repeated build of alpha (Seq) failed: does not compile" in times_of(ready)[1].problem


def test_what_was_timed_is_there_after_each_program(world: World) -> None:
    world.add_right("alpha", "beta")
    request = world.request(runs="8")
    with prepared_to_compare(request, {"base": request.spec, "head": request.spec}, ignore) as ready:
        found = build_times(ready.sides, ready.request, least=8, budget=_NOW, listen=ignore)
        assert [len(times) for times in found] == [1, 2]


def test_builds_that_were_timed_before_an_interrupt_are_kept(ready: Prepared) -> None:
    (program,) = ready.side.executables
    base, head = (session_of(measured(*CALM)) for _ in range(2))
    name = base.results[0].benchmark
    then = with_build_times((base, head), {replace(program, benchmark=name): BuildTimes(sides=((1, 2), (3, 4)))})

    assert with_kept_builds((base, head), then) == then
    assert with_kept_builds((base, head), ()) == (base, head)
    assert built_s(then) == 10 / 1e9
    known = [
        replace(
            side,
            results=tuple(
                replace(r, name="alpha", programs=tuple(replace(p, runtime="seq") for p in r.programs))
                for r in side.results
            ),
        )
        for side in then
    ]
    assert list(build_times(ready.sides, ready.request, least=8, budget=_NOW, listen=ignore, known=known)) == []


def test_timed_build_leaves_the_cache_as_it_is(world: World, ready: Prepared) -> None:
    before = sorted(path for path in world.cache.rglob("*"))
    (program,) = ready.side.executables
    took = timed_build(program, ready.side.tools, cache=world.cache, environment=world.environment)

    assert isinstance(took, int)
    assert sorted(path for path in world.cache.rglob("*")) == before


def test_build_times_are_kept_with_the_programs_of_each_side(ready: Prepared) -> None:
    (program,) = ready.side.executables
    base, head = (session_of(measured(*CALM)) for _ in range(2))
    renamed = replace(program, benchmark=base.results[0].benchmark)
    sides = with_build_times((base, head), {renamed: BuildTimes(sides=((1, 2), (3, 4)))})

    assert [side.results[0].programs[0].builds_ns for side in sides] == [(1, 2), (3, 4)]
    failed = with_build_times((base,), {renamed: BuildTimes(problem="too short")})
    assert failed[0].results[0].programs[0].builds_problem == "too short"
    assert with_build_times((base,), {}) == (base,)
