"""`invoke bisect` on fake compilers, releases and commits."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from seqbench.experiments.bisect.document import load_bisect
from tests.support.outcomes import assert_fails
from tests.support.versions import clone, compilers, git, releases, timed, write_index
from tests.support.world import Said, World, hangs, says, script

SIZED = """
[parameters.messages]
full = 1_000
quick = 10
scales = true
unit = "messages"
"""


@pytest.fixture
def timed_world(world: World) -> World:
    """A world with one benchmark whose time the compiler decides."""
    world.add("alpha", seq=timed(), go=says())
    return world


def bisected(world: World, *words: str) -> Said:
    return world.task("bisect", "--seed", "1", *words)


@pytest.mark.parametrize(("low", "high", "changed"), [(1_000, 1_050, "slower"), (1_050, 1_000, "faster")])
def test_the_first_version_that_changed_is_named_with_both_ends_and_a_command(
    timed_world: World, low: int, high: int, changed: str
) -> None:
    said = bisected(timed_world, "--versions", compilers(timed_world, low, low, low, high, high, high))

    assert said.code == 0, said.out + said.err
    assert f"v4/seqc is the first version that is {changed}" in said.out
    assert "v3/seqc, the one before it, is not" in said.out
    command = re.search(r"to repeat it: invoke (compare --base (\S+) --head (\S+) --only alpha)", said.out)
    assert command
    assert (command[2][-7:], command[3][-7:]) == ("v3/seqc", "v4/seqc")
    assert "comparison 2 of at most" in said.err
    assert "versions left, after" in said.err


def test_what_does_not_compile_is_stepped_around_and_named_in_the_range(timed_world: World) -> None:
    versions = compilers(timed_world, 1_000, 1_000, None, None, 1_050, 1_050)
    said = bisected(timed_world, "--versions", versions)

    assert said.code == 0, said.out + said.err
    assert "slower after" in said.out
    assert "v2/seqc, at" in said.out
    assert "v5/seqc or before" in said.out
    for number in (3, 4):
        assert re.search(rf"not decided: \S+v{number}/seqc: does not compile", said.out)


def test_equal_versions_have_nothing_to_find(timed_world: World) -> None:
    said = bisected(timed_world, "--versions", compilers(timed_world, 1_000, 1_000, 1_000))
    assert said.code == 0
    assert "nothing to find" in said.out
    assert "comparison 2" not in said.err


def test_two_benchmarks_with_steps_at_different_places_are_both_named(timed_world: World) -> None:
    """The second one is slow where the compiler knows another factor."""
    slow = 'f=FACTOR; if [ "$f" -ge 1080 ]; then t=1100; else t=1000; fi'
    source = script(slow, 'echo "result: 42"', 'echo "elapsed_ns: $((400 * t + $$ % 97))"')
    timed_world.add("beta", seq=source, go=says())
    said = bisected(timed_world, "--versions", compilers(timed_world, 1_000, 1_060, 1_062, 1_081))

    assert said.code == 0, said.out + said.err
    assert re.search(r"Alpha: \S+v2/seqc is the first version", said.out)
    assert re.search(r"Beta: \S+v4/seqc is the first version", said.out)
    assert "changed at different places: alpha, beta" in said.out


def test_a_step_that_another_one_undoes_is_said(timed_world: World) -> None:
    said = bisected(timed_world, "--versions", compilers(timed_world, 1_000, 1_200, 1_050))
    assert "v2/seqc is slower than both good and bad: another version undoes that" in said.out


def test_a_change_in_two_steps_is_said(timed_world: World) -> None:
    said = bisected(timed_world, "--versions", compilers(timed_world, 1_000, 1_080, 1_200))
    assert "v2/seqc is between good and bad: the change came in more than one step" in said.out


def test_releases_between_both_ends_come_from_the_index_of_cargo(timed_world: World) -> None:
    factors: dict[str, int | None] = {"7.7.1": 1_000, "7.7.2": None, "7.7.3": 1_050, "7.7.4": 1_050, "7.7.5": 1_050}
    releases(timed_world, factors, withdrawn=["7.7.4"])
    said = bisected(timed_world, "--good", "7.7.1", "--bad", "7.7.5")

    assert said.code == 0, said.out + said.err
    assert "slower after 7.7.1, at 7.7.3 or before" in said.out
    assert "not decided: 7.7.2: does not build" in said.out
    assert "7.7.4" not in said.out + said.err
    # A compiler that is built is not built again.
    before = timed_world.calls("cargo install")
    again = bisected(timed_world, "--good", "7.7.1", "--bad", "7.7.5", "--only", "alpha")
    assert again.code == 0
    built = [line for line in timed_world.calls("cargo install") if line not in before]
    assert all("7.7.2" in line or ".7.7.2" in line for line in built)


def test_commits_are_built_outside_of_the_clone_and_only_once(timed_world: World) -> None:
    folder, hashes = clone(timed_world, 1_000, 1_000, 1_050, 1_050)
    (folder / "Cargo.toml").write_text("[workspace]\n# being edited\n")
    before = git(folder, "status", "--porcelain"), git(folder, "rev-parse", "HEAD"), sorted(folder.rglob("*"))
    words = ("--repo", str(folder), "--good", hashes[0], "--bad", "main")
    said = bisected(timed_world, *words)

    assert said.code == 0, said.out + said.err
    assert f"{hashes[2][:12]} (Change number 3) is the first version that is slower" in said.out
    assert "has changes that are in no commit" in said.err
    after = git(folder, "status", "--porcelain"), git(folder, "rev-parse", "HEAD"), sorted(folder.rglob("*"))
    assert after == before
    built = timed_world.calls("cargo build")
    assert bisected(timed_world, *words).code == 0
    assert timed_world.calls("cargo build") == built


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--good", "7.7.5", "--bad", "7.7.1"), "--good 7.7.5 comes after --bad 7.7.1"),
        (("--good", "7.7.5", "--bad", "7.7.5"), "--good and --bad are both 7.7.5"),
        (("--good", "7.7.1"), "--bad is missing"),
        (("--good", "7.7.1", "--bad", "7.7.9"), "no release 7.7.9 of seqc: there are 7.7.1, 7.7.5"),
        (("--good", "7.7.1", "--bad", "x/seqc"), "--bad x/seqc is no release"),
        (("--good", "7.7.1,SEQ_POOL_CAPACITY=10", "--bad", "7.7.5"), "have different settings"),
        (("--runtime", "go", "--good", "GO=/a", "--bad", "GO=/b"), "the versions of go between both ends"),
        (("--versions", "7.7.1"), "is one version"),
        (("--versions", "7.7.1,7.7.1"), "is in the list twice"),
        (("--versions", "7.7.1,7.7.5", "--good", "7.7.2"), "--good 7.7.2 is not in the list"),
        (("--versions", "7.7.5,7.7.1", "--good", "7.7.1", "--bad", "7.7.5"), "wrong way round"),
        (("--versions", "7.7.1..7.7.1"), "is one version"),
        (("--versions", "7.7.1..7.7.5", "--only", "alhpa"), "did you mean 'alpha'"),
        (("--versions", "7.7.1,SEQ_POOL_CAPACTY=1,7.7.5"), "SEQ_POOL_CAPACTY"),
    ],
)
def test_versions_that_make_no_range_are_refused(timed_world: World, words: tuple[str, ...], problem: str) -> None:
    write_index(timed_world.home, ["7.7.1", "7.7.5"])
    assert_fails(bisected(timed_world, *words), 2, problem)


def test_without_an_index_a_list_must_be_given(timed_world: World) -> None:
    timed_world.environment["FAKE_CARGO"] = "unreachable"
    assert_fails(bisected(timed_world, "--good", "7.7.1", "--bad", "7.7.5"), 2, "cannot be read", "name the versions")


@pytest.mark.parametrize(
    ("good", "bad", "problem"),
    [
        ("main", "HEAD~2", "comes after --bad"),
        ("HEAD", "HEAD", "are both HEAD"),
        ("0123456789", "main", "no commit '0123456789'"),
        ("other", "main", "does not descend from other"),
    ],
)
def test_commits_that_make_no_range_are_refused(timed_world: World, good: str, bad: str, problem: str) -> None:
    folder, _ = clone(timed_world, 1_000, 1_000, 1_000)
    git(folder, "checkout", "--quiet", "--orphan", "other")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "Elsewhere")
    git(folder, "checkout", "--quiet", "main")
    assert_fails(bisected(timed_world, "--repo", str(folder), "--good", good, "--bad", bad), 2, problem)


def test_a_folder_without_commits_is_refused(timed_world: World, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    words = ("--good", "a", "--bad", "b")
    assert_fails(bisected(timed_world, "--repo", str(empty), *words), 2, "no repository of git")
    assert_fails(bisected(timed_world, "--repo", str(tmp_path / "none"), *words), 2, "does not exist")


def test_a_shallow_clone_without_the_commit_is_named(timed_world: World, tmp_path: Path) -> None:
    folder, hashes = clone(timed_world, 1_000, 1_000, 1_000)
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{folder}", "shallow")
    words = ("--repo", str(tmp_path / "shallow"), "--good", hashes[0], "--bad", "main")
    assert_fails(bisected(timed_world, *words), 2, "which is a shallow clone", "fetch --unshallow")


@pytest.mark.parametrize("task", ["bisect", "timeline"])
@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a clone to somebody else")
def test_a_clone_of_another_owner_is_what_git_says_with_its_command(timed_world: World, task: str) -> None:
    folder, hashes = clone(timed_world, 1_000, 1_000)
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, 1001)
    ends = {"bisect": ("--good", hashes[0], "--bad", "main"), "timeline": ("--versions", f"{hashes[0]}..main")}[task]
    said = timed_world.task(task, "--repo", str(folder), *ends)
    assert_fails(said, 2, "dubious ownership", f"fix: git config --global --add safe.directory {folder}")
    assert not timed_world.calls("cargo build")


@pytest.mark.parametrize("factors", [(None, 1_000, 1_050), (1_000, 1_050, None), (None, None, None)])
def test_an_end_that_does_not_compile_is_an_error(timed_world: World, factors: tuple[int | None, ...]) -> None:
    said = bisected(timed_world, "--versions", compilers(timed_world, *factors))
    assert_fails(
        said,
        3,
        "no benchmark can be built with both ends",
        "this compiler is broken",
        "or write alpha@VERSION.seq for it",
    )


def test_no_version_between_that_builds_leaves_the_whole_range(timed_world: World) -> None:
    said = bisected(timed_world, "--versions", compilers(timed_world, 1_000, None, None, 1_050))
    assert said.code == 0, said.err
    assert "slower after" in said.out
    assert "v4/seqc or before" in said.out
    assert said.out.count("not decided: ") == 2
    assert "comparison 2" in said.err


def test_an_end_that_does_not_exist_is_an_error(timed_world: World) -> None:
    versions = compilers(timed_world, 1_000, 1_000)
    assert_fails(
        bisected(timed_world, "--versions", f"{versions},/nowhere/seqc"), 3, "bad /nowhere/seqc cannot be built"
    )


def test_an_end_with_a_wrong_result_is_not_comparable(timed_world: World) -> None:
    wrong = 'if [ FACTOR -gt 1000 ]; then echo "result: 7"; else echo "result: 42"; fi'
    timed_world.add("alpha", seq=script(wrong, 'echo "elapsed_ns: 400000"'), toml='[expect]\nresult = "42"\n')
    said = bisected(timed_world, "--versions", compilers(timed_world, 1_000, 1_000, 1_050))
    assert said.code == 4
    assert "not comparable: wrong result" in said.out


@pytest.mark.parametrize(
    ("task", "words"), [("bisect", ("--good", "7.7.1", "--bad", "7.7.5")), ("timeline", ("--versions", "7.7.1..7.7.5"))]
)
def test_a_full_disk_ends_it_and_is_no_gap(timed_world: World, task: str, words: tuple[str, ...]) -> None:
    releases(timed_world, {"7.7.1": 1_000, "7.7.3": 1_000, "7.7.5": 1_050})
    full = 'echo "error: failed to write: No space left on device (os error 28)" >&2; exit 101\n'
    cargo = (timed_world.tools / "cargo").read_text()
    timed_world.tool("cargo", cargo.replace("vendor)\n", f'vendor)\n[ "$version" = 7.7.3 ] && {{ {full}}}\n'))
    said = timed_world.task(task, *words)
    assert_fails(said, 3, "No space left on device", "clean --toolchain --older-than 30d")


def test_an_interrupted_bisection_goes_on_where_it_was(timed_world: World) -> None:
    once = f'if [ FACTOR -eq 1001 ] && [ ! -e "$HOME/go-on" ]; then\n{hangs()}\nfi'
    timed_world.add("alpha", seq=timed(42, once))
    versions = compilers(timed_world, 1_000, 1_000, 1_001, 1_050, 1_050)
    with timed_world.stopped():
        said = bisected(timed_world, "--versions", versions)
    assert said.code == 130
    kept = re.search(r"invoke (bisect --resume \S+) continues it", said.err)
    assert kept
    (timed_world.home / "go-on").touch()
    resumed = timed_world.task(*kept[1].split())
    assert resumed.code == 0, resumed.out + resumed.err
    assert "v4/seqc is the first version that is slower" in resumed.out
    assert "comparison 1" not in resumed.err


def test_resume_takes_no_other_settings(timed_world: World) -> None:
    assert_fails(bisected(timed_world, "--resume", "x.json"), 2, "cannot be combined")


def test_a_budget_that_is_used_up_says_what_is_known_and_how_to_go_on(timed_world: World) -> None:
    versions = compilers(timed_world, 1_000, 1_000, 1_050, 1_050)
    said = bisected(timed_world, "--versions", versions, "--budget", "1ms")
    assert said.code == 5
    assert "the budget is used up" in said.err
    assert "bisect --resume" in said.err


def test_budget_limits_a_bisection_that_had_runs_and_knows_the_cost_of_its_stored_rounds(timed_world: World) -> None:
    versions = compilers(timed_world, 1_000, 1_000, 1_050, 1_050)
    words = ("--versions", versions, "--runs", "32", "--budget", "1ms", "--json", "x.json")
    assert bisected(timed_world, *words).code == 5
    before = load_bisect(timed_world.project / "x.json").comparisons
    resumed = timed_world.task("bisect", "--resume", "x.json", "--budget", "1ms", "--json", "y.json")
    assert resumed.code == 5, resumed.out + resumed.err
    assert "the budget is used up" in resumed.err
    assert load_bisect(timed_world.project / "y.json").comparisons == before


def test_the_versions_of_another_runtime_are_searched(world: World) -> None:
    world.add("alpha", seq=says(), go=timed())
    go = (world.tools / "go").read_text()
    link = 'exec install -m 755 "$4" "$3"'
    assert link in go
    paths = []
    for number, factor in enumerate((1_000, 1_000, 1_050), start=1):
        with_factor = f'sed "s/FACTOR/{factor}/" "$4" >"$TMPDIR/source" && exec install -m 755 "$TMPDIR/source" "$3"'
        paths.append(world.tool(f"go{number}", go.replace(link, with_factor)))
    said = bisected(world, "--runtime", "go", "--versions", ",".join(f"GO={path}" for path in paths))
    assert said.code == 0, said.out + said.err
    assert "go3 is the first version that is slower" in said.out
    assert "--runtime go" in said.out


@pytest.mark.parametrize("task", ["bisect", "timeline"])
def test_tools_and_settings_are_named_under_the_tables(timed_world: World, task: str) -> None:
    timed_world.environment["SEQ_POOL_CAPACITY"] = "100"
    said = timed_world.task(task, "--versions", compilers(timed_world, 1_000, 1_050), "--runs", "16")
    assert said.code == 0, said.err
    assert said.out.count("\nsettings: SEQ_POOL_CAPACITY=100") == 1
    assert "\nseqc 7.7.5" in said.out
    assert "\nmachine: " in said.out


@pytest.mark.parametrize("task", ["bisect", "timeline"])
def test_size_is_named_under_the_tables(timed_world: World, task: str) -> None:
    timed_world.add("alpha", seq=timed(), go=says(), toml=SIZED)
    said = timed_world.task(task, "--versions", compilers(timed_world, 1_000, 1_000), "--size", "quick")
    assert "\nalpha: 10 messages (full is 1,000)\n" in said.out


def test_json_holds_versions_gaps_and_rounds(timed_world: World) -> None:
    said = bisected(timed_world, "--versions", compilers(timed_world, 1_000, None, 1_050), "--json", "-")
    found = json.loads(said.out)
    assert (found["schema"], found["state"]) == ("seqbench/bisect", "complete")
    assert [gap["version"] for gap in found["gaps"]] == [1]
    assert len(found["comparisons"][0]["sessions"]) == 2


def test_the_report_has_a_section_of_the_bisection(timed_world: World) -> None:
    bisected(timed_world, "--versions", compilers(timed_world, 1_000, 1_000, 1_050, 1_050))
    assert timed_world.task("bench", "--runs", "1").code == 0
    said = timed_world.task("report", "--out", "page.html")
    assert said.code == 0, said.err
    page = (timed_world.project / "page.html").read_text()
    assert "Bisections" in page
    assert "time relative to" in page
