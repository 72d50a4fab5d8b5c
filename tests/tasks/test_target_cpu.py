import inspect

from seqbench.project import Project
from seqbench.publish.history import database
from seqbench.publish.history.series import Selection
from seqbench.sessions import latest_run, store
from seqbench.tasks import namespace_of
from tests.support.outcomes import assert_fails
from tests.support.world import NATIVE, REPOSITORY, World

# Those that build nothing.
_WITHOUT = {
    "history",
    "check-fresh",
    "forge-prepare",
    "forge-report",
    "new",
    "completion",
    "export",
    "report",
    "readme",
    "clean",
}


def test_native_run_is_built_again_and_says_so_everywhere(world: World) -> None:
    world.add_right("alpha")
    assert world.task("bench", "--runs", "1", "--json", "baseline.json").code == 0
    built = len(world.calls("go build"))
    said = world.task("bench", "--runs", "1", "--target-cpu", "native", "--json", "native.json", "--verbose")

    assert said.code == 0
    assert len(world.calls("go build")) == 2 * built
    baseline, native = (store.load(world.project / f"{name}.json") for name in ("baseline", "native"))
    assert (baseline.target_cpu, native.target_cpu) == ("baseline", "native")
    assert f"code for {NATIVE.name}" in said.out
    assert "target CPU: native" in said.out
    record = world.record.read_text()
    assert "\ntarget_cpu: native\n" in record
    assert latest_run.parse(record).target_cpu == "native"
    found = database.series(world.history, Selection())
    assert {(each.runtime, each.settings) for each in found} == {
        (runtime, settings) for runtime in ("seq", "go") for settings in ((), (("target-cpu", "native"),))
    }


def test_stored_sessions_of_different_target_cpus_are_compared_with_a_remark(world: World) -> None:
    world.add_right("alpha")
    for name in ("baseline", "native"):
        world.task("bench", "--runs", "1", "--target-cpu", name, "--json", f"{name}.json")
    said = world.task("compare", "--base", "baseline.json", "--head", "native.json")

    assert "the sides are compiled for different CPUs, baseline and native" in said.out


def test_target_cpu_of_the_configuration_is_the_default(world: World) -> None:
    world.add_right("alpha")
    with (world.project / "pyproject.toml").open("a") as file:
        file.write("target-cpu = 'native'\n")
    assert world.task("bench", "--runs", "1", "--json", "out.json").code == 0
    assert store.load(world.project / "out.json").target_cpu == "native"


def test_resumed_comparison_has_the_target_cpu_of_its_file(world: World) -> None:
    world.add_right("alpha")
    seqc = str(world.tools / "seqc")
    said = world.task("compare", "--base", seqc, "--head", seqc, "--runs", "8", "--target-cpu", "native")
    assert said.code == 0
    (path,) = world.results.glob("compare-*.json")

    assert world.task("compare", "--resume", str(path)).code == 0
    assert_fails(world.task("compare", "--resume", str(path), "--target-cpu", "native"), 2, "cannot be combined")


def test_unknown_target_cpu_is_refused(world: World) -> None:
    world.add_right("alpha")
    assert_fails(world.task("bench", "--target-cpu", "nativ"), 2, "no target CPU named 'nativ'")


def test_every_task_that_builds_takes_the_target_cpu() -> None:
    bodies = {task.name: task.body for task in namespace_of(Project(root=REPOSITORY, command="invoke")).tasks.values()}
    without = {name for name, body in bodies.items() if "target_cpu" not in inspect.signature(body).parameters}

    assert without == _WITHOUT
