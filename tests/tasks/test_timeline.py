"""`invoke timeline` on fake compilers."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from seqbench.experiments.timeline.analysis import wanted
from seqbench.experiments.timeline.document import load_timeline, timeline_to_json
from seqbench.sessions.session import State
from tests.support.outcomes import assert_fails
from tests.support.versions import clone, compilers, releases, timed
from tests.support.world import COUNTED, Said, World, hangs, says, script


@pytest.fixture
def timed_world(world: World) -> World:
    """A world with one benchmark whose time the compiler decides."""
    world.add("alpha", seq=timed(), go=says())
    return world


def measured(world: World, *words: str) -> Said:
    return world.task("timeline", "--seed", "1", "--wide", *words)


def test_a_step_is_marked_with_its_size_and_the_rest_is_not(timed_world: World) -> None:
    said = measured(timed_world, "--versions", compilers(timed_world, 1_000, 1_000, 1_100, 1_100))

    assert said.code == 0, said.out + said.err
    (step,) = re.findall(r"step: (\S+) % \[(\S+), (\S+)\] from \S+v2/seqc to \S+v3/seqc", said.out)
    assert 9 < float(step[1].rstrip(",")) <= float(step[2]) < 11
    assert "1 (reference)" in said.out
    assert "alpha: time relative to the reference" in said.out


@pytest.mark.whole
def test_a_step_that_another_one_undoes_is_two_steps_and_no_change_on_the_whole(timed_world: World) -> None:
    said = measured(timed_world, "--versions", compilers(timed_world, 1_000, 1_100, 1_000))
    assert said.code == 0, said.out + said.err
    sizes = [float(size) for size in re.findall(r"step: (\S+) %", said.out)]
    assert [round(size) for size in sizes] == [10, -9]
    whole = re.search(r"from \S+v1/seqc to \S+v3/seqc: (\S+) %", said.out)
    assert whole
    assert abs(float(whole[1])) < 0.1


def test_versions_without_a_time_are_gaps_with_a_reason(timed_world: World) -> None:
    wrong = 'if [ FACTOR -eq 1001 ]; then echo "result: 7"; else echo "result: 42"; fi'
    clock = 'if [ FACTOR -eq 1002 ]; then echo "elapsed_ns: 0"; else echo "elapsed_ns: $((400000 + $$ % 97))"; fi'
    timed_world.add("alpha", seq=script(wrong, clock), toml='[expect]\nresult = "42"\n')
    versions = compilers(timed_world, 1_000, None, 1_001, 1_002, 1_000)
    said = measured(timed_world, "--versions", f"{versions},/nowhere/seqc")

    assert said.code == 0, said.out + said.err
    for number, reason in ((2, "does not compile"), (3, "wrong result"), (4, "clock of zero or less")):
        assert re.search(rf"v{number}/seqc +- +{reason}", said.out)
    assert re.search(r"/nowhere/seqc +- +does not build", said.out)
    assert "this compiler is broken" in said.out
    assert re.search(r"v5/seqc +\S+ \S+ +[01]\.\d+ \[", said.out)


def test_another_runtime_can_be_the_reference(timed_world: World) -> None:
    words = ("--versions", compilers(timed_world, 1_000, 1_000), "--reference", "go")
    said = measured(timed_world, *words)
    assert said.code == 0, said.out + said.err
    assert "Ratio to Go" in said.out
    assert "1 (reference)" not in said.out


def test_a_reference_that_does_not_build_is_an_error(timed_world: World) -> None:
    versions = compilers(timed_world, 1_000, 1_000)
    assert_fails(measured(timed_world, "--versions", versions, "--reference", "/x/seqc"), 3, "reference /x/seqc cannot")


def test_no_version_that_compiles_is_an_error(timed_world: World) -> None:
    assert_fails(
        measured(timed_world, "--versions", compilers(timed_world, None, None)),
        3,
        "no version can be measured",
        "NAME@VERSION",
    )


def test_releases_of_a_range_and_commits_of_a_clone(timed_world: World) -> None:
    releases(timed_world, {"7.7.3": 1_000, "7.7.4": None, "7.7.5": 1_100})
    said = measured(timed_world, "--versions", "7.7.3..7.7.5")
    assert said.code == 0, said.out + said.err
    assert "from 7.7.3 to 7.7.5, with 7.7.4 not measured between them" in said.out
    folder, hashes = clone(timed_world, 1_000, 1_100)
    said = measured(timed_world, "--repo", str(folder), "--versions", f"{hashes[0]}..main")
    assert f"{hashes[1][:12]} (Change number 2)" in said.out
    named = measured(timed_world, "--repo", str(folder), "--versions", f"main,{hashes[0]}", "--runs", "8")
    rows = [line.split()[0] for line in named.out.splitlines() if "(Change number" in line.partition("  ")[0]]
    assert rows[:2] == [hashes[1][:12], hashes[0][:12]]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ((), "--versions is missing"),
        (("--versions", "7.7.5..7.7.3"), "wrong way round"),
        (("--versions", "7.7.5"), "is one version"),
        (("--versions", ",".join(f"7.{n}.0" for n in range(1_001))), "has 1,001 versions: expected at most 1,000"),
        (("--versions", "7.7.3..7.7.5", "--step", "x"), "--step"),
        (("--versions", "7.7.3..7.7.5", "--runtime", "go"), "is for compilers of Seq"),
        (("--versions", "7.7.3..7.7.5", "--reference", "fortran"), "reference fortran cannot"),
    ],
)
def test_flags_that_cannot_be_used_are_refused(timed_world: World, words: tuple[str, ...], problem: str) -> None:
    releases(timed_world, {"7.7.3": 1_000, "7.7.5": 1_000})
    said = measured(timed_world, *words)
    assert said.code in (2, 3), said.out
    assert problem in said.err


def test_an_interrupted_timeline_goes_on(timed_world: World) -> None:
    """It is interrupted while both sides of a step run in fresh rounds."""
    once = f'if [ FACTOR -eq 1101 ] && [ $n -eq 50 ] && [ ! -e "$HOME/go-on" ]; then\n{hangs()}\nfi'
    timed_world.add("alpha", seq=timed(42, COUNTED, once))
    versions = compilers(timed_world, 1_000, 1_101)
    with timed_world.stopped():
        said = measured(timed_world, "--versions", versions, "--runs", "40")
    assert said.code == 130
    kept = re.search(r"invoke (timeline --resume \S+) continues it", said.err)
    assert kept
    (timed_world.home / "go-on").touch()
    resumed = timed_world.task(*kept[1].split())
    assert resumed.code == 0, resumed.out + resumed.err
    assert re.search(r"step: \+10", resumed.out)


def test_a_budget_is_planned_over_the_versions(timed_world: World) -> None:
    said = measured(timed_world, "--versions", compilers(timed_world, 1_000, 1_100, 1_100), "--budget", "1ms")
    assert said.code == 5
    assert "the budget is enough for" in said.err
    assert "there may be a step: more rounds or budget would decide it" in said.out


def test_benchmarks_with_candidates_share_what_is_left_of_the_budget(timed_world: World) -> None:
    timed_world.add("beta", seq=timed(42))
    words = ("--versions", compilers(timed_world, 1_000, 1_100), "--runs", "30", "--json", "x.json")
    assert measured(timed_world, *words).code == 0
    found = load_timeline(timed_world.project / "x.json")
    assert [part.benchmark for part in found.parts] == ["", "alpha", "beta"]

    shares = []
    for count in (1, 2):
        left = wanted(replace(found, parts=found.parts[:count], planned=()))
        assert left is not None
        shares.append((left.benchmark, left.share))

    assert shares == [("alpha", 0.5), ("beta", 1.0)]


def test_a_resumed_timeline_keeps_to_its_budget(timed_world: World) -> None:
    """The cost of a run is known from the stored rounds."""
    words = ("--versions", compilers(timed_world, 1_000, 1_100, 1_100), "--budget", "1ms", "--json", "x.json")
    assert measured(timed_world, *words).code == 5
    resumed = timed_world.task("timeline", "--resume", "x.json", "--budget", "1ms")
    assert resumed.code == 5, resumed.out + resumed.err
    assert "the budget is enough for 0 of" in resumed.err


def test_budget_limits_a_timeline_that_had_runs_when_it_is_resumed(timed_world: World) -> None:
    """Both sides of a possible step are missing, and the budget holds no round of them."""
    words = ("--versions", compilers(timed_world, 1_000, 1_100), "--runs", "20", "--json", "x.json")
    assert measured(timed_world, *words).code == 0
    whole = load_timeline(timed_world.project / "x.json")
    assert len(whole.parts) == 2
    part = replace(whole, parts=whole.parts[:1], planned=whole.planned[:1], state=State.INTERRUPTED)
    (timed_world.project / "part.json").write_text(timeline_to_json(part))
    resumed = timed_world.task("timeline", "--resume", "part.json", "--budget", "1ms")
    assert resumed.code == 5, resumed.out + resumed.err
    assert "the budget is enough for 0 of" in resumed.err


def test_budget_beside_runs_limits_the_rounds_around_a_possible_step(timed_world: World) -> None:
    words = ("--versions", compilers(timed_world, 1_000, 1_100), "--runs", "20", "--budget", "1ms")
    said = measured(timed_world, *words)
    assert said.code == 5, said.out + said.err
    assert "the budget is enough for 16 of 20 planned rounds of all versions" in said.err
    assert "planned rounds of a possible step of alpha" in said.err
    # The first rounds are measured in any case, so that there is something to see.
    assert "the first rounds of all versions take about" in said.err


def test_budget_of_bench_in_the_project_does_not_limit_a_timeline(timed_world: World) -> None:
    (timed_world.project / "pyproject.toml").write_text("[tool.seqbench]\nseqc = '7.7.5'\nbudget = '1ms'\n")
    said = measured(timed_world, "--versions", compilers(timed_world, 1_000, 1_100))
    assert said.code == 0, said.out + said.err
    assert "the budget" not in said.err


def test_json_page_and_report_have_it(timed_world: World) -> None:
    page = timed_world.project / "TIMELINE.md"
    words = ("--versions", compilers(timed_world, 1_000, None, 1_100), "--markdown", str(page), "--json", "x.json")
    assert measured(timed_world, *words).code == 0
    found = json.loads((timed_world.project / "x.json").read_text())
    assert (found["schema"], found["state"]) == ("seqbench/timeline", "complete")
    text = page.read_text()
    assert "### Alpha" in text
    page.write_text(text.replace("# Timeline", "# Ours"))
    assert measured(timed_world, *words).code == 0
    assert page.read_text().startswith("# Ours")
    page.write_text("nothing\n")
    assert_fails(measured(timed_world, *words), 2, "has no lines")
    assert timed_world.task("bench", "--runs", "1").code == 0
    assert timed_world.task("report", "--out", "page.html").code == 0
    html = (timed_world.project / "page.html").read_text()
    assert "Timelines" in html
    assert Path(page).exists()


def test_a_wrong_own_clock_is_named_and_the_wall_clock_is_offered_and_used(timed_world: World) -> None:
    """The second one prints 0, and takes as long as its parameter says."""
    clock = 'if [ FACTOR -eq 1001 ]; then echo "elapsed_ns: 0"; else echo "elapsed_ns: 400000"; fi'
    work = 'i=0; while [ $i -lt "$1" ]; do i=$((i + 1)); done'
    manifest = '[parameters.loops]\nfull = 20000\nquick = 20000\nscales = true\n[expect]\nresult = "loops"\n'
    timed_world.add("alpha", seq=script(work, 'echo "result: $1"', clock), toml=manifest)
    words = ("--versions", compilers(timed_world, 1_000, 1_001), "--runs", "8")
    own = measured(timed_world, *words)
    assert "clock of zero or less" in own.out
    assert "--clock wall measures whole processes" in own.out
    wall = measured(timed_world, *words, "--clock", "wall")
    assert wall.code == 0, wall.out + wall.err
    assert "clock of zero" not in wall.out
    assert "less the median wall clock of a run with the least work" in wall.out
    assert re.search(r"v2/seqc +\S+ \S+ +\d\.\d+ \[", wall.out)


def test_a_compiler_of_before_gets_the_source_of_its_dialect(timed_world: World) -> None:
    folder = timed_world.suite / "alpha"
    (folder / "alpha@0.13.seq").write_text(says(elapsed_ns=500_000))
    (folder / "alpha.seq").write_text(script("# COMPILE ERROR for old compilers") + timed())
    paths = compilers(timed_world, 1_000, 1_000).split(",")
    old, new = (Path(path) for path in paths)
    old.write_text(old.read_text().replace("seqc 7.7.5", "seqc 0.13.2"))
    new.write_text(new.read_text().replace("*'COMPILE ERROR'*", "*'NO ERROR'*"))
    said = measured(timed_world, "--versions", f"{old},{new}", "--runs", "8")
    assert said.code == 0, said.out + said.err
    assert re.search(r"v1/seqc +500 us", said.out) or re.search(r"v1/seqc +500 µs", said.out)
