import subprocess
import sys

import pytest

from studies.claims.__main__ import main
from tests.support.outcomes import assert_fails, assert_no_traceback
from tests.support.world import REPOSITORY, Said, World, says

QUICKLY = ("--budget", "20s", "--seed", "7")

pytestmark = pytest.mark.whole


def findings(world: World, *words: str) -> Said:
    """Do what the command does, for the project of a world."""
    return world.program(lambda: main(words, world.project, world.project / "probes"))


def test_one_command_writes_the_page_from_everything(small: World) -> None:
    said = findings(small, *QUICKLY)
    page = (small.project / "docs" / "FINDINGS.md").read_text()

    assert said.code == 0, said.err
    assert_no_traceback(said)
    assert said.out.startswith("wrote docs/FINDINGS.md\n")
    for part in ("# Findings\n", "- [`invoke explain ", "- [`invoke sweep --only alpha", "- [`invoke tune "):
        assert f"\n{part}" in f"\n{page}"
    assert "has no run at full size" in page


def test_what_was_measured_is_taken_again_and_the_page_is_the_same_but_for_its_date(
    small: World,
) -> None:
    page = small.project / "docs" / "FINDINGS.md"
    assert findings(small, *QUICKLY).code == 0
    first = page.read_text()
    assert findings(small, "--resume").code == 0

    assert page.read_text().partition("- machine")[2] == first.partition("- machine")[2]


def test_the_last_session_at_full_size_is_on_the_page(small: World) -> None:
    assert small.task("bench", "--runs", "6", "--seed", "3", "--no-record").code == 0
    assert findings(small, *QUICKLY).code == 0

    assert "[`invoke bench --seed 3`]" in (small.project / "docs" / "FINDINGS.md").read_text()


def test_a_program_that_fails_makes_the_exit_code_4_and_the_page_says_so(small: World) -> None:
    small.add("alpha", go="#!/bin/sh\nexit 3\n")
    said = findings(small, *QUICKLY)

    assert said.code == 4
    assert "failed: exit status 3" in (small.project / "docs" / "findings" / "explain.txt").read_text()


def test_a_suite_without_a_benchmark_that_is_swept_says_so_and_what_was_measured_is_kept(world: World) -> None:
    world.add("alpha", seq=says(), go=says())
    said = findings(world, *QUICKLY)

    assert_fails(said, 2, "--only: no benchmark named 'skynet'")
    assert "to resume: python -m studies.claims --resume" in said.err
    assert (world.results / "findings-explain.json").exists()
    assert not (world.project / "docs" / "FINDINGS.md").exists()


@pytest.mark.parametrize("words", [("--budget", "soon"), ("--seqc", "7.7"), ("--seed", "x")])
def test_what_makes_no_sense_is_refused(world: World, words: tuple[str, ...]) -> None:
    world.add("alpha", seq=says(), go=says())

    assert findings(world, *words).code == 2
    assert world.calls() == []


def test_it_starts_from_the_clone() -> None:
    done = subprocess.run(
        (sys.executable, "-m", "studies.claims", "--help"), cwd=REPOSITORY, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "--resume" in done.stdout
