import json
import re

import pytest

from seqbench.bench.prepare import prepared_to_compare
from seqbench.bench.request import Request
from seqbench.compare.run import measure_at_sizes
from seqbench.errors import BudgetError, ToolchainError, UsageError
from seqbench.events import Estimate, Event, Measuring, Phase, Remark
from seqbench.experiments.tune import run
from seqbench.experiments.tune.document import Advice, TuneDocument, advice, confirmed, load_tune
from seqbench.experiments.tune.report import full_text
from seqbench.experiments.tune.settings import pool_too_large
from seqbench.runtimes.registry import RUNTIMES
from seqbench.sessions.session import Measured, Session, State
from seqbench.suite.sizes import Size
from seqbench.system.limits import this_machines_limits
from tests.support.world import MANIFEST, Said, World, hangs, on_run, says, script

# What this machine cannot hold is left out before anything runs.
_COST = next(runtime.cost for runtime in RUNTIMES if runtime.name == "seq" and runtime.cost)
_LARGE_POOL = pool_too_large(100_000, 0, _COST, this_machines_limits())


def paced(**halved_by: str) -> str:
    """Build the source of a program that takes 0.8 ms, and half of that with each of these variables."""
    lines = ["time=800000"]
    lines += [f'[ "$SEQ_{name}" = {value} ] && time=$((time / 2))' for name, value in halved_by.items()]
    return script(*lines, says(elapsed_ns="$time"))


def tuned(world: World, **flags: str) -> TuneDocument:
    """Tune in this process; every document on the way is in `saved`."""
    return run.run(request(world, **flags), margin=0.02, listen=world.events.append, save=lambda _document: None)


def request(world: World, **flags: str) -> Request:
    return world.request(**({} if "budget" in flags else {"runs": "8"}), **flags)


def variants_of(document: TuneDocument) -> list[str]:
    assert document.screening is not None
    return [document.grid.label(variant) for variant in document.screening.variants]


def remarks(world: World) -> str:
    return "\n".join(event.text for event in world.events if isinstance(event, Remark))


def samples(session: Session, name: str) -> int:
    (outcome,) = (p.outcome for result in session.results if result.name == name for p in result.programs)
    assert isinstance(outcome, Measured)
    return len(outcome.samples)


def test_a_setting_that_helps_is_found_confirmed_in_fresh_rounds_and_recommended(world: World) -> None:
    world.add("alpha", seq=paced(POOL_CAPACITY="1000"), go=says())
    document = tuned(world, seqc="7.7.5")
    comparison = confirmed(document)

    assert document.is_whole
    assert document.chosen is not None
    assert document.grid.label(document.chosen) == "SEQ_POOL_CAPACITY=1000"
    assert comparison is not None
    assert advice(comparison) is Advice.USE
    assert {"diagnostics=off", "SEQ_STACK_SIZE=16384,SEQ_POOL_CAPACITY=1000,diagnostics=off,--loop-opt"} <= set(
        variants_of(document)
    )
    assert len(variants_of(document)) == len(document.grid.whole()) == (24 if _LARGE_POOL else 36)
    assert document.left_out == ((_LARGE_POOL,) if _LARGE_POOL else ())
    text = full_text(document)
    assert "recommendation: use SEQ_POOL_CAPACITY=1000" in text
    assert re.search(r"Alpha: 0\.500 \[0\.500, 0\.500\] faster", text)
    assert "export SEQ_POOL_CAPACITY=1000" in text


@pytest.mark.whole
def test_every_variant_runs_in_every_round_with_its_own_settings_and_its_own_build(world: World) -> None:
    world.add("alpha", seq=script('echo "pool: ${SEQ_POOL_CAPACITY:-0}"', 'echo "stack: ${SEQ_STACK_SIZE:-0}"', says()))
    document = tuned(world, seqc="7.7.5,SEQ_REPORT=1")

    assert document.screening is not None
    for variant, session in zip(document.screening.variants, document.screening.sessions, strict=True):
        assert session.state is State.COMPLETE
        assert samples(session, "alpha") == 8
        (outcome,) = (program.outcome for program in session.results[0].programs)
        assert isinstance(outcome, Measured)
        changed = {factor.name: level for factor, level in document.grid.changes(variant)}
        for sample in outcome.samples:
            assert dict(sample.ledger) == {
                "pool": int(changed.get("SEQ_POOL_CAPACITY", 0)),
                "stack": int(changed.get("SEQ_STACK_SIZE", 0)),
            }
        assert dict(session.settings)["SEQ_REPORT"] == "1"
    # The same sources are built once with each compiler and each set of flags.
    assert len(world.calls("seqc build alpha.seq")) == len(world.calls("seqc build --loop-opt alpha.seq")) <= 2


@pytest.mark.whole
def test_tuning_with_runs_says_once_what_it_takes(world: World) -> None:
    world.add_right("alpha")
    tuned(world)
    told = [event.text for event in world.events if isinstance(event, Estimate | Phase)]
    (estimate,) = (text for text in told if "takes about" in text)
    phases = [text.partition(":")[0] for text in told[told.index(estimate) - 1 : told.index(estimate) + 2]]

    assert [phases[0], phases[-1]] == ["pilot", "screening"]


@pytest.mark.whole
def test_programs_of_all_combinations_are_built_before_the_pilot(world: World) -> None:
    # Each build of seqc is another compiler, so that no build of a program is that of another combination.
    cargo = (world.tools / "cargo").read_text()
    copied = 'cp "$compiler" "$root/bin/seqc"'
    assert copied in cargo
    world.tool("cargo", cargo.replace(copied, f'{copied} && echo "# $target" >>"$root/bin/seqc"'))
    world.add_right("alpha")
    built: list[int] = []

    def builds() -> int:
        return sum(log.read_text().count("seqc build") for log in world.cache.glob("seqc/*/bin/log"))

    def listen(event: Event) -> None:
        if isinstance(event, Phase) and event.text.startswith("pilot: "):
            built.append(builds())

    run.run(request(world, seqc="7.7.5"), margin=0.02, listen=listen, save=lambda _document: None)

    assert built == [4] == [builds()]


def test_where_nothing_helps_the_defaults_are_kept_and_nothing_is_confirmed(world: World) -> None:
    world.add_right("alpha")
    document = tuned(world)

    assert (document.chosen, document.confirmation) == (None, ())
    assert "recommendation: keep the defaults; no screened variant was faster" in full_text(document)


@pytest.mark.whole
def test_a_winner_of_the_screening_that_is_not_faster_in_fresh_rounds_is_not_recommended(world: World) -> None:
    # It takes half the time in its first nine runs, which are the two pilots and the rounds of the screening.
    lucky = script(
        'time=800000; n=0; file="$0.$SEQ_POOL_CAPACITY$SEQ_STACK_SIZE"; [ -e "$file" ] && read -r n <"$file"',
        'n=$((n + 1)); echo $n >"$file"',
        '[ "$SEQ_POOL_CAPACITY$SEQ_STACK_SIZE" = 1000 ] && [ $n -le 22 ] && time=400000',
        says(elapsed_ns="$time"),
    )
    world.add("alpha", seq=lucky)
    document = tuned(world)

    assert document.chosen is not None
    assert "SEQ_POOL_CAPACITY=1000" in document.grid.label(document.chosen)
    assert "was not confirmed as faster" in full_text(document)


def test_a_setting_that_a_program_fails_with_is_out_and_the_failure_is_shown(world: World) -> None:
    crash = '[ "$SEQ_STACK_SIZE" = 16384 ] && { echo stack overflow >&2; exit 3; }'
    world.add("alpha", seq=script(crash, paced(POOL_CAPACITY="1000")))
    document = tuned(world)

    assert not any("16384" in label for label in variants_of(document))
    assert [each.what for each in document.left_out if "failed" in each.reason] == ["SEQ_STACK_SIZE=16384"]
    text = full_text(document)
    assert "left out: SEQ_STACK_SIZE=16384: failed in alpha: exit status 3" in text
    assert "stack overflow" in text
    assert "recommendation: use SEQ_POOL_CAPACITY=1000" in text


@pytest.mark.whole
def test_a_combination_that_fails_in_a_later_round_is_out_and_the_others_go_on(world: World) -> None:
    crash = '[ "$SEQ_STACK_SIZE$SEQ_POOL_CAPACITY" = 163841000 ] && exit 3'
    world.add("alpha", seq=script(crash, paced(POOL_CAPACITY="1000")))
    text = full_text(tuned(world))

    assert re.search(
        r"^SEQ_STACK_SIZE=16384,SEQ_POOL_CAPACITY=1000 +failed in alpha: exit status 3$", text, re.MULTILINE
    )
    assert "recommendation: use SEQ_POOL_CAPACITY=1000\n" in text


@pytest.mark.whole
def test_a_benchmark_that_the_default_fails_in_is_left_and_the_others_are_tuned(world: World) -> None:
    world.add("alpha", seq=paced(POOL_CAPACITY="1000"))
    world.add("beta", seq=script('[ -z "$SEQ_STACK_SIZE" ] && exit 9', says()))
    document = tuned(world)

    assert document.default_failed()
    assert document.screening is not None
    assert [result.name for result in document.screening.sessions[0].results] == ["alpha"]
    assert re.search(r"^default; .*: beta, Seq: run failed: exit status 9$", full_text(document), re.MULTILINE)

    nothing = tuned(world, only="beta")
    assert (nothing.screening, nothing.chosen) == (None, None)
    assert "recommendation: none" in full_text(nothing)


@pytest.mark.whole
def test_a_flag_that_the_compiler_does_not_know_is_told_with_what_it_said_and_the_others_go_on(world: World) -> None:
    old = (
        (world.tools / "seqc")
        .read_text()
        .replace(
            "        -*) flags",
            "        --loop-opt) echo \"error: unexpected argument '$1' found\" >&2; exit 2 ;;\n        -*) flags",
        )
    )
    world.add("alpha", seq=paced(POOL_CAPACITY="1000"))
    document = tuned(world, seqc=str(world.tool("old-seqc", old)))

    told = {each.what: each for each in document.left_out}
    assert "unexpected argument '--loop-opt' found" in told["--loop-opt"].reason
    assert told["--loop-opt"].remedy
    # A compiler given by its path is built already.
    assert "cannot be set for a compiler that is already built" in told["diagnostics=off"].reason
    assert not any("--loop-opt" in label or "diagnostics" in label for label in variants_of(document))
    assert "recommendation: use SEQ_POOL_CAPACITY=1000" in full_text(document)
    assert "unexpected argument" in remarks(world)


@pytest.mark.whole
def test_a_compiler_that_cannot_be_built_without_diagnostics_is_told_and_the_others_go_on(world: World) -> None:
    cargo = (world.tools / "cargo").read_text()
    refuse = 'case $* in *report-json*) echo "error: no such feature" >&2; exit 101 ;; esac'
    world.tool("cargo", cargo.replace("command=$1\n", f"{refuse}\ncommand=$1\n"))
    world.add_right("alpha")
    document = tuned(world, seqc="7.7.5")

    (told,) = (each for each in document.left_out if each.what == "diagnostics=off")
    assert "error: no such feature" in told.reason


def test_a_default_that_cannot_be_had_ends_it(world: World) -> None:
    world.add_right("alpha")
    with pytest.raises(ToolchainError, match="no compiler at"):
        tuned(world, seqc="/nonexistent/seqc")


def test_what_makes_no_sense_is_refused_before_anything_is_done(world: World) -> None:
    world.add_right("alpha")
    world.add("beta", go=says())
    for flags, said in (
        ({"only": "alhpa"}, "did you mean 'alpha'?"),
        ({"only": "beta"}, "no Seq program to tune in beta"),
        ({"seqc": "7.7"}, "is not a complete version"),
        ({"size": "huge"}, "unknown size"),
    ):
        with pytest.raises(UsageError) as caught:
            tuned(world, **flags)
        assert said in f"{caught.value.message}; {caught.value.fix}"
    assert world.calls() == []


@pytest.mark.whole
def test_what_the_user_has_set_already_is_the_default(world: World) -> None:
    world.add("alpha", seq=paced(STACK_SIZE="131072"))
    world.environment |= {"SEQ_STACK_SIZE": "65536"}
    document = tuned(world, seqc=f"{world.tools / 'seqc'},--loop-opt,SEQ_POOL_CAPACITY=1000")

    assert [factor.levels[0] for factor in document.grid.factors] == ["65536", "1000", "on", "on"]
    assert document.chosen is not None
    assert document.grid.label(document.chosen) == "SEQ_STACK_SIZE=131072"
    assert document.grid.spec_text(document.spec, document.chosen).endswith(
        "seqc,--loop-opt,SEQ_POOL_CAPACITY=1000,SEQ_STACK_SIZE=131072"
    )


@pytest.mark.whole
def test_small_budget_screens_one_level_at_a_time_and_combines_the_sure_ones(world: World) -> None:
    world.add("alpha", seq=paced(POOL_CAPACITY="1000", STACK_SIZE="16384") + "sleep 0.05\n")
    document = run.run(
        request(world, budget="10s"),
        margin=0.02,
        listen=world.events.append,
        save=lambda _document: None,
    )

    assert not document.is_whole
    assert document.whole_needs_s > 10
    assert all(label.count("=") + label.count("--") <= 1 for label in variants_of(document))
    assert re.search(r"combinations need --budget \w+: screening one level at a time", remarks(world))
    assert document.chosen is not None
    assert document.grid.label(document.chosen) == "SEQ_STACK_SIZE=16384,SEQ_POOL_CAPACITY=1000"
    assert document.screening is not None
    assert samples(document.screening.sessions[0], "alpha") >= 6
    assert "recommendation: use SEQ_STACK_SIZE=16384,SEQ_POOL_CAPACITY=1000" in full_text(document)


@pytest.mark.whole
def test_short_budget_screens_the_fastest_levels_of_the_pilot_and_shows_the_time_of_the_whole_tuning(
    world: World,
) -> None:
    world.add("alpha", seq=paced(POOL_CAPACITY="1000") + "sleep 0.2\n")
    document = tuned(world, budget="10s")
    waited = [event for event in world.events if isinstance(event, Measuring)]
    left = [event.remaining_s for event in waited if event.remaining_s is not None]

    assert 2 <= len(variants_of(document)) < len(document.grid.one_at_a_time())
    assert variants_of(document)[:2] == ["default", "SEQ_POOL_CAPACITY=1000"]
    assert re.search(r"levels one at a time --budget \w+: screening the \d levels that were fastest", remarks(world))
    assert "fastest in the pilot" in full_text(document)
    assert len(left) == len(waited)
    assert left == sorted(left, reverse=True)
    assert [event.fraction_done for event in waited] == sorted(event.fraction_done for event in waited)


def test_budget_of_a_tuning_that_holds_no_round_is_refused_with_one_that_does(world: World) -> None:
    world.add("alpha", seq=paced(POOL_CAPACITY="1000", STACK_SIZE="16384"))
    with pytest.raises(BudgetError) as caught:
        run.run(request(world, budget="1ms"), margin=0.02, listen=world.events.append, save=lambda _document: None)
    assert re.fullmatch(r"use --budget \d+[sm] or more", caught.value.fix)


@pytest.mark.whole
def test_what_is_confirmed_has_the_sizes_that_were_screened(world: World) -> None:
    # At every size there is work enough, so that a comparison would take the smallest.
    world.add("alpha", seq=script("sleep 0.022", says("$1", 21_000_000)), toml=MANIFEST.format(name="alpha"))
    given = request(world)
    specs = {"base": given.spec, "head": given.spec}
    size = Size(parameters=(("messages", 100),), is_full=False, label="100 messages", full_label="1,000")
    with prepared_to_compare(given, specs, world.events.append) as ready:
        base, head = ready.sides
        sessions = measure_at_sizes(
            ready, (base, head), {"alpha": size}, listen=world.events.append, save=lambda _sessions: None
        )

    assert [session.results[0].parameters for session in sessions] == [(("messages", 100),)] * 2


# --- invoke tune


def invoked(world: World, *words: str) -> Said:
    return world.task("tune", "--budget", "8s", "--seed", "5", *words)


@pytest.mark.whole
@pytest.mark.whole
def test_the_task_shows_keeps_and_writes_json(world: World) -> None:
    world.add("alpha", seq=paced(POOL_CAPACITY="1000"), toml=MANIFEST.format(name="alpha").replace('"messages"', "42"))
    said = invoked(world, "--json", "-")

    assert said.code == 0, said.err
    document = load_tune(world.results / "tune-5.json")
    assert (document.seed, document.size, document.budget_s) == (5, "reduced", 8.0)
    assert json.loads(said.out)["schema"] == "seqbench/tune"
    assert said.out == (world.results / "tune-5.json").read_text()
    assert "recommendation: use SEQ_POOL_CAPACITY=1000" in said.err
    assert "kept in results/tune-5.json" in said.err
    assert document.screening is not None
    assert document.screening.sessions[0].results[0].parameters == (("messages", 100),)


def test_a_default_that_fails_exits_with_4_and_the_rest_is_told(world: World) -> None:
    world.add("alpha", seq=says() + "# COMPILE ERROR\n")
    said = invoked(world)

    assert said.code == 4
    assert "Undefined word 'nosuchword'" in said.out


def test_an_interrupt_keeps_every_stage_so_far_and_exits_with_130(world: World) -> None:
    # The default, four levels and more in the pilot; then the screening.
    world.add("alpha", seq=on_run(30, hangs(), says()))
    with world.stopped():
        said = invoked(world)

    assert said.code == 130
    assert "Traceback" not in said.out + said.err
    assert "kept in results/tune-5.json" in said.err
    document = load_tune(world.results / "tune-5.json")
    assert document.pilot is not None
    assert {session.state for session in document.pilot.sessions} == {State.COMPLETE}
    assert document.screening is not None
    assert {session.state for session in document.screening.sessions} == {State.INTERRUPTED}
    assert "recommendation: none, because the tuning is not complete" in full_text(document)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--only", "alhpa"), "did you mean 'alpha'?"),
        (("--size", "huge"), "unknown size"),
        (("--budget", "soon"), "is not a duration"),
        (("--seqc", "7.7"), "is not a complete version"),
        (("--json", "tasks.py/x.json"), "cannot be written"),
    ],
)
def test_a_usage_error_exits_with_2(world: World, words: tuple[str, ...], said: str) -> None:
    world.add_right("alpha")
    found = world.task("tune", *words)

    assert found.code == 2
    assert f"{said}" in found.err
    assert "fix: " in found.err
    assert world.calls() == []


def test_the_budget_of_the_configuration_holds(world: World) -> None:
    (world.project / "pyproject.toml").write_text("[tool.seqbench]\ntune-budget = 'soon'\n")
    said = world.task("tune")
    assert said.code == 2
    assert "'soon' is not a duration" in said.err
