import pytest

from tests.support.outcomes import assert_fails, assert_no_traceback
from tests.support.world import World, says
from tests.test_investigation import small  # noqa: F401 - a fixture

QUICKLY = ("--budget", "2s", "--seed", "7")


def test_one_command_writes_the_page_from_everything(small: World) -> None:  # noqa: F811 - the fixture
    said = small.task("findings", *QUICKLY)
    page = (small.project / "docs" / "FINDINGS.md").read_text()

    assert said.code == 0, said.err
    assert_no_traceback(said)
    assert said.out == "wrote docs/FINDINGS.md\n"
    for heading in ("# Findings", "## `invoke explain ", "## `invoke sweep --only alpha", "## `invoke tune "):
        assert f"\n{heading}" in f"\n{page}"
    assert "There is no run at full size" in page


def test_what_was_measured_is_taken_again_and_the_page_is_the_same_but_for_its_date(
    small: World,  # noqa: F811 - the fixture
) -> None:
    page = small.project / "docs" / "FINDINGS.md"
    assert small.task("findings", *QUICKLY).code == 0
    first = page.read_text()
    assert small.task("findings", "--resume").code == 0

    assert page.read_text().partition("- machine")[2] == first.partition("- machine")[2]


def test_a_record_of_these_sources_is_used_and_one_of_others_is_not(small: World) -> None:  # noqa: F811 - the fixture
    assert small.task("bench", "--runs", "6").code == 0
    for path in small.results.glob("*.json"):
        path.unlink()
    assert small.task("findings", *QUICKLY).code == 0
    page = small.project / "docs" / "FINDINGS.md"
    assert "## `invoke bench`" in page.read_text()

    small.record.write_text("no record")
    assert small.task("findings", "--resume").code == 0
    assert "There is no run at full size" in page.read_text()


def test_a_program_that_fails_makes_the_exit_code_4_and_the_page_says_so(small: World) -> None:  # noqa: F811 - fixture
    small.add("alpha", go="#!/bin/sh\nexit 3\n")
    said = small.task("findings", *QUICKLY)

    assert said.code == 4
    assert "failed: exit status 3" in (small.project / "docs" / "FINDINGS.md").read_text()


def test_a_suite_without_a_benchmark_that_is_swept_says_so_and_what_was_measured_is_kept(world: World) -> None:
    world.add("alpha", seq=says(), go=says())
    said = world.task("findings", *QUICKLY)

    assert_fails(said, 2, "--only skynet: no benchmark of that name")
    assert "kept: invoke findings --resume" in said.err
    assert (world.results / "findings-explain.json").exists()
    assert not (world.project / "docs" / "FINDINGS.md").exists()


@pytest.mark.parametrize("words", [("--budget", "soon"), ("--seqc", "7.7"), ("--seed", "x")])
def test_what_makes_no_sense_is_refused(world: World, words: tuple[str, ...]) -> None:
    world.add("alpha", seq=says(), go=says())

    assert world.task("findings", *words).code == 2
    assert world.calls() == []
