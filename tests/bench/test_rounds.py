import itertools
import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from seqbench.bench.build import Executable
from seqbench.bench.check import Expected
from seqbench.bench.plan import PILOT, Pilot, Plan
from seqbench.bench.programs import Candidate
from seqbench.bench.rounds import Rounds
from seqbench.runtimes.registry import RUNTIMES
from seqbench.sessions.session import Failed, Measured, Outcome, Stage
from seqbench.suite.benchmarks import Program
from seqbench.suite.commands import NO_OUTPUT
from tests.support.world import COUNTED, SYSTEM_PATH, hangs, is_gone, on_run, says, script, until


class Arena:
    """A folder of programs and the rounds between them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.candidates: list[Candidate] = []

    def enter(self, source: str, *, timeout_s: float = 300.0, result: int | None = 42) -> str:
        """Enter a program that is this source; return its name."""
        name = f"program-{len(self.candidates)}"
        path = self.folder / name
        path.write_text(source)
        path.chmod(0o755)
        self.candidates.append(
            Candidate(
                name=name,
                program=Program(
                    benchmark=name, runtime=RUNTIMES[0], variant="", source=path, helpers=(), suite=path.parent
                ),
                executable=Executable(path=path, digest="", size_bytes=len(source)),
                arguments=("42", "7"),
                environment={"PATH": SYSTEM_PATH, "HOME": str(self.folder), "SEQ_X": "1"},
                expected=Expected(
                    result=result,
                    ledger=(),
                    startup_ns=5_000_000_000,
                    timeout_s=timeout_s,
                    output_limit_bytes=1 << 20,
                ),
            )
        )
        return name

    def play(self, rounds: int = 2, seed: str = "1") -> Rounds:
        """Run the pilot and these rounds."""
        work = self.folder / "work"
        work.mkdir(exist_ok=True)
        played = Rounds(candidates=tuple(self.candidates), directory=work, copies=self.folder / "copies")
        for number in range(PILOT, rounds + 1):
            for _candidate in played.run(number, seed):
                pass
        return played


@pytest.fixture
def arena(tmp_path: Path) -> Arena:
    return Arena(tmp_path)


def failure(outcome: Outcome | None) -> Failed:
    assert isinstance(outcome, Failed)
    return outcome


def measured(outcome: Outcome | None) -> Measured:
    assert isinstance(outcome, Measured)
    return outcome


def test_every_round_gives_a_sample_and_the_pilot_is_a_warm_up(arena: Arena) -> None:
    name = arena.enter(says())
    rounds = arena.play(rounds=3)
    outcome = measured(rounds.outcome(name))

    assert [sample.round_number for sample in outcome.samples] == [1, 2, 3]
    assert [sample.round_number for sample in outcome.warm_ups] == [PILOT]
    assert rounds.spent_ns == sum(sample.wall_ns for sample in (*outcome.samples, *outcome.warm_ups))
    assert all(sample.max_rss_floor_bytes > 1 << 20 for sample in outcome.samples)


def test_a_program_is_given_its_arguments_settings_and_folder(arena: Arena) -> None:
    name = arena.enter(script('echo "$@ $SEQ_X" >"$HOME/seen"', 'pwd -P >>"$HOME/seen"', says("$1")))
    outcome = measured(arena.play(rounds=0).outcome(name))

    assert outcome.warm_ups[0].result == 42
    assert (arena.folder / "seen").read_text() == f"42 7 1\n{(arena.folder / 'work').resolve()}\n"


def test_what_has_not_run_has_no_outcome(arena: Arena) -> None:
    name = arena.enter(says())

    assert (
        Rounds(candidates=tuple(arena.candidates), directory=arena.folder, copies=arena.folder / "copies").outcome(name)
        is None
    )


def test_the_order_of_a_round_is_drawn_from_the_seed_and_can_be_drawn_again(arena: Arena) -> None:
    for _ in range(5):
        arena.enter(says())
    rounds = Rounds(candidates=tuple(arena.candidates), directory=arena.folder, copies=arena.folder / "copies")

    def orders(seed: str) -> list[tuple[str, ...]]:
        return [tuple(candidate.name for candidate in rounds.order(number, seed)) for number in range(20)]

    assert orders("1") == orders("1")
    assert orders("1") != orders("2")
    assert len(set(orders("1"))) > 10
    # Everybody is the first one at some time.
    assert len({order[0] for order in orders("1")}) == 5


def test_a_sample_knows_its_place_in_the_round(arena: Arena) -> None:
    names = [arena.enter(says()), arena.enter(says())]
    rounds = arena.play(rounds=6)

    order = {candidate.name: place for place, candidate in enumerate(rounds.order(4, "1"))}
    for name in names:
        assert measured(rounds.outcome(name)).samples[3].position == order[name]


def probed(arena: Arena, plan: Plan) -> tuple[Rounds, str, str]:
    """Return the rounds of a program with its probe that follows a plan, and the names of both."""
    name, probe = arena.enter(says(elapsed_ns=400_000)), arena.enter(says(elapsed_ns=400_000))
    arena.candidates[1] = replace(arena.candidates[1], is_probe=True)
    rounds = Rounds(candidates=tuple(arena.candidates), directory=arena.folder, copies=arena.folder / "copies")
    rounds.follow(plan)
    return rounds, name, probe


def play(rounds: Rounds, *numbers: int) -> None:
    for number in numbers:
        for _candidate in rounds.run(number, "1"):
            pass


def test_a_probe_runs_in_some_of_the_rounds_and_is_slowed_down_in_every_second_of_these(arena: Arena) -> None:
    rounds, name, probe = probed(arena, Plan(rounds=12, probe_every=3, slowed=0.1))
    play(rounds, *range(PILOT, 13))

    assert [sample.round_number for sample in measured(rounds.outcome(name)).samples] == list(range(1, 13))
    assert [sample.round_number for sample in measured(rounds.outcome(probe)).samples] == [3, 6, 9, 12]
    assert measured(rounds.outcome(probe)).warm_ups == ()
    candidate = rounds.candidates[1]
    pauses = {number: candidate.pause(number) for number in (3, 6, 9, 12)}
    assert [number for number, pause in pauses.items() if pause] == [6, 12]
    pause = pauses[6]
    assert pause is not None
    assert pause.share == pytest.approx(0.1)
    assert rounds.probe_share() == pytest.approx(1 / 3)
    # What runs in every round is never slowed down.
    assert not any(rounds.candidates[0].pause(number) for number in range(13))


def test_a_round_without_its_probe_is_whole_and_one_that_the_probe_was_to_run_in_is_not(arena: Arena) -> None:
    rounds, name, probe = probed(arena, Plan(rounds=12, probe_every=3, slowed=0.1))
    play(rounds, PILOT, 1, 2)
    assert rounds.complete_rounds() == 2
    play(rounds, 3)
    assert rounds.complete_rounds() == 3

    rounds.samples[probe].pop()
    assert rounds.complete_rounds() == 2
    rounds.drop_unfinished_round()
    assert [sample.round_number for sample in rounds.samples[name]] == [PILOT, 1, 2]
    # One that has failed is not waited for.
    rounds.failures[probe] = Failed(stage=Stage.RUN, reason="timed out", detail="")
    play(rounds, 3)
    assert rounds.complete_rounds() == 3


def test_probe_that_was_found_runs_no_more_and_is_not_waited_for(arena: Arena) -> None:
    rounds, _name, probe = probed(arena, Plan(rounds=12, probe_every=2, slowed=0.1))
    play(rounds, PILOT, 1, 2)
    rounds.follow(Plan(rounds=12, probe_every=0, slowed=0.1))
    play(rounds, 3, 4)

    assert [sample.round_number for sample in rounds.samples[probe]] == [2]
    assert (rounds.complete_rounds(), rounds.probe_share()) == (4, 0)


def test_a_pilot_of_several_rounds_tells_what_a_round_costs_and_how_much_the_ratio_varies(arena: Arena) -> None:
    base = arena.enter(says(elapsed_ns=100_000))
    head = arena.enter(
        script("n=0; [ -e $0.n ] && read -r n <$0.n", "n=$((n + 1)); echo $n >$0.n", says(elapsed_ns="${n}00000"))
    )
    rounds = Rounds(candidates=tuple(arena.candidates), directory=arena.folder, copies=arena.folder / "copies")
    play(rounds, *[PILOT] * 6)

    walls = [sample.wall_ns for name in (base, head) for sample in rounds.samples[name]]
    assert rounds.pilot().cost_ns == pytest.approx(sum(walls) / 6)
    assert rounds.pilot_ns() == sum(walls) == rounds.spent_ns
    assert [sample.elapsed_ns for sample in rounds.last_pilot()] == [100_000, 600_000]
    # Of the ratios 1 to 6 the middle ones are 2 to 5.
    assert rounds.pilot().spread == pytest.approx(math.log(5 / 2) / 2)
    assert rounds.pilot().effort == pytest.approx(rounds.pilot().cost_ns * rounds.pilot().spread ** 2)
    # Rounds that count change nothing of it.
    play(rounds, 1, 2)
    assert rounds.pilot_ns() == sum(walls)


def test_rounds_without_candidates_have_an_empty_pilot(arena: Arena) -> None:
    rounds = Rounds(candidates=(), directory=arena.folder, copies=arena.folder / "copies")
    assert (rounds.pilot(), rounds.last_pilot(), rounds.probe_share()) == (Pilot(cost_ns=0, spread=0), (), 0.0)


BAD_RUNS = {
    "crashes": (script("ulimit -c 0; kill -SEGV $$"), Stage.RUN, "killed by SIGSEGV"),
    "aborts": (
        script("echo failed to alloc sys stack >&2; ulimit -c 0; kill -ABRT $$"),
        Stage.RUN,
        "killed by SIGABRT",
    ),
    "says that it failed": (says() + "exit 3\n", Stage.RUN, "exit status 3"),
    "prints nothing": (script(), Stage.OUTPUT, "printed nothing"),
    "prints garbage": (script("head -c 3000 /dev/urandom"), Stage.OUTPUT, ""),
    "prints half its lines": (script("echo result: 42"), Stage.OUTPUT, "elapsed_ns is missing"),
    "prints half a line": (script("printf 'elapsed_ns: 4\\nresu'"), Stage.OUTPUT, "result is missing"),
    "prints a line twice": (says() + "echo result: 42\n", Stage.OUTPUT, "result printed twice"),
    "prints no number": (says("forty-two"), Stage.OUTPUT, "result is not an integer"),
    "floods its output": (script("exec yes"), Stage.OUTPUT, "too much output"),
    "has a wrong result": (says(41), Stage.CHECK, "wrong result"),
    "has a clock that stands still": (says(elapsed_ns=0), Stage.CHECK, "clock of zero or less"),
    "has a clock that runs backwards": (says(elapsed_ns=-5), Stage.CHECK, "clock of zero or less"),
    "has a clock ahead of ours": (says(elapsed_ns=3_600_000_000_000), Stage.CHECK, "clock ahead"),
    "cannot be started": ("#!/nonexistent/interpreter\n", Stage.START, "does not start"),
}


@pytest.mark.parametrize(("source", "stage", "reason"), BAD_RUNS.values(), ids=BAD_RUNS.keys())
def test_a_program_that_fails_has_no_figure_and_the_other_one_goes_on(
    arena: Arena, source: str, stage: Stage, reason: str
) -> None:
    bad, good = arena.enter(source), arena.enter(says())
    rounds = arena.play(rounds=2)

    failed = failure(rounds.outcome(bad))
    assert failed.stage is stage
    assert reason in failed.reason
    assert len(measured(rounds.outcome(good)).samples) == 2


def test_a_program_that_hangs_is_killed_with_its_children_and_the_other_one_goes_on(arena: Arena) -> None:
    bad, good = arena.enter(hangs(), timeout_s=0.5), arena.enter(says())
    rounds = arena.play(rounds=1)

    assert failure(rounds.outcome(bad)).reason == "timed out"
    assert len(measured(rounds.outcome(good)).samples) == 1
    for word in (arena.folder / "pids").read_text().split():
        until(lambda pid=int(word): is_gone(pid), f"process {word} is gone")  # type: ignore[misc]


def test_round_for_which_the_time_runs_out_leaves_no_samples_and_fails_no_program(arena: Arena) -> None:
    bad, good = arena.enter(on_run(3, hangs(), says())), arena.enter(says())
    rounds = arena.play(rounds=1)
    rounds.last_moment_ns = 0
    for _candidate in rounds.run(2, "1"):
        pass

    assert rounds.is_out_of_time
    assert rounds.failures == {}
    assert rounds.complete_rounds() == 1
    assert {name: [sample.round_number for sample in rounds.samples[name]] for name in (bad, good)} == {
        bad: [PILOT, 1],
        good: [PILOT, 1],
    }


def test_time_limit_of_the_program_that_is_shorter_than_the_time_left_is_a_failure(arena: Arena) -> None:
    bad = arena.enter(hangs(), timeout_s=0.05)
    rounds = Rounds(
        candidates=tuple(arena.candidates),
        directory=arena.folder,
        copies=arena.folder / "copies",
        last_moment_ns=math.inf,
    )
    play(rounds, 1)

    assert failure(rounds.outcome(bad)).reason == "timed out"
    assert not rounds.is_out_of_time


def test_a_program_that_fails_once_is_out_with_all_its_samples(arena: Arena) -> None:
    bad, good = arena.enter(on_run(3, says(41), says(42))), arena.enter(says())
    rounds = arena.play(rounds=4)

    assert failure(rounds.outcome(bad)).reason == "wrong result"
    assert [candidate.name for candidate in rounds.remaining()] == [good]
    # It did not run again.
    (counter,) = arena.folder.glob(f"{bad}-*.runs")
    assert counter.read_text() == "3\n"
    assert len(measured(rounds.outcome(good)).samples) == 4


def test_programs_that_disagree_have_all_failed_for_nobody_knows_who_is_right(arena: Arena) -> None:
    names = [arena.enter(says(result), result=None) for result in (42, 42, 43)]
    rounds = arena.play(rounds=1)

    for name in names:
        failed = failure(rounds.outcome(name))
        assert failed.reason == "programs disagree on result"
        assert "program-0 42, program-1 42, program-2 43" in failed.detail


def test_programs_that_did_different_work_disagree_on_the_ledger(arena: Arena) -> None:
    names = [arena.enter(says(messages=messages)) for messages in (10, 11)]
    rounds = arena.play(rounds=1)

    assert {failure(rounds.outcome(name)).reason for name in names} == {"programs disagree on messages"}


def test_a_program_that_has_failed_already_is_not_compared(arena: Arena) -> None:
    arena.enter(says(41) + "exit 1\n", result=None)
    good = [arena.enter(says(42), result=None), arena.enter(says(42), result=None)]
    rounds = arena.play(rounds=1)

    assert all(measured(rounds.outcome(name)) for name in good)


@pytest.mark.parametrize("number", [2, 3])
def test_program_whose_result_is_not_that_of_its_first_run_fails(arena: Arena, number: int) -> None:
    name = arena.enter(on_run(number, says(43), says(42)), result=None)
    failed = failure(arena.play(rounds=3).outcome(name))

    assert (failed.stage, failed.reason) == (Stage.CHECK, "result differs between rounds")
    assert f"its first run 42, round {number - 1} 43" in failed.detail


def test_work_that_differs_between_rounds_fails_with_the_right_result_too(arena: Arena) -> None:
    bad = arena.enter(on_run(3, says(messages=11), says(messages=10)))
    good = arena.enter(says())
    rounds = arena.play(rounds=3)

    assert failure(rounds.outcome(bad)).reason == "messages differs between rounds"
    assert len(measured(rounds.outcome(good)).samples) == 3


def test_counts_that_are_not_work_and_times_may_differ_between_rounds(arena: Arena) -> None:
    name = arena.enter(script(COUNTED, 'echo "result: 42"', 'echo "steals: $n"', 'echo "elapsed_ns: 40000$n"'))
    assert len(measured(arena.play(rounds=3).outcome(name)).samples) == 3


def test_output_that_is_not_read_may_differ_between_rounds(arena: Arena) -> None:
    name = arena.enter(script(COUNTED, "echo $n"), result=None)
    (candidate,) = arena.candidates
    arena.candidates = [
        replace(
            candidate,
            program=replace(candidate.program, output=NO_OUTPUT),
            expected=replace(candidate.expected, output=NO_OUTPUT),
        )
    ]
    assert len(measured(arena.play(rounds=2).outcome(name)).samples) == 2


def _rounds_of(*variants: str) -> Rounds:
    runtime = RUNTIMES[0]
    return Rounds(
        candidates=tuple(
            Candidate(
                name=variant,
                program=Program(
                    benchmark="one",
                    runtime=runtime,
                    variant=variant,
                    source=Path(f"one.{variant}"),
                    helpers=(),
                    suite=Path(),
                ),
                executable=Executable(path=Path("one"), digest="sha256:0"),
                arguments=(),
                environment={},
                expected=Expected(result=None, ledger=(), startup_ns=0, timeout_s=1.0, output_limit_bytes=1),
            )
            for variant in variants
        ),
        directory=Path(),
        copies=Path(),
    )


def _orders(rounds: Rounds, seed: str, count: int) -> list[str]:
    return ["".join(e.name for e in rounds.order(number, seed)) for number in range(count)]


def test_the_same_seed_draws_the_same_orders_and_another_seed_others() -> None:
    assert _orders(_rounds_of(*"abc"), "7/one", 50) == _orders(_rounds_of(*"abc"), "7/one", 50)
    assert _orders(_rounds_of(*"abc"), "7/one", 50) != _orders(_rounds_of(*"abc"), "8/one", 50)
    assert _orders(_rounds_of(*"abc"), "7/one", 50) != _orders(_rounds_of(*"abc"), "7/two", 50)


def test_a_round_can_be_drawn_again_by_itself() -> None:
    rounds = _rounds_of(*"abc")
    assert rounds.order(17, "7/one") == rounds.order(17, "7/one")


def test_every_order_occurs_about_as_often_as_every_other() -> None:
    occurring = Counter(_orders(_rounds_of(*"abc"), "7/one", 1_200))
    assert occurring.keys() == {"".join(order) for order in itertools.permutations("abc")}
    # 200 of each are meant, and the standard deviation is 13.
    assert all(140 <= count <= 260 for count in occurring.values())


def test_every_program_is_at_every_place_about_as_often() -> None:
    orders = _orders(_rounds_of(*"ab"), "7/one", 1_000)
    # 500 are meant, and the standard deviation is 16.
    assert 430 <= sum(order == "ab" for order in orders) <= 570


def test_a_round_runs_every_program_once() -> None:
    assert {"".join(sorted(order)) for order in _orders(_rounds_of(*"dcba"), "1", 50)} == {"abcd"}


def test_a_program_that_failed_is_in_no_order_any_more() -> None:
    rounds = _rounds_of(*"abc")
    rounds.failures["b"] = Failed(stage=Stage.RUN, reason="timed out", detail="")
    assert {"".join(sorted(order)) for order in _orders(rounds, "7/one", 50)} == {"ac"}


def test_environment_has_another_size_in_each_round_and_the_same_for_all_programs(arena: Arena) -> None:
    program = script("echo result: 42; echo elapsed_ns: 400000; echo padding: ${#SEQBENCH_PADDING}")
    names = [arena.enter(program), arena.enter(program)]
    first, again = arena.play(rounds=5), arena.play(rounds=5)

    def sizes(played: Rounds) -> list[list[int]]:
        samples = [measured(played.outcome(name)).samples for name in names]
        return [[dict(sample.ledger)["padding"] for sample in side] for side in samples]

    assert sizes(first)[0] == sizes(first)[1]
    assert len(set(sizes(first)[0])) > 1
    assert sizes(first) == sizes(again)
    assert sizes(first) != sizes(arena.play(rounds=5, seed="2"))


def test_each_run_starts_another_file_with_the_same_bytes_and_path(arena: Arena) -> None:
    log = arena.folder / "started"
    source = script(f'echo "$(stat -c %i "$0") $0 $(sha256sum < "$0")" >> {log}') + says()
    arena.enter(source)
    played = arena.play(rounds=3)

    inodes, paths, digests = zip(*(line.split(maxsplit=2) for line in log.read_text().splitlines()), strict=True)
    assert len(inodes) == 4
    assert all(before != after for before, after in itertools.pairwise(inodes))
    assert len({*paths}) == len({*digests}) == 1
    assert Path(paths[0]).is_relative_to(played.copies)


def test_candidates_of_one_executable_start_different_files(arena: Arena) -> None:
    log = arena.folder / "started"
    arena.enter(script(f'echo "$0" >> {log}') + says())
    (first,) = arena.candidates
    arena.candidates.append(replace(first, name="again"))
    arena.play(rounds=2)

    started = log.read_text().split()
    assert len(started) == 6
    assert len({*started}) == 2
    assert len({len(path) for path in started}) == 1


def test_no_room_for_a_copy_fails_the_program_and_names_the_folder(arena: Arena) -> None:
    name = arena.enter(says())
    (arena.folder / "copies").write_text("a file where the folder would be")
    failed = failure(arena.play(rounds=1).outcome(name))

    assert (failed.stage, failed.reason) == (Stage.START, "cannot be copied")
    assert str(arena.folder / "copies") in failed.detail
    assert "fix: " in failed.detail
