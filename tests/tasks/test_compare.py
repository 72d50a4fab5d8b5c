import re

import pytest

from seqbench.sessions.session import Measured, State
from tests.support.outcomes import assert_fails, assert_no_traceback, kept_comparison, row
from tests.support.world import (
    MANIFEST,
    World,
    hangs,
    on_run,
    says,
    script,
)


def test_a_compiler_is_the_same_as_itself_and_a_slower_one_is_told(world: World, slower: str) -> None:
    seqc = str(world.tools / "seqc")
    said = world.task("compare", "--base", seqc, "--head", seqc, "--runs", "8")
    assert said.code == 0
    assert re.search(r"800 us +800 us +1\.000 \[1\.000, 1\.000\] +same ", row(said.out, "Alpha"))

    said = world.task("compare", "--base", seqc, "--head", slower, "--runs", "8")
    assert said.code == 0
    assert re.search(r"0\.800 ms +1\.00 ms +1\.250 \[1\.250, 1\.250\] +slower ", row(said.out, "Alpha"))
    said = world.task("compare", "--base", slower, "--head", seqc, "--runs", "8")
    assert said.code == 0
    assert re.search(r" 0\.800 \[0\.800, 0\.800\] +faster ", row(said.out, "Alpha"))
    # Each compiler built the program once.
    assert len(world.calls("seqc build")) == 2


def test_a_comparison_with_a_side_that_fails_exits_with_4_and_has_no_ratio(world: World) -> None:
    world.add("alpha", seq=says() + "# COMPILE ERROR\n")
    seqc = str(world.tools / "seqc")
    said = world.task("compare", "--base", seqc, "--head", seqc, "--runs", "8")

    assert said.code == 4
    assert "does not compile" in said.out
    assert not re.search(r"\d\.\d", row(said.out, "Alpha"))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--base", "{seqc}", "--head", "{seqc}", "--runs", "7"), 2, "cannot be judged from fewer than 8 rounds"),
        (("--base", "{seqc}"), 2, "--head is missing"),
        (("--base", "7.7", "--head", "{seqc}"), 2, "--base: '7.7'"),
        (("--base", "{seqc}", "--head", "{seqc}", "--margin", "much"), 2, "--margin"),
        (("--base", "{seqc}", "--head", "/nonexistent/seqc"), 3, "head (/nonexistent/seqc): no compiler at"),
        (("--base", "none.json", "--head", "none.json"), 2, "none.json: cannot be read"),
        (("--resume", "none.json"), 2, "none.json: cannot be read"),
        (
            ("--resume", "none.json", "--margin", "5%"),
            2,
            "--resume reuses the settings stored in the file and cannot be combined",
        ),
        (
            ("--base", "none.json", "--head", "none.json", "--only", "alpha"),
            2,
            "flags for measuring cannot be combined",
        ),
    ],
)
def test_a_comparison_that_cannot_be_made_says_which_side_and_why(
    world: World, words: tuple[str, ...], code: int, said: str
) -> None:
    world.add_right("alpha")
    seqc = str(world.tools / "seqc")

    assert_fails(world.task("compare", *(word.format(seqc=seqc) for word in words)), code, said)
    assert not list(world.results.glob("*.json"))


def test_an_interrupted_comparison_exits_with_130_and_can_be_gone_on_with(world: World) -> None:
    # Both sides run the same file, so the twenty rounds of the pilot and three more are 46 runs.
    world.add("alpha", seq=on_run(47, hangs(), says()))
    seqc = str(world.tools / "seqc")

    with world.stopped():
        said = world.task("compare", "--base", seqc, "--head", seqc, "--runs", "8")
    assert said.code == 130
    assert_no_traceback(said)
    (kept,) = world.results.glob("*.json")
    assert f"invoke compare --resume results/{kept.name}" in said.err
    assert {session.state for session in kept_comparison(world).sessions} == {State.INTERRUPTED}

    said = world.task("compare", "--resume", f"results/{kept.name}")
    assert said.code == 0, said.err
    for session in kept_comparison(world).sessions:
        outcome = session.results[0].programs[0].outcome
        assert session.state is State.COMPLETE
        assert isinstance(outcome, Measured)
        assert [sample.round_number for sample in outcome.samples] == [1, 2, 3, 4, 5, 6, 7, 8]
    # 46 runs, the one that hung, and five rounds more.
    (counter,) = (world.cache / "programs").glob("*/alpha.runs")
    assert counter.read_text() == "57\n"


def test_a_comparison_that_was_started_with_another_pool_is_not_gone_on_with(world: World) -> None:
    manifest = MANIFEST.format(name="alpha") + "[needs]\nlive-strands = 2\n"
    world.add("alpha", seq=on_run(47, hangs(), says("$1")), toml=manifest)
    seqc = str(world.tools / "seqc")
    with world.stopped():
        assert world.task("compare", "--base", seqc, "--head", seqc, "--runs", "8", "--only", "alpha").code == 130
    (kept,) = world.results.glob("*.json")

    world.environment["SEQ_POOL_CAPACITY"] = "500"
    said = world.task("compare", "--resume", f"results/{kept.name}")
    assert_fails(said, 2, "alpha was started with other settings", "without --resume")


def test_a_comparison_is_made_at_the_smallest_size_at_which_there_is_work_enough(world: World) -> None:
    lines = (
        "if [ $1 -ge 100 ]; then sleep 0.021; time=20000000; else time=4000000; sleep 0.004; fi",
        says("$1", "$time"),
    )
    world.add("alpha", seq=script(*lines), toml=MANIFEST.format(name="alpha"))
    seqc = str(world.tools / "seqc")
    said = world.task("compare", "--base", seqc, "--head", seqc, "--runs", "8")

    assert said.code == 0, said.err
    assert row(said.out, "The alpha").startswith("The alpha [100 messages]")


@pytest.mark.parametrize(
    ("strands", "setting", "base_pool", "head_pool"),
    [
        (2, "", 100, 100),
        (300, "", 600, 600),
        # It needs more than the default; 0 stands for a variable that was not set.
        (6000, "", 0, 0),
        # What a user has set is what is compared, and the other side keeps the default.
        (2, ",SEQ_POOL_CAPACITY=7000", 0, 7000),
    ],
)
def test_both_sides_of_a_comparison_start_sooner_unless_a_setting_is_compared(
    world: World, strands: int, setting: str, base_pool: int, head_pool: int
) -> None:
    needs = f'[needs]\nlive-strands = "{strands}"\n'
    source = says("$1", "$((400000 + ${SEQ_POOL_CAPACITY:-0}))")
    world.add("alpha", seq=source, toml=MANIFEST.format(name="alpha") + needs)
    seqc = str(world.tools / "seqc")
    said = world.task("compare", "--base", seqc, "--head", f"{seqc}{setting}", "--runs", "8")

    assert said.code == 0, said.err
    for session, pool in zip(kept_comparison(world).sessions, (base_pool, head_pool), strict=True):
        outcome = session.results[0].programs[0].outcome
        assert isinstance(outcome, Measured)
        assert {sample.elapsed_ns for sample in outcome.samples} == {400_000 + pool}
    started = f"alpha: started with SEQ_POOL_CAPACITY={base_pool} on both sides"
    assert (started in said.out) is bool(base_pool)


def test_a_size_at_which_a_program_fails_ends_the_pilot_and_is_told(world: World) -> None:
    world.add("alpha", seq=script("[ $1 -eq 100 ] && exit 7", says("$1")), toml=MANIFEST.format(name="alpha"))
    seqc = str(world.tools / "seqc")
    said = world.task("compare", "--base", seqc, "--head", seqc, "--runs", "8")

    assert said.code == 4
    assert "The alpha [100 messages]" in said.out
    assert "exit status 7" in said.out
