import signal
from dataclasses import replace

import pytest

from seqbench.events import Phase, Remark
from seqbench.experiments.explain.document import explanation_to_json, load_explanation
from seqbench.experiments.sweep.document import load_sweep
from seqbench.experiments.tune.document import load_tune, tune_to_json
from seqbench.sessions.session import State
from seqbench.system.process import interruptible
from studies.claims import run
from studies.claims.page import Investigation
from studies.claims.program_facts import load_facts
from tests.support.claim_cases import WORK
from tests.support.world import World, hangs, script

pytestmark = pytest.mark.whole


def found(world: World, *, is_resumed: bool = False) -> Investigation:
    world.events.clear()
    world.results.mkdir(exist_ok=True)
    request = world.request(runs="8", size="reduced")
    probes = world.project / "probes"
    return run.run(request, world.results, probes, margin=0.02, is_resumed=is_resumed, listen=world.events.append)


def runs(world: World) -> int:
    return len((world.home / "runs").read_text().splitlines())


def phases(world: World) -> list[str]:
    wanted = ("explaining", "sweeping", "tuning", "running the small programs")
    return [event.text for event in world.events if isinstance(event, Phase) and event.text.startswith(wanted)]


def remarks(world: World) -> str:
    return "\n".join(event.text for event in world.events if isinstance(event, Remark))


def test_everything_is_measured_and_each_part_is_kept(small: World) -> None:
    everything = found(small)

    assert phases(small) == ["explaining", "sweeping alpha over messages=10:30", "tuning", "running the small programs"]
    assert load_explanation(small.results / "findings-explain.json") == everything.explanation
    assert load_sweep(small.results / "findings-sweep-alpha-messages.json") == everything.sweeps[0]
    assert load_tune(small.results / "findings-tune.json") == everything.tuning
    assert load_facts(small.results / "claims" / "programs.json") == everything.facts
    assert [result.name for result in everything.facts.probes.results] == ["unread"]
    assert everything.bench is None
    assert not everything.has_failures()


def test_what_is_kept_is_taken_and_nothing_runs_again(small: World) -> None:
    first = found(small)
    before = runs(small)
    second = found(small, is_resumed=True)

    assert second == first
    assert runs(small) == before
    assert phases(small) == []


def test_without_resume_everything_runs_again(small: World) -> None:
    found(small)
    before = runs(small)
    found(small)

    assert runs(small) == 2 * before


def test_one_part_that_is_missing_is_measured_alone(small: World) -> None:
    first = found(small)
    (small.results / "findings-tune.json").unlink()
    second = found(small, is_resumed=True)

    assert phases(small) == ["tuning"]
    assert (second.explanation, second.sweeps) == (first.explanation, first.sweeps)


def test_parts_of_other_sources_are_measured_again_and_that_is_said(small: World) -> None:
    found(small)
    small.add("alpha", go=script("# changed", WORK))
    found(small, is_resumed=True)

    assert len(phases(small)) == 3
    assert "measuring findings-explain.json again: the benchmark sources have changed since" in remarks(small)


def test_parts_of_another_machine_are_measured_again(small: World) -> None:
    kept = found(small).explanation
    elsewhere = replace(kept.large, machine=replace(kept.large.machine, identity="another"))
    path = small.results / "findings-explain.json"
    path.write_text(explanation_to_json(replace(kept, large=elsewhere)))
    found(small, is_resumed=True)

    assert phases(small) == ["explaining"]
    assert "it was measured on another machine" in remarks(small)


def test_a_part_that_cannot_be_read_is_measured_again(small: World) -> None:
    found(small)
    path = small.results / "findings-explain.json"
    path.write_text(path.read_text()[:100])
    found(small, is_resumed=True)

    assert phases(small) == ["explaining"]
    assert "not JSON, or cut short" in remarks(small)


def test_a_sweep_that_was_interrupted_is_gone_on_with(small: World) -> None:
    hang = f'if [ $1 -eq 30 ] && [ ! -e "$HOME/go-on" ]; then\n{hangs()}\nfi'
    small.add("alpha", seq=script('echo run >>"$HOME/runs"', hang, WORK))
    with small.stopped(signal.SIGINT), pytest.raises(KeyboardInterrupt), interruptible():
        found(small)
    kept = load_sweep(small.results / "findings-sweep-alpha-messages.json")
    assert kept.session.state is State.INTERRUPTED
    done = len(kept.benchmarks[0].points)
    assert done > 0

    (small.home / "go-on").touch()
    everything = found(small, is_resumed=True)
    assert phases(small) == ["tuning", "running the small programs"]
    assert everything.sweeps[0].benchmarks[0].points[:done] == kept.benchmarks[0].points
    assert everything.sweeps[0].session.state is State.COMPLETE


def test_a_tuning_that_was_interrupted_is_measured_again(small: World) -> None:
    whole = found(small).tuning
    assert whole.screening is not None
    cut = replace(
        whole,
        screening=replace(
            whole.screening, sessions=tuple(replace(s, state=State.RUNNING) for s in whole.screening.sessions)
        ),
    )
    (small.results / "findings-tune.json").write_text(tune_to_json(cut))
    found(small, is_resumed=True)

    assert phases(small) == ["tuning"]


def test_the_last_whole_session_at_full_size_is_found(small: World) -> None:
    for seed in ("1", "2"):
        assert small.task("bench", "--runs", "1", "--seed", seed, "--no-record").code == 0
    assert small.task("bench", "--runs", "1", "--seed", "3", "--size", "quick", "--no-record").code == 0
    assert small.task("bench", "--runs", "1", "--seed", "4", "--runtimes", "go", "--no-record").code == 0
    (small.results / "x.json").write_text('{"schema": "seqbench/session", "schema_version": 1}')
    everything = found(small)

    assert everything.bench is not None
    assert everything.bench.seed in (1, 2)
    assert everything.bench.results[0].is_full
    assert "x.json" in remarks(small)


def test_a_session_of_other_sources_is_not_taken(small: World) -> None:
    assert small.task("bench", "--runs", "1", "--no-record").code == 0
    small.add("alpha", go=script("# changed", WORK))

    assert found(small).bench is None


def test_the_budget_is_shared_out_among_the_parts() -> None:
    shares = run.EXPLAIN_SHARE + run.SWEEP_SHARE * len(run.SWEEPS)

    assert 0 < shares < 1
