import json
import signal
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from seqbench.errors import ExitCode
from seqbench.events import Estimate, Measuring, Phase
from seqbench.experiments.sweep import report, run
from seqbench.experiments.sweep.document import NotRun, SweepDocument, SweptBenchmark, load_sweep, sweep_to_json
from seqbench.experiments.sweep.expected import predicted_round_ns
from seqbench.experiments.sweep.ranges import Over
from seqbench.sessions.session import Failed, Measured, Outcome, State
from seqbench.system.limits import this_machines_limits
from tests.support.world import MANIFEST, Said, World, hangs, says, script

OVER = Over(name="messages", low=1, high=100)
# What the range has by default, but fewer.
STEPS = 3
WORK = 'echo "result: $1"; echo "elapsed_ns: $((20000 + $1 * 100))"; echo "messages: $1"'


def works(*before: str) -> str:
    """Build the source of a program whose own time is fixed in part and grows with its argument."""
    return script(*before, WORK)


def fails_from(value: int) -> str:
    return works(f'if [ "$1" -ge {value} ]; then echo no more >&2; exit 3; fi')


def hangs_once_at(value: int) -> str:
    """Build the source of a program that never ends at a value until the file `go-on` is there."""
    return works(f'if [ "$1" -eq {value} ] && [ ! -e "$HOME/go-on" ]; then', hangs(), "fi")


def swept(world: World, over: Over = OVER, *, steps: int | None = STEPS, **flags: str) -> SweepDocument:
    """Sweep in this process; what is saved on the way is in `world.sweeps`."""
    world.events.clear()
    return run.run(world.request(**flags), over, steps=steps, listen=world.events.append)


def only(document: SweepDocument) -> SweptBenchmark:
    (found,) = document.benchmarks
    return found


def outcome(document: SweepDocument, value: int, runtime: str) -> Outcome:
    (point,) = (point for point in only(document).points if point.value == value)
    assert point.result is not None
    program = point.result.program(runtime, "")
    assert program is not None
    return program.outcome


def elapsed(document: SweepDocument, value: int, runtime: str) -> list[int]:
    found = outcome(document, value, runtime)
    assert isinstance(found, Measured)
    return [sample.elapsed_ns for sample in found.samples]


def limits(document: SweepDocument, value: int) -> dict[str, NotRun]:
    (point,) = (point for point in only(document).points if point.value == value)
    return {limit.runtime: limit for limit in point.limits}


@pytest.fixture
def counted(world: World) -> World:
    """A world with one benchmark of which nothing is wrong."""
    world.add("alpha", seq=works(), go=works(), toml=MANIFEST)
    return world


def test_every_value_is_a_point_with_the_rounds_of_all_runtimes(counted: World) -> None:
    document = swept(counted, runs="3")

    assert [point.value for point in only(document).points] == [1, 10, 100]
    for value in (1, 10, 100):
        for runtime in ("seq", "go"):
            assert elapsed(document, value, runtime) == [20_000 + 100 * value] * 3
        assert limits(document, value) == {}
    assert document.session.state is State.COMPLETE
    assert document.session.results == ()
    assert document.over == "messages=1:100"
    assert [column.name for column in document.session.runtimes] == ["seq", "go"]
    assert 0 < document.session.programs_ns < document.session.wall_ns
    assert 0 < document.session.build_ns < document.session.wall_ns


def test_every_benchmark_that_has_the_parameter_is_swept_and_the_others_are_not(counted: World) -> None:
    counted.add("beta", seq=works(), go=works(), toml=MANIFEST)
    counted.add_right("gamma")
    document = swept(counted, runs="1")

    assert [each.name for each in document.benchmarks] == ["alpha", "beta"]
    assert all(len(each.points) == 3 for each in document.benchmarks)
    assert [each.name for each in swept(counted, only="beta", runs="1").benchmarks] == ["beta"]


def test_variants_are_other_programs_and_are_not_run(counted: World) -> None:
    counted.add("alpha", idiomatic_go=script("exit 1"))
    document = swept(counted, runs="1")

    results = [point.result for point in only(document).points if point.result]
    assert {program.variant for result in results for program in result.programs} == {""}
    assert len(results) == 3


def test_what_was_measured_is_saved_after_every_point(counted: World) -> None:
    saved: list[SweepDocument] = []
    document = run.run(counted.request(runs="1"), OVER, steps=STEPS, save=saved.append)

    assert [len(only(each).points) for each in saved] == [1, 2, 3, 3]
    assert [each.session.state for each in saved] == [State.RUNNING] * 3 + [State.COMPLETE]
    assert saved[-1] == document


def test_the_same_seed_gives_the_same_orders_and_another_one_others(counted: World) -> None:
    def orders(seed: str) -> list[int]:
        document = swept(counted, seed=seed, runs="5")
        assert document.session.seed == int(seed)
        found = (outcome(document, value, "seq") for value in (1, 10, 100))
        return [sample.position for each in found if isinstance(each, Measured) for sample in each.samples]

    assert orders("1") == orders("1")
    assert orders("1") != orders("2")


def test_it_tells_which_point_it_is_at_and_how_much_of_the_whole_is_done(counted: World) -> None:
    swept(counted, runs="2")
    phases = [event.text for event in counted.events if isinstance(event, Phase)]
    told = [event for event in counted.events if isinstance(event, Measuring)]

    assert [text for text in phases if "point" in text] == [
        f"alpha at {value} messages: point {number} of 3" for number, value in enumerate((1, 10, 100), start=1)
    ]
    assert {event.program for event in told} >= {
        "alpha (Seq) at 1 messages, point 1 of 3",
        "alpha (Go) at 100 messages, point 3 of 3",
    }
    fractions = [event.fraction_done for event in told]
    assert all(first <= second for first, second in pairwise(fractions))
    assert 0 <= fractions[0] <= fractions[-1] < 1


# --- limits


@pytest.mark.skipif(this_machines_limits().max_map_count is None, reason="this system has no limit of memory maps")
def test_a_runtime_that_the_machine_cannot_hold_has_a_limit_and_the_others_go_on(world: World) -> None:
    world.add("alpha", seq=says("$1"), go=says("$1"), toml=f'{MANIFEST}[needs]\nlive-strands = "messages"\n')
    maps = this_machines_limits().max_map_count or 0
    document = swept(world, Over(name="messages", low=1, high=maps // 2), steps=2, runs="1")
    found = limits(document, maps // 2)

    assert list(found) == ["seq"]
    assert found["seq"].words == "too large for this machine"
    assert found["seq"].reason.startswith(f"vm.max_map_count is {maps:,}, needs ")
    assert found["seq"].remedy.startswith("sudo sysctl -w vm.max_map_count=")
    assert isinstance(outcome(document, maps // 2, "go"), Measured)
    assert isinstance(outcome(document, 1, "seq"), Measured)


def test_a_value_that_nothing_can_hold_is_a_point_without_a_result(world: World) -> None:
    world.add("alpha", seq=says("$1"), go=says("$1"), toml=f'{MANIFEST}[needs]\nlive-strands = "messages"\n')
    document = swept(world, Over(name="messages", low=1, high=10**15), steps=2, runs="1")
    point = only(document).points[1]

    assert point.result is None
    assert {limit.runtime for limit in point.limits} == {"seq", "go"}
    assert document.session.state is State.COMPLETE


def test_a_program_that_fails_at_a_value_is_not_run_at_larger_ones_and_the_others_go_on(world: World) -> None:
    world.add("alpha", seq=fails_from(10), go=works(), toml=MANIFEST)
    document = swept(world, runs="2")

    assert elapsed(document, 1, "seq")
    failed = outcome(document, 10, "seq")
    assert isinstance(failed, Failed)
    assert failed.reason == "exit status 3"
    assert "no more" in failed.detail
    assert limits(document, 10) == {}
    assert limits(document, 100)["seq"].words == "not run"
    assert limits(document, 100)["seq"].reason == "failed at 10: exit status 3"
    assert [len(elapsed(document, value, "go")) for value in (1, 10, 100)] == [2, 2, 2]
    assert document.failed_throughout() == ()


def test_a_program_that_does_not_end_is_timed_out_and_not_run_at_larger_values(world: World) -> None:
    world.add("alpha", seq=hangs_once_at(10), go=works(), toml=MANIFEST)
    document = swept(world, runs="1", timeout="500ms")

    failed = outcome(document, 10, "seq")
    assert isinstance(failed, Failed)
    assert failed.reason == "timed out"
    assert limits(document, 100)["seq"].reason == "failed at 10: timed out"
    assert elapsed(document, 100, "go")


def test_a_program_that_does_not_compile_is_a_value_too(world: World) -> None:
    world.add("alpha", seq=works() + "# COMPILE ERROR\n", go=works(), toml=MANIFEST)
    document = swept(world, runs="1")

    assert isinstance(outcome(document, 1, "seq"), Failed)
    assert [name for name, _runtime, _failed in document.failed_throughout()] == ["alpha"]
    assert elapsed(document, 100, "go")


def test_a_runtime_that_has_no_program_of_a_benchmark_says_so(world: World) -> None:
    world.add("alpha", seq=works(), toml=MANIFEST)
    document = swept(world, runs="1", runtimes="seq,go")

    assert limits(document, 1)["go"].words == "no program"
    assert limits(document, 1)["go"].remedy == "write alpha/alpha.go"
    assert elapsed(document, 100, "seq")


def test_every_point_runs_what_was_built_before_the_first(world: World) -> None:
    source = world.suite / "alpha" / "alpha.go"
    world.add("alpha", seq=works(), go=works(f'[ "$1" -eq 10 ] && echo "exit 3" >{source}'), toml=MANIFEST)
    document = run.run(world.request(runs="1"), OVER, steps=STEPS)

    assert "exit 3" in source.read_text()
    outcomes = [program.outcome for point in only(document).points if point.result for program in point.result.programs]
    assert len(outcomes) == 6
    assert all(isinstance(outcome, Measured) for outcome in outcomes)
    assert len(world.calls("go build")) == len(world.calls("seqc build")) == 1


@pytest.mark.whole
def test_a_budget_is_shared_out_among_the_values(counted: World) -> None:
    document = run.run(counted.request(budget="60s"), OVER, steps=STEPS)
    assert [len(elapsed(document, value, "seq")) for value in (1, 10, 100)] == [30, 30, 30]


def test_value_that_does_not_fit_into_its_share_of_the_budget_is_a_limit_with_a_fix(counted: World) -> None:
    document = run.run(counted.request(budget="1ms"), OVER, steps=STEPS)

    assert [point.result for point in only(document).points] == [None] * 3
    assert {limit.words for point in only(document).points for limit in point.limits} == {"no time"}
    assert "fix: use --budget 5s or more, or a smaller range" in report.full_text(document)


def test_value_whose_rounds_probably_take_longer_than_its_share_is_not_started(counted: World) -> None:
    document = run.run(counted.request(runs="1"), OVER, steps=STEPS)
    seen = predicted_round_ns(only(document), 100)
    assert seen >= sum(elapsed(document, 100, "seq"))
    assert predicted_round_ns(only(document), 100_000) > seen


def test_sweep_with_runs_says_what_it_takes_once_every_benchmark_has_a_point(world: World) -> None:
    for name in ("alpha", "beta"):
        world.add(name, seq=works(), go=works(), toml=MANIFEST)
    swept(world, runs="3")
    texts = [event.text for event in world.events if isinstance(event, Estimate | Phase)]
    told = [text for text in texts if "point" in text or "takes" in text]
    waited = [event for event in world.events if isinstance(event, Measuring)]

    assert told[:2] == ["alpha at 1 messages: point 1 of 6", "beta at 1 messages: point 2 of 6"]
    assert told[2].startswith("measuring takes about ")
    unknown = {event.program.partition(" at ")[2] for event in waited if event.remaining_s is None}
    assert unknown == {"1 messages, point 1 of 6", "1 messages, point 2 of 6"}


def test_point_that_takes_long_says_so_at_once(counted: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "_LONG_POINT_S", 0.0)
    swept(counted, runs="2")
    first = next(event for event in counted.events if isinstance(event, Estimate))

    assert first.text.startswith("alpha at 1 messages takes about ")


# --- going on after an interrupt


@pytest.fixture
def cut(world: World) -> World:
    """A world in which a sweep was stopped at its second value."""
    world.add("alpha", seq=hangs_once_at(10), go=works(), toml=MANIFEST)
    with world.stopped():
        said = task(world, "--over", "messages=1:100", "--steps", "3", "--runs", "2", "--seed", "7")
    assert said.code == ExitCode.INTERRUPTED
    assert "kept: invoke sweep --resume results/sweep-7.json continues it" in said.err
    assert "error: interrupted" in said.err
    (world.home / "go-on").touch()
    return world


def task(world: World, *words: str) -> Said:
    said = world.task("sweep", *words)
    assert "Traceback" not in said.out + said.err
    assert "defect in seqbench" not in said.err
    return said


def kept(world: World) -> SweepDocument:
    return load_sweep(world.results / "sweep-7.json")


def test_an_interrupted_sweep_keeps_its_whole_points_and_goes_on_with_the_others(cut: World) -> None:
    before = kept(cut)
    assert before.session.state is State.INTERRUPTED
    assert [point.value for point in only(before).points] == [1]

    said = task(cut, "--resume", "results/sweep-7.json")
    assert said.code == 0, said.err
    after = kept(cut)
    assert after.session.state is State.COMPLETE
    assert [point.value for point in only(after).points] == [1, 10, 100]
    assert only(after).points[0] == only(before).points[0]
    assert after.session.wall_ns > before.session.wall_ns
    assert after.session.programs_ns > before.session.programs_ns
    assert [len(elapsed(after, value, "go")) for value in (1, 10, 100)] == [2, 2, 2]
    # A whole one is only shown again.
    counts = cut.calls()
    assert task(cut, "--resume", "results/sweep-7.json").code == 0
    assert [point.value for point in only(kept(cut)).points] == [1, 10, 100]
    assert cut.calls() == counts


def test_budget_of_the_project_does_not_limit_a_resumed_sweep_that_had_runs(cut: World) -> None:
    with (cut.project / "pyproject.toml").open("a") as file:
        file.write("compare-budget = '1ms'\n")
    said = task(cut, "--resume", "results/sweep-7.json")

    assert said.code == 0, said.err
    assert [len(elapsed(kept(cut), value, "go")) for value in (1, 10, 100)] == [2, 2, 2]


def test_sweep_goes_on_after_another_benchmark_was_added(cut: World) -> None:
    cut.add_right("beta")
    said = task(cut, "--resume", "results/sweep-7.json")

    assert said.code == 0, said.err
    assert [point.value for point in only(kept(cut)).points] == [1, 10, 100]


def test_a_sweep_that_is_stopped_before_its_first_point_keeps_nothing(world: World) -> None:
    world.add("alpha", seq=hangs_once_at(1), go=works(), toml=MANIFEST)
    with world.stopped(signal.SIGTERM):
        said = task(world, "--over", "messages=1:100", "--runs", "1")

    assert said.code == ExitCode.INTERRUPTED
    assert "kept" not in said.err
    assert not list(world.results.glob("*.json"))


def other_machine(world: World) -> None:
    path = world.results / "sweep-7.json"
    document = kept(world)
    machine = replace(document.session.machine, identity="another")
    changed = replace(document, session=replace(document.session, machine=machine))
    path.write_text(sweep_to_json(changed))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (other_machine, "it was measured on another machine"),
        (lambda world: world.add("alpha", go=works("true")), "the benchmark sources have changed since"),
        (lambda world: world.environment.update(SEQ_X="1"), "a compiler has changed since"),
        (
            lambda world: world.tool("seqc", (world.tools / "seqc").read_text() + "\n# another build\n"),
            "a compiler has changed since",
        ),
    ],
)
def test_a_sweep_is_not_gone_on_with_where_something_is_not_as_it_was(
    cut: World, change: Callable[[World], object], said: str
) -> None:
    change(cut)
    before = (cut.results / "sweep-7.json").read_bytes()
    found = task(cut, "--resume", "results/sweep-7.json")

    assert found.code == ExitCode.USAGE
    assert f"cannot resume this sweep: {said}" in found.err
    assert "fix: start a new one, without --resume" in found.err
    assert (cut.results / "sweep-7.json").read_bytes() == before


# --- the task


def test_a_sweep_shows_its_tables_keeps_its_file_and_writes_json(counted: World) -> None:
    said = task(counted, "--over", "messages=1:100", "--steps", "3", "--runs", "6", "--seed", "7", "--json", "out.json")

    assert said.code == 0, said.err
    assert said.out.startswith("alpha over messages\n")
    assert "Seq / Go: at or below 2x at all values from 1 to 100 messages (whole interval)" in said.out
    assert said.out.splitlines()[-1].endswith(" s in the harness")
    assert "kept in results/sweep-7.json" in said.err
    assert load_sweep(counted.project / "out.json") == kept(counted)

    said = task(counted, "--over", "messages=1:100", "--steps", "2", "--runs", "1", "--seed", "7", "--json", "-")
    assert json.loads(said.out)["schema"] == "seqbench/sweep"
    assert "alpha over messages" in said.err


def test_program_that_always_fails_exits_with_4_and_one_that_fails_later_does_not(
    world: World,
) -> None:
    world.add("alpha", seq=fails_from(10), go=works(), toml=MANIFEST)
    said = task(world, "--over", "messages=1:100", "--steps", "3", "--runs", "1")
    assert said.code == 0, said.err
    assert "not run" in said.out
    assert "Seq at 100: failed at 10: exit status 3" in said.out

    world.add("alpha", seq=says(41))
    said = task(world, "--over", "messages=1:100", "--steps", "3", "--runs", "1")
    assert said.code == ExitCode.BENCHMARK_FAILED
    assert "failed: wrong result" in said.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--over is missing"),
        (("--over", "colours=1:10"), "--over: no parameter named 'colours'"),
        (("--over", "mesages=1:10"), "did you mean 'messages'?"),
        (("--over", "messages=10:1"), "LOW (10) is above HIGH (1)"),
        (("--over", "messages=0:10"), "'0' is not a whole number above zero"),
        (("--over", "messages=-1:10"), "'-1' is not a whole number above zero"),
        (("--over", "messages=1:many"), "'many' is not a whole number above zero"),
        (("--over", "messages"), "expected NAME=LOW:HIGH"),
        (("--over", "n=20:90"), "the range has no power of 10, which beta expects as n"),
        (("--over", "n=1:10", "--only", "alpha"), "--over: no parameter named 'n'"),
        (
            ("--over", "n=1:10", "--only", "alpha,beta"),
            "alpha has no parameter of that name; expected one of: messages",
        ),
        (("--over", "messages=1:10", "--only", "alpah"), "did you mean 'alpha'?"),
        (("--over", "messages=1:10", "--runtimes", "ruby"), "no runtime named 'ruby'"),
        (("--over", "messages=1:10", "--steps", "1"), "--steps 1: expected 2 to 100 values"),
        (("--over", "messages=1:10", "--runs", "none"), "--runs: 'none'"),
        (("--resume", "none.json"), "none.json: cannot be read"),
        (("--resume", "tasks.py"), "tasks.py: not JSON, or cut short"),
        (("--resume", "none.json", "--over", "messages=1:10"), "--resume reuses the settings stored in the file"),
        (("--resume", "none.json", "--seed", "1"), "--resume reuses the settings stored in the file"),
    ],
)
def test_what_makes_no_sense_exits_with_2_before_anything_is_built(
    counted: World, words: tuple[str, ...], said: str
) -> None:
    counted.add("beta", seq=works(), toml="[parameters.n]\nfull = 100\nquick = 10\nscales = true\npower-of = 10\n")
    found = task(counted, *words)

    assert found.code == ExitCode.USAGE
    assert said in found.err
    assert "fix: " in found.err
    assert found.out == ""
    assert counted.calls() == []
    assert not list(counted.results.glob("*.json"))


def test_a_missing_tool_exits_with_3(counted: World) -> None:
    counted.environment["GO"] = "/nonexistent/go"
    said = task(counted, "--over", "messages=1:10")

    assert said.code == ExitCode.TOOLCHAIN
    assert "GO is '/nonexistent/go'" in said.err


def test_a_folder_that_cannot_be_written_exits_with_2_before_anything_is_built(counted: World) -> None:
    counted.results.write_text("a file where the folder should be")
    said = task(counted, "--over", "messages=1:10")

    assert said.code == ExitCode.USAGE
    assert f"{counted.results} cannot be written" in said.err
    assert counted.calls() == []
    assert Path(counted.results).read_text() == "a file where the folder should be"
