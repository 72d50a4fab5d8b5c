"""Two stored sessions are compared benchmark by benchmark."""

from dataclasses import replace

import pytest

from seqbench.sessions import store
from tests.support.outcomes import assert_fails
from tests.support.world import Said, World, says


def _bench(world: World, name: str) -> None:
    assert world.task("bench", "--runs", "2", "--json", name).code == 0


def _compare(world: World) -> Said:
    return world.task("compare", "--base", "base.json", "--head", "head.json")


@pytest.fixture
def based(world: World) -> World:
    world.add_right("alpha", "beta")
    _bench(world, "base.json")
    return world


def test_benchmark_that_was_added_leaves_the_common_ones_comparable(based: World) -> None:
    based.add_right("gamma")
    _bench(based, "head.json")
    said = _compare(based)

    assert said.code == 5
    assert said.out.count("(unpaired)") == 2
    assert "not compared: gamma is only in head" in said.out


def test_comment_that_was_edited_leaves_the_other_benchmarks_comparable(based: World) -> None:
    based.add("beta", seq=says(elapsed_ns=800_000) + "# a comment\n")
    _bench(based, "head.json")
    said = _compare(based)

    assert said.code == 5
    assert said.out.count("(unpaired)") == 1
    assert "not compared: different sources of beta" in said.out


def test_sessions_without_a_common_benchmark_say_why_of_each(based: World) -> None:
    for name in ("alpha", "beta"):
        based.add(name, seq=says(elapsed_ns=700_000))
    _bench(based, "head.json")

    assert_fails(_compare(based), 1, "different sources of alpha", "different sources of beta")


def test_session_of_before_is_compared_by_the_digest_of_all_its_sources(based: World) -> None:
    _bench(based, "head.json")
    old = store.load(based.project / "base.json")
    old = replace(old, results=tuple(replace(result, sources="") for result in old.results))
    store.save(based.project / "base.json", old)
    assert _compare(based).code == 5

    store.save(based.project / "base.json", replace(old, sources="sha256:other"))
    assert_fails(_compare(based), 1, "different benchmark sources, perhaps of alpha")
