import re
import signal

import pytest

from seqbench.errors import UsageError
from seqbench.events import Phase, Remark
from seqbench.experiments.explain import report, run
from seqbench.experiments.explain.document import Explanation
from seqbench.sessions.session import Failed, Measured, Outcome
from seqbench.system.process import interruptible
from tests.support.traced import MANIFEST, REFUSAL, REPORTS, a_strace, works
from tests.support.world import World, hangs, on_run, script

CARGO = """\
#!/bin/sh
# Builds a program of the suite's Cargo project: its source is a script that plays it.
case $1 in --version) echo "cargo 1.95.0 (fake)"; exit ;; esac
while [ $# -gt 0 ]; do
    case $1 in
    --manifest-path) folder=${2%/*}; shift 2 ;;
    --bin) name=${2%-may}; shift 2 ;;
    *) shift ;;
    esac
done
case $(cat "$folder/$name/$name.may.rs") in *'COMPILE ERROR'*) echo 'error[E0425]: cannot find it' >&2; exit 101 ;; esac
mkdir -p "$CARGO_TARGET_DIR/release"
install -m 755 "$folder/$name/$name.may.rs" "$CARGO_TARGET_DIR/release/$name-may"
"""


def with_may(world: World, name: str, source: str) -> None:
    """Put a program of the third runtime beside the others, with all that it is built with."""
    (world.suite / "Cargo.toml").write_text("")
    (world.suite / "Cargo.lock").write_text('[[package]]\nname = "may"\nversion = "0.3.51"\n')
    world.tool("cargo", CARGO)
    world.add(name, may_rs=source)


@pytest.fixture
def traced(world: World) -> World:
    """A world with a benchmark of which everything can be told."""
    a_strace(world)
    world.add("alpha", seq=works(1_000, REPORTS), go=works(500), toml=MANIFEST.format(name="alpha"))
    return world


def explained(world: World, **flags: str) -> Explanation:
    """Explain in this process; six rounds, the least with intervals."""
    world.events.clear()
    given = {"runs": "6", "size": "reduced", "runtimes": "seq,go,may", **flags}
    return run.run(world.request(**given), listen=world.events.append)


def outcome(explanation: Explanation, runtime: str) -> Outcome:
    program = explanation.large.results[0].program(runtime, "")
    assert program is not None
    return program.outcome


def test_programs_are_measured_at_two_sizes_that_differ_in_what_scales_alone(traced: World) -> None:
    explanation = explained(traced)

    assert explanation.small.results[0].parameters == (("actors", 7), ("messages", 10))
    assert explanation.large.results[0].parameters == (("actors", 7), ("messages", 100))
    for session in (explanation.small, explanation.large):
        found = session.results[0].programs[0].outcome
        assert isinstance(found, Measured)
        assert len(found.samples) == 6


def test_it_finds_what_the_programs_were_made_to_cost(traced: World) -> None:
    with_may(traced, "alpha", works(800))
    text = report.full_text(explained(traced))

    assert re.search(r"The alpha, Seq +message \(of 90\) +1\.00 us \[1\.00 us, 1\.00 us\]", text)
    assert re.search(
        r"The alpha, Go +message \(of 90\) +(500 ns \[500 ns, 500 ns\]|0\.500 us \[0\.500 us, 0\.500 us\])", text
    )
    assert re.search(r"The alpha, Seq +300 +2\.00 per message +write 200 \(2\.00\), mmap 100", text)
    assert re.search(r"The alpha, Seq +8 \(8 expected\) +101 \(101 expected\) +2 +1 +agree", text)
    assert (
        "60 % [60 %, 60 %] of the gap comes from May, 40 % [40 %, 40 %] from Seq itself: May causes most of it" in text
    )


def test_it_asks_and_traces_after_all_timed_runs_and_never_in_one(traced: World) -> None:
    # A run under strace or with a report would leave its mark.
    marks = 'echo "${SEQ_REPORT-timed}" >>"$HOME/runs"'
    traced.add("alpha", seq=works(1_000, marks, REPORTS))
    explained(traced, runtimes="seq")

    # Seven at each size with the pilot, then one that was asked and two that were traced.
    assert (traced.home / "runs").read_text().split() == ["timed"] * 14 + ["json"] + ["timed"] * 2


def test_the_accounts_are_of_both_sizes_and_of_every_program_that_was_measured(traced: World) -> None:
    traced.add("alpha", quick_go=works(300))
    explanation = explained(traced)

    assert [(a.runtime, a.variant, dict(a.parameters)["messages"]) for a in explanation.calls] == [
        ("seq", "", 10),
        ("go", "", 10),
        ("go", "quick", 10),
        ("seq", "", 100),
        ("go", "", 100),
        ("go", "quick", 100),
    ]
    assert [(a.runtime, a.agrees()) for a in explanation.reports] == [("seq", True)]


def test_without_strace_everything_else_is_told_and_how_to_get_it(traced: World) -> None:
    explained(traced)
    # Everything is built by now, and takes nothing from PATH.
    (traced.tools / "strace").unlink()
    traced.environment["PATH"] = str(traced.tools)
    explanation = explained(traced)
    text = report.full_text(explanation)

    assert explanation.calls == ()
    assert "System calls were not counted: strace is not on PATH; fix: install strace" in text
    assert re.search(r"The alpha, Seq +message \(of 90\) +1\.00 us", text)
    assert "agree" in text


def test_without_the_right_to_trace_the_words_of_the_system_are_told_once_and_it_goes_on(traced: World) -> None:
    traced.tool("strace", script('echo x >>"$HOME/tries"', f'echo "{REFUSAL[-1]}" >&2', "exit 1"))
    explanation = explained(traced)

    assert explanation.calls == ()
    assert explanation.no_calls.startswith(f"no permission to trace: {REFUSAL[-1]}; fix: ")
    assert (traced.home / "tries").read_text() == "x\n"
    assert [event for event in traced.events if isinstance(event, Remark)]
    assert "Findings:" in report.full_text(explanation)


def test_a_strace_that_writes_nonsense_is_named_for_each_program(traced: World) -> None:
    traced.tool("strace", script('table=$4; shift 4; "$@"; echo nonsense >"$table"'))
    explanation = explained(traced)

    assert {instrumented.problem for instrumented in explanation.calls} == {
        "the table of strace cannot be read: it ends with 'nonsense'"
    }
    assert "the table of strace cannot be read" in report.full_text(explanation)


@pytest.mark.whole
def test_a_program_that_hangs_when_it_is_traced_costs_no_more_than_what_is_left_of_the_budget(traced: World) -> None:
    traced.tool("strace", script("exec sleep 300"))
    asked = traced.request(budget="2s", runtimes="seq,go", size="full")
    problems = [instrumented.problem for instrumented in run.run(asked, listen=traced.events.append).calls]

    assert problems[0] == "run failed: timed out"
    assert problems[-1] == "not run: the budget is used up; --budget 5s gives instrumented runs twice the time"


def test_a_runtime_that_says_nothing_of_itself_is_told_with_what_it_takes(traced: World) -> None:
    traced.add("alpha", seq=works(1_000))
    text = report.full_text(explained(traced))

    assert "the runtime reported nothing: only a runtime with diagnostics=on reports" in text
    assert "DISAGREE" not in text


def test_a_report_that_disagrees_is_shown_with_both_figures(traced: World) -> None:
    traced.add("alpha", seq=works(1_000, REPORTS.replace("$(($2 + 1)) $(($2 + 1))", "$(($2 + 1)) $2")))
    text = report.full_text(explained(traced))

    assert re.search(r"101/100 \(101 expected\) +2 +1 +DISAGREE", text)


@pytest.mark.parametrize("why", ["no sources", "no project", "does not compile"])
def test_a_library_that_is_missing_is_said_once_and_the_others_go_on(traced: World, why: str) -> None:
    if why == "does not compile":
        with_may(traced, "alpha", works(1) + "# COMPILE ERROR\n")
    elif why == "no project":
        traced.add("alpha", may_rs=works(1))
    explanation = explained(traced)
    text = report.full_text(explanation)

    reason = {
        "no sources": "alpha has no program for it",
        "no project": "alpha: failed: no compiler",
        "does not compile": "alpha: failed: does not compile",
    }[why]
    assert (
        text.count(f"the gap could not be attributed for every benchmark, because May was not measured: {reason}") == 1
    )
    assert "of the gap is there" not in text
    assert re.search(r"The alpha, Seq +message \(of 90\) +1\.00 us", text)
    assert explanation.has_failures() == (why != "no sources")


def test_a_runtime_that_was_not_asked_for_is_said_to_be(traced: World) -> None:
    text = report.full_text(explained(traced, runtimes="seq,go"))

    assert "the gap could not be attributed: may was not run; fix: add it to --runtimes" in text


def test_a_program_that_fails_is_shown_and_neither_traced_nor_asked(traced: World) -> None:
    traced.add("alpha", seq=script("exit 3"))
    explanation = explained(traced)
    text = report.full_text(explanation)

    assert isinstance(outcome(explanation, "seq"), Failed)
    assert explanation.has_failures()
    assert {instrumented.runtime for instrumented in explanation.calls} == {"go"}
    assert explanation.reports == ()
    assert re.search(r"The alpha, Seq +failed: exit status 3", text)
    assert re.search(r"The alpha, Go +message \(of 90\) +(500 ns|0\.500 us)", text)


def test_one_size_alone_says_that_there_is_no_difference_to_tell(traced: World) -> None:
    text = report.full_text(explained(traced, size="10"))

    assert "Unit costs could not be computed" in text


def test_what_it_is_doing_is_told(traced: World) -> None:
    explained(traced)
    phases = [event.text for event in traced.events if isinstance(event, Phase)]

    assert [phase.partition(" ")[0] for phase in phases] == ["measuring", "measuring", "collecting", "counting"]


def test_an_interrupt_while_it_traces_ends_the_program(traced: World) -> None:
    # Seven runs at each size, one that is asked, and then the first that is traced.
    traced.add("alpha", seq=on_run(16, hangs(), works(1_000)))

    with traced.stopped(signal.SIGINT), pytest.raises(KeyboardInterrupt), interruptible():
        explained(traced, runtimes="seq")


@pytest.mark.parametrize("flags", [{"only": "alhpa"}, {"runtimes": "sec"}, {"size": "huge"}])
def test_what_makes_no_sense_is_refused_before_anything_is_done(traced: World, flags: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        explained(traced, **flags)
    assert traced.calls() == []


def test_how_the_time_was_spent_is_the_last_line(traced: World) -> None:
    explanation = explained(traced)
    last = report.full_text(explanation).splitlines()[-1]

    assert re.fullmatch(
        r"\d+ s in all: [\d.]+ s in timed runs, [\d.]+ s in instrumented runs, "
        r"[\d.]+ s finding tools and building, [\d.]+ s in the harness",
        last,
    )
    assert 0 < explanation.watched_ns < explanation.wall_ns
