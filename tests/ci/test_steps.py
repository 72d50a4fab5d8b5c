import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from seqbench.bench.tools import find_tools
from seqbench.ci import steps as ci
from seqbench.ci.steps import lint_suite
from seqbench.errors import CheckError, InconclusiveError, SeqbenchError
from seqbench.events import Listener, Phase
from tests.support.world import World, says

# On PATH these come before the real ones.
PLAYED = ("ruff", "lint-imports", "mypy", "zizmor", "shellcheck", "pytest", "codespell", "proselint")
RIGHT = "every program right at a small size"
PLAYER = """\
import pathlib, sys
with pathlib.Path("ran").open("a") as file:
    print({name!r}, *sys.argv[1:], file=file)
if pathlib.Path("{name}-fails").exists():
    for number in range(200):
        print("{name} line", number)
    print("{name} is not content", file=sys.stderr)
    sys.exit(1)
"""


@pytest.fixture
def project(world: World) -> World:
    for name in PLAYED:
        world.tool(name, f"#!{sys.executable}\n{PLAYER.format(name=name)}")
    world.add_right("alpha", "beta")
    actions = world.project / ".github" / "actions"
    for name in ("one", "two"):
        (actions / name).mkdir(parents=True)
        (actions / name / "run.sh").touch()
        (actions / name / "action.yml").touch()
    return world


def fresh() -> str:
    return "fresh"


def stale() -> str:
    raise CheckError("the record is stale", "invoke bench")


def problems(world: World, *titles: str, freshness: Callable[[], str] = fresh) -> dict[str, str]:
    """Do these steps, or all of them; return the problem of each by its title."""
    steps = ci.steps(world.request(size="quick"), freshness, None)
    assert set(titles) <= {step.title for step in steps}
    found = {step.title: ci.outcome(step, world.events.append) for step in steps if not titles or step.title in titles}
    assert all(each.mark == ("✗" if each.problem else "✓") for each in found.values())
    return {title: each.problem for title, each in found.items()}


def test_where_all_is_well_no_step_has_a_problem_and_each_was_done(project: World) -> None:
    found = problems(project)

    assert {title: problem for title, problem in found.items() if problem} == {}
    assert [event.text for event in project.events if isinstance(event, Phase)] == list(found)
    ran = (project.project / "ran").read_text().splitlines()
    # The project has no contracts for its imports, so that lint-imports has nothing to check.
    assert [line.split()[0] for line in ran] == [
        "ruff",
        "ruff",
        "codespell",
        "proselint",
        "mypy",
        "zizmor",
        "shellcheck",
        "pytest",
    ]
    assert ran[6] == "shellcheck --external-sources .github/actions/one/run.sh .github/actions/two/run.sh"
    assert ran[5].endswith(" .github/actions/one/action.yml .github/actions/two/action.yml")
    assert ran[:2] == ["ruff format --check .", "ruff check ."]
    assert len(project.calls("seqc build")) == len(project.calls("seqc lint")) == len(project.calls("go vet")) == 2


def test_broken_contract_of_imports_is_shown(project: World) -> None:
    with (project.project / "pyproject.toml").open("a") as file:
        file.write("[tool.importlinter]\nroot_packages = ['seqbench']\n")
    (project.project / "lint-imports-fails").touch()

    assert "lint-imports is not content" in problems(project, "ladder of packages")["ladder of packages"]


def test_actionlint_is_pinned_and_installed_once(project: World) -> None:
    for _ in range(2):
        assert problems(project, "workflows: actionlint") == {"workflows: actionlint": ""}

    (call,) = project.calls("go install")
    assert re.fullmatch(r"go install github\.com/rhysd/actionlint/cmd/actionlint@v\d+\.\d+\.\d+", call)


def test_project_without_workflows_needs_no_linters_of_them(project: World) -> None:
    shutil.rmtree(project.project / ".github")
    (project.tools / "shellcheck").unlink()
    (project.tools / "zizmor").unlink()

    for title in ("workflows: shellcheck", "workflows: zizmor"):
        assert problems(project, title) == {title: ""}


def test_a_tool_that_is_not_content_is_shown_with_its_last_words_and_the_next_step_is_done(project: World) -> None:
    (project.project / "mypy-fails").touch()
    found = problems(project, "types", "tests")

    assert found["types"].endswith("mypy is not content")
    assert len(found["types"].splitlines()) <= 60
    assert found["tests"] == ""


def test_a_tool_that_is_not_installed_is_the_problem_of_its_step_with_the_mend(
    project: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (project.tools / "zizmor").unlink()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))

    assert "zizmor is not installed" in problems(project, "workflows: zizmor")["workflows: zizmor"]
    assert "nox -s ci" in problems(project, "workflows: zizmor")["workflows: zizmor"]


def test_a_source_that_does_not_compile_or_lint_is_shown(project: World) -> None:
    project.add("alpha", seq=says() + "# COMPILE ERROR\n", go=says() + "# LINT\n")
    found = problems(project, "programs built", "linters of the languages", RIGHT)

    assert "alpha.seq:3: Error: Undefined word" in found["programs built"]
    assert "alpha.go:2:1: unreachable code" in found["linters of the languages"]
    assert "does not compile" in found[RIGHT]


def test_every_program_runs_once_and_one_that_is_wrong_is_shown(project: World) -> None:
    for name, result in (("alpha", 41), ("beta", 42)):
        project.add(name, seq=says(result) + f'echo {name} >>"$HOME/runs"\n', go=says(42))
    problem = problems(project, RIGHT)[RIGHT]

    assert "programs disagree on result" in problem
    assert "beta" not in problem
    assert (project.home / "runs").read_text().split() == ["alpha", "beta"]


def test_a_tool_that_is_missing_is_the_problem_of_every_step_that_needs_it(project: World) -> None:
    project.environment["SEQC"] = "/nonexistent/seqc"
    found = problems(project, "seqc built", "programs built", "linters of the languages", RIGHT, "benchmarks fresh")

    assert found.pop("benchmarks fresh") == ""
    for problem in found.values():
        assert problem.startswith("no compiler at /nonexistent/seqc")
        assert "fix: " in problem


def test_a_record_that_does_not_hold_is_shown_with_its_mend(project: World) -> None:
    found = problems(project, "benchmarks fresh", freshness=stale)

    assert found == {"benchmarks fresh": "the record is stale\n  fix: invoke bench"}


@pytest.mark.parametrize(
    ("error", "mark", "code"),
    [(None, "✓", 0), (CheckError("alpha is slower"), "✗", 1), (InconclusiveError("alpha is inconclusive"), "?", 5)],
)
def test_the_gate_is_the_last_step_where_there_is_a_baseline(
    project: World, error: SeqbenchError | None, mark: str, code: int
) -> None:
    def regression(_listen: Listener) -> None:
        if error is not None:
            raise error

    step = ci.steps(project.request(size="quick"), fresh, regression)[-1]
    found = ci.outcome(step, project.events.append)

    assert step.title == "no slowdown since the baseline"
    assert (found.mark, found.code) == (mark, code)
    assert found.problem == (error.message if error else "")


def test_a_file_that_cannot_be_written_is_a_problem_and_no_crash(project: World) -> None:
    shutil.rmtree(project.cache)
    project.cache.write_text("a file where the cache should be")

    assert str(project.cache) in problems(project, "programs built")["programs built"]
    assert project.cache.read_text() == "a file where the cache should be"


def test_lint_goes_over_every_program_and_gives_what_it_found(world: World) -> None:
    world.add_right("alpha")
    world.add("beta", seq=says() + "# LINT\n", go=says())
    request = world.request()
    tools = find_tools(request.load_suite().used_runtimes, request, world.events.append)
    findings = lint_suite(request, tools)

    assert [program.source.name for program, _ in findings] == ["beta.seq"]
    assert "unchecked-send" in findings[0][1]
    assert len(world.calls("seqc lint")) == len(world.calls("go vet")) == 2


def test_programs_of_further_runtimes_need_their_tools_only_where_they_are(project: World) -> None:
    folder = project.add("alpha", seq=says(), go=says())
    (folder / "alpha.lua").write_text(says())
    (project.suite / "suite.toml").write_text(
        '[runtimes.lua]\ntitle = "Lua"\nextension = ".lua"\n[runtimes.lua.tools.lua]\nfind = ["path:no-such-lua"]\n'
        '[runtimes.lua.run]\ncommand = ["{lua}", "{source}"]\n'
    )
    found = problems(project, "programs built", "linters of the languages")

    assert found == {"programs built": "", "linters of the languages": ""}
