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
        (("--resume", "none.json", "--set", "n=1"), 2, "--resume reuses the settings stored in the file"),
        (("--base", "a.json", "--head", "b.json", "--set", "n=1"), 2, "flags for measuring cannot be combined"),
        (("--base", "a.json", "--head", "{seqc}"), 2, "one is a stored session, expected two SPECs or two stored"),
        (("--base", "run:./a", "--head", "run:./b", "--only", "alpha"), 2, "--only is for benchmarks"),
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
    (counter,) = world.home.glob("alpha-*.runs")
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


@pytest.mark.whole
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


def test_comparison_keeps_its_budget_and_names_the_one_that_holds_a_verdict(world: World) -> None:
    world.add_right("alpha")
    seqc = str(world.tools / "seqc")
    said = world.task("compare", "--base", seqc, "--head", seqc, "--budget", "1ms")

    assert (said.code, said.out) == (2, "")
    assert "error: a budget of 0.001 s is too short for every benchmark\n  fix: use --budget 5s or more" in said.err
    assert list(world.results.glob("*")) == []


@pytest.mark.parametrize("task", ["compare", "gate", "calibrate", "bench", "sweep"])
def test_rounds_and_budget_at_once_are_refused(world: World, task: str) -> None:
    world.add_right("alpha")
    sides = ("--base", "7.7.5", "--head", "7.7.5") if task in ("compare", "gate") else ()
    said = world.task(task, *sides, "--runs", "10", "--budget", "20s")

    assert said.code == 2
    assert "--runs 10 and --budget 20s contradict each other" in said.err


def test_a_size_at_which_a_program_fails_ends_the_pilot_and_is_told(world: World) -> None:
    world.add("alpha", seq=script("[ $1 -eq 100 ] && exit 7", says("$1")), toml=MANIFEST.format(name="alpha"))
    seqc = str(world.tools / "seqc")
    said = world.task("compare", "--base", seqc, "--head", seqc, "--runs", "8")

    assert said.code == 4
    assert "The alpha [100 messages]" in said.out
    assert "exit status 7" in said.out


@pytest.mark.parametrize("task", ["compare", "gate"])
def test_a_setting_that_nothing_reads_makes_no_difference(world: World, task: str) -> None:
    world.add_right("alpha")
    seqc = str(world.tools / "seqc")
    words = ("--base", seqc, "--head", f"{seqc},SEQ_POOL_CAPCITY=20", "--runs", "16")
    assert_fails(world.task(task, *words), 2, "--head: ", "unknown setting 'SEQ_POOL_CAPCITY'", "'SEQ_POOL_CAPACITY'")
    assert not list(world.results.glob("*.json"))

    # It cannot be faster, but chance may say so: it does not contain the name of the variable that it finds.
    chance = "env | grep -q POOL_CAPC && elapsed=600000 || elapsed=800000"
    world.add("alpha", seq=script(chance, "echo result: 42", "echo elapsed_ns: $elapsed"))
    said = world.task(task, *words, "--allow-unknown-settings")
    assert said.code == (0 if task == "compare" else 5)
    assert " same " in row(said.out, "Alpha")
    assert "warning: head: SEQ_POOL_CAPCITY=20 has no effect: no program reads it" in said.err
    assert "head: SEQ_POOL_CAPCITY=20 (no effect: no program reads it)" in said.out
    assert "A/A run" in said.out


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ("SEQ_POOL_CAPACITY=10000", "this is the default"),
        ("GOGC=50", "no program reads it"),
        ("SEQ_WATCHDOG_ACTION=exit", "it works only with SEQ_WATCHDOG_SECS"),
    ],
)
def test_a_setting_without_effect_is_the_same_by_definition(world: World, part: str, reason: str) -> None:
    chance = "env | grep -q $(echo HEAD | tr A-Z A-Z) && elapsed=600000 || elapsed=800000"
    world.add("alpha", seq=script(chance.replace("HEAD", part[1:6]), "echo result: 42", "echo elapsed_ns: $elapsed"))
    seqc = str(world.tools / "seqc")
    said = world.task("compare", "--base", seqc, "--head", f"{seqc},{part}", "--runs", "8")
    assert said.code == 0
    assert " same " in row(said.out, "Alpha")
    assert f"warning: head: {part} has no effect: {reason}" in said.err


@pytest.mark.parametrize(
    "flags",
    [
        ("compare", "--base", "{}", "--head"),
        ("gate", "--base"),
        ("calibrate", "--seqc"),
        ("bench", "--seqc"),
        ("sweep", "--over", "messages=1:9", "--seqc"),
        ("tune", "--seqc"),
        ("explain", "--seqc"),
    ],
)
def test_every_task_refuses_a_wrong_setting_before_it_measures(world: World, flags: tuple[str, ...]) -> None:
    world.add_right("alpha")
    seqc = str(world.tools / "seqc")
    words = [word.format(seqc) for word in flags]
    said = world.task(*words, f"{seqc},SEQ_POOL_CAPACITY=abc", "--allow-unknown-settings")
    assert_fails(said, 2, "SEQ_POOL_CAPACITY is 'abc', expected a whole number", "10000 is the default")
    assert_fails(world.task(*words, f"{seqc},SEQ_POOL_CAPCITY=1"), 2, "unknown setting 'SEQ_POOL_CAPCITY'")
    assert not world.calls("seqc build")


def test_settings_of_the_environment_are_warned_of_and_handed_on(world: World) -> None:
    world.add_right("alpha")
    world.environment |= {"SEQ_POOL_CAPCITY": "20", "SEQ_STACK_SIZE": "big", "GOMAXPROC": "1", "SEQ_REPORT": "0"}
    said = world.task("bench", "--runs", "1", "--seqc", f"{world.tools / 'seqc'},SEQ_REPORT=json")
    assert said.code == 0
    assert "warning: in the environment: unknown setting SEQ_POOL_CAPCITY=20" in said.err
    assert "warning: in the environment: SEQ_STACK_SIZE is 'big', expected a whole number" in said.err
    assert "warning: in the environment: GOMAXPROC=1 is not passed on; did you mean GOMAXPROCS?" in said.err
    assert "SEQ_REPORT is json by the SPEC" in said.err
    assert "SEQ_POOL_CAPCITY=20 (no effect: no program reads it)" in said.out


@pytest.mark.parametrize(("task", "runs", "code"), [("compare", "8", 0), ("gate", "16", 5)])
def test_a_comparison_runs_at_the_size_that_was_asked_for(world: World, task: str, runs: str, code: int) -> None:
    world.add("alpha", seq=says('"$1"'), toml=MANIFEST.format(name="alpha"))
    seqc = str(world.tools / "seqc")
    words = (task, "--base", seqc, "--head", seqc, "--runs", runs)
    assert_fails(world.task(*words, "--size", "alhpa=7"), 2, "no benchmark or parameter named 'alhpa'", "'alpha'")

    assert world.task(*words, "--size", "alpha=7").code == code
    kept = kept_comparison(world)
    assert [dict(result.parameters) for result in kept.sessions[0].results] == [{"messages": 7}]
    assert kept.size == "alpha=7"
    (path,) = world.results.glob("*.json")
    assert_fails(world.task(task, "--resume", str(path), "--size", "7"), 2, "--resume reuses the settings stored")
    assert world.task(task, "--resume", str(path)).code == code


@pytest.mark.parametrize("task", ["compare", "bench"])
def test_a_pool_that_cannot_matter_at_the_size_is_noted_with_one_at_which_it_would(world: World, task: str) -> None:
    manifest = MANIFEST.format(name="alpha").replace("full = 1000", "full = 100000")
    world.add("alpha", seq=says('"$1"'), toml=manifest + '[needs]\nlive-strands = "messages"\n')
    seqc = str(world.tools / "seqc")
    words = ("--base", seqc, "--head") if task == "compare" else ("--runtimes", "seq", "--seqc")
    said = world.task(task, *words, f"{seqc},SEQ_POOL_CAPACITY=200000", "--size", "1000", "--runs", "8")
    assert said.code == 0
    note = "SEQ_POOL_CAPACITY cannot matter in alpha: at most 1,000 strands live at once"
    for text in (said.err, said.out):
        assert note in text
        assert "--size alpha=100000 would make it matter" in text


def test_sides_that_are_the_same_are_called_so_before_they_are_measured(world: World, slower: str) -> None:
    seqc, remark = str(world.tools / "seqc"), "both sides are the same by definition"
    said = world.task("compare", "--base", seqc, "--head", f"{seqc},GOGC=50", "--runs", "8")
    assert remark in said.err
    assert said.code == 0, said.err

    assert remark not in world.task("compare", "--base", seqc, "--head", slower, "--runs", "8").err
    words = ("compare", "--base", "run:echo elapsed_ns: 100000", "--head", "run:echo elapsed_ns: 200000", "--runs", "8")
    assert remark not in world.task(*words).err
