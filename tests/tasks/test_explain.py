import json
import re
import signal

import pytest

from seqbench.experiments.explain.document import load_explanation
from tests.support.outcomes import assert_fails, assert_no_traceback
from tests.support.traced import MANIFEST, REPORTS, a_strace, works
from tests.support.world import World, hangs, script

QUICKLY = ("--budget", "8s", "--seed", "7", "--runtimes", "seq,go")


@pytest.fixture
def traced(world: World) -> World:
    a_strace(world)
    world.add("alpha", seq=works(1_000, REPORTS), go=works(500), toml=MANIFEST.format(name="alpha"))
    return world


def test_it_is_shown_kept_and_written_and_the_last_line_says_how_the_time_was_spent(traced: World) -> None:
    said = traced.task("explain", *QUICKLY, "--json", "out.json")

    assert said.code == 0, said.err
    assert_no_traceback(said)
    assert re.search(r"The alpha, Seq +message \(of 90\) +1\.00 us \[1\.00 us, 1\.00 us\]", said.out)
    assert "s in timed runs" in said.out.splitlines()[-1]
    assert "kept in results/explain-7.json" in said.err
    kept = load_explanation(traced.results / "explain-7.json")
    assert load_explanation(traced.project / "out.json") == kept
    assert not traced.record.exists()


@pytest.mark.whole
def test_json_to_standard_output_is_json_and_nothing_else(traced: World) -> None:
    said = traced.task("explain", *QUICKLY, "--json", "-")

    assert json.loads(said.out)["schema"] == "seqbench/explanation"
    assert "Findings:" in said.err


@pytest.mark.whole
def test_by_default_all_runtimes_are_run_and_those_without_tools_are_no_error(traced: World) -> None:
    said = traced.task("explain", "--budget", "8s")

    assert said.code == 0, said.err
    assert "because May was not measured: alpha has no program for it" in said.out


def test_a_program_that_fails_makes_the_exit_code_4_and_the_others_are_shown(traced: World) -> None:
    traced.add("alpha", seq=script("exit 3"))
    said = traced.task("explain", *QUICKLY)

    assert said.code == 4
    assert_no_traceback(said)
    assert "failed: exit status 3" in said.out
    assert re.search(r"The alpha, Go +message", said.out)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--only", "alhpa"), "did you mean 'alpha'?"),
        (("--runtimes", "ruby"), "no runtime named 'ruby'"),
        (("--size", "huge"), "unknown size"),
        (("--budget", "soon"), "is not a duration"),
        (("--seqc", "7.7"), "is not a complete version"),
        (("--seed", "one"), "is not a whole number"),
        (("--json", "tasks.py/x.json"), "cannot be written"),
    ],
)
def test_a_usage_error_exits_with_2_before_anything_is_done(traced: World, words: tuple[str, ...], said: str) -> None:
    assert_fails(traced.task("explain", *words), 2, said)
    assert traced.calls() == []


def test_an_interrupt_exits_with_130_and_leaves_no_process(traced: World) -> None:
    traced.add("alpha", seq=hangs())
    with traced.stopped(signal.SIGTERM):
        said = traced.task("explain", *QUICKLY)

    assert said.code == 130
    assert_no_traceback(said)
    assert not list(traced.results.glob("*.json"))


@pytest.mark.whole
def test_budget_that_is_too_short_is_named_as_it_was_typed_with_one_that_is_enough(traced: World) -> None:
    for ending in ("seq", "go"):
        source = (traced.suite / "alpha" / f"alpha.{ending}").read_text()
        (traced.suite / "alpha" / f"alpha.{ending}").write_text(source.replace("\n", "\nsleep 0.3\n", 1))
    said = traced.task("explain", "--budget", "1s", "--runtimes", "seq,go")

    assert_fails(said, 2, "a budget of 1 s is too short for every benchmark")
    # The small size has 15 % of it: the pilot, and a round that counts.
    (enough,) = re.findall(r"use --budget (\d+)s or more", said.err)
    assert 1.2 / 0.15 <= int(enough) <= 60
