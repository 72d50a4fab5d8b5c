import re
import subprocess
from dataclasses import replace

import pytest

from seqbench.bench import run
from seqbench.bench.plan import Pilot
from seqbench.errors import BudgetError, ExitCode, UsageError
from seqbench.events import Detail, Estimate, Measuring, Remark
from seqbench.sessions import report
from seqbench.sessions.session import Failed, Session, Skipped, Stage, State
from seqbench.sessions.table_notes import meaning
from tests.support.outcomes import RATIO, outcome, row, samples
from tests.support.world import MANIFEST, World, hangs, is_gone, on_run, says, script, until


def failed(session: Session, benchmark: str, runtime: str) -> Failed:
    found = outcome(session, benchmark, runtime)
    assert isinstance(found, Failed)
    return found


def assert_refused(world: World, **flags: str) -> UsageError:
    """Make sure that these flags are refused before anything is built, run or written; return the error."""
    with pytest.raises(UsageError) as caught:
        world.bench(**flags)
    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.fix
    assert (world.calls(), world.saved, world.results.exists()) == ([], [], False)
    return caught.value


def test_every_program_of_every_benchmark_is_measured_in_every_round(world: World) -> None:
    world.add_right("alpha", "beta")
    world.add("beta", quick_go=says(elapsed_ns=300_000))
    session = world.bench(runs="3")

    assert session.state is State.COMPLETE
    assert [result.name for result in session.results] == ["alpha", "beta"]
    for benchmark, runtime, variant in (("alpha", "seq", ""), ("alpha", "go", ""), ("beta", "go", "quick")):
        found = samples(session, benchmark, runtime, variant)
        assert [sample.round_number for sample in found] == [1, 2, 3]
        assert all(sample.result == 42 for sample in found)
    assert session.failures() == ()
    assert session.missing() == ()
    assert session.suite == ("alpha", "beta")
    assert row(report.headline(session), "Alpha").split() == ["Alpha", "0.8ms", "0.4ms", "2.0x", "Excellent?"]


def test_a_second_run_calls_no_compiler(world: World) -> None:
    world.add_right("alpha", "beta")
    world.bench()
    calls = world.calls()
    world.bench()

    assert world.calls() == calls
    assert len(calls) == 6


def test_a_changed_source_is_built_again_and_no_other(world: World) -> None:
    world.add_right("alpha", "beta")
    world.bench()
    (world.tools / "log").unlink()
    world.add("beta", go=says(elapsed_ns=500_000))
    session = world.bench()

    assert [call.split()[:3] for call in world.calls()] == [["go", "build", "beta.go"]]
    assert samples(session, "beta", "go")[0].elapsed_ns == 500_000


def test_only_what_was_asked_for_is_built_and_run_and_the_rest_is_said_to_be_missing(world: World) -> None:
    world.add_right("alpha", "beta", "gamma")
    session = world.bench(only="gamma,alpha", runtimes="go")

    assert [result.name for result in session.results] == ["alpha", "gamma"]
    assert session.missing() == ("beta",)
    assert not session.is_every_runtime
    assert sorted(call.split(" TMPDIR")[0] for call in world.calls()) == ["go build alpha.go", "go build gamma.go"]
    assert "not run (not chosen): beta" in meaning(session)
    assert "beta" not in report.headline(session)


def test_another_suite_is_measured_and_is_not_the_default_one(world: World) -> None:
    world.add_right("alpha")
    world.suite.rename(world.root / "other")
    session = world.bench(suite=str(world.root / "other"))

    assert [result.name for result in session.results] == ["alpha"]
    assert not session.is_default_suite


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"only": "alhpa"}, "--only: no benchmark named 'alhpa'; did you mean 'alpha'?"),
        ({"only": "alpha,zzz"}, "--only: no benchmark named 'zzz'; use one of: alpha, skynet"),
        ({"runtimes": "sec"}, "--runtimes: no runtime named 'sec'; did you mean 'seq'?"),
        ({"size": "huge"}, "--size huge: unknown size"),
        ({"size": "0"}, "--size 0: unknown size"),
        ({"size": "20000"}, "skynet: leaves = 20,000 is not a power of 10"),
        ({"runs": "0"}, "--runs: '0' is not a whole number above zero"),
        ({"runs": "-3"}, "--runs: '-3' is not a whole number above zero"),
        ({"budget": "soon"}, "--budget: 'soon' is not a duration"),
        ({"timeout": "0s"}, "--timeout: '0s' is not a duration"),
        ({"seed": "x"}, "--seed 'x' is not a whole number"),
        ({"seqc": "7.7"}, "'7.7' is not a complete version"),
        ({"suite": "/nonexistent/suite"}, "no benchmark in /nonexistent/suite"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_done(world: World, flags: dict[str, str], said: str) -> None:
    world.add_right("alpha")
    world.add(
        "skynet", seq=says(), go=says(), toml="[parameters.leaves]\nfull=100\nquick=10\nscales=true\npower-of=10\n"
    )

    error = assert_refused(world, **flags)
    assert said in f"{error.message}; {error.fix}"


def test_a_broken_manifest_is_refused_before_anything_is_done(world: World) -> None:
    world.add_right("alpha")
    folder = world.add("beta", seq=says(), toml="title = 3\n")

    assert assert_refused(world).message.startswith(f"{folder / 'benchmark.toml'}:1: ")


def test_size_that_does_not_fit_is_refused_if_asked_for_and_else_scaled_down(
    world: World,
) -> None:
    needs = '[needs]\nlive-strands = "1_000_000_000_000_000 * messages // 10"\n'
    world.add("alpha", seq=says("$1"), go=says("$1"), toml=MANIFEST.format(name="A") + needs)

    error = assert_refused(world, size="full")
    assert "alpha: 1,000 messages do not fit this machine" in error.message
    assert "needs" in error.message

    session = world.bench()
    assert not session.results[0].is_full
    assert session.results[0].parameters == (("messages", 1),)
    assert "The alpha" not in report.headline(session)
    assert "full is 1,000" in "\n".join(meaning(session))


def test_a_source_that_does_not_compile_is_shown_and_everything_else_is_measured(world: World) -> None:
    world.add_right("alpha", "gamma")
    world.add("beta", seq=says() + "# COMPILE ERROR\n", go=says())
    session = world.bench()

    problem = failed(session, "beta", "seq")
    assert problem.stage is Stage.BUILD
    assert "Undefined word 'nosuchword'" in report.full_text(session)
    assert f"{world.suite / 'beta' / 'beta.seq'}:3: " in report.full_text(session)
    assert row(report.headline(session), "Beta").split()[-1] == "-"
    assert not RATIO.search(row(report.headline(session), "Beta"))
    assert len(samples(session, "beta", "go")) == 2
    for name in ("alpha", "gamma"):
        assert len(samples(session, name, "seq")) == len(samples(session, name, "go")) == 2
    assert RATIO.search(row(report.headline(session), "Alpha"))


def test_when_nothing_compiles_there_is_a_session_that_says_so(world: World) -> None:
    world.add("alpha", seq="# COMPILE ERROR\n", go="# COMPILE ERROR\n")
    session = world.bench()

    assert session.state is State.COMPLETE
    assert len(session.failures()) == 2
    assert not RATIO.search(report.headline(session))


BAD_PROGRAMS = {
    "crashes": (script("ulimit -c 0; kill -SEGV $$"), "killed by SIGSEGV"),
    "aborts": (script("ulimit -c 0; kill -ABRT $$"), "killed by SIGABRT"),
    "prints nothing": (script(), "printed nothing"),
    "prints garbage": (script("printf '\\377\\376garbage'"), "output is not UTF-8"),
    "prints half its lines": (script("echo result: 1000"), "elapsed_ns is missing"),
    "prints a wrong result": (says(999, messages=1000), "wrong result"),
    "prints a wrong ledger": (says(1000, messages=999), "wrong ledger"),
    "prints no ledger": (says(1000), "wrong ledger"),
    "has a clock that says 0": (says(1000, elapsed_ns=0, messages=1000), "clock of zero or less"),
    "has a clock that says an hour": (says(1000, elapsed_ns=3_600_000_000_000, messages=1000), "clock ahead"),
    "floods its output": (script("exec yes"), "too much output"),
    "fails in a later round": (on_run(3, says(999), says(1000, messages=1000)), "wrong result"),
}


@pytest.fixture(scope="module")
def bad_session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A session of a benchmark for each of the bad programs, in Seq; Go does it right."""
    world = World(tmp_path_factory.mktemp("bad"))
    for name, (source, _) in BAD_PROGRAMS.items():
        folder = name.replace(" ", "-")
        manifest = MANIFEST.format(name=name) + '[expect.ledger]\nmessages = "messages"\n'
        world.add(folder, seq=source, go=says(1000, messages=1000), toml=manifest)
    world.add_right("good")
    return world.bench(runs="2")


@pytest.mark.parametrize(("name", "reason"), [(name, reason) for name, (_, reason) in BAD_PROGRAMS.items()])
def test_a_program_that_fails_has_neither_time_nor_ratio_and_the_others_go_on(
    bad_session: Session, name: str, reason: str
) -> None:
    folder, title = name.replace(" ", "-"), f"The {name}"

    assert failed(bad_session, folder, "seq").reason == reason
    line = row(report.headline(bad_session), f"{title} ")
    assert f"failed: {reason}" in line
    assert "Excellent" not in line
    # The one time in the row is Go's.
    assert re.findall(r"[\d.]+ms", line) == ["0.4ms"]
    for text in (report.headline(bad_session), report.full_text(bad_session), report.markdown(bad_session)):
        assert not [line for line in text.splitlines() if title in line and RATIO.search(line)]
    assert len(samples(bad_session, folder, "go")) == len(samples(bad_session, "good", "seq")) == 2
    assert RATIO.search(row(report.headline(bad_session), "Good"))


def test_two_programs_that_disagree_have_neither_times_nor_ratio(world: World) -> None:
    world.add("alpha", seq=says(42), go=says(43))
    session = world.bench()

    assert {failed(session, "alpha", name).reason for name in ("seq", "go")} == {"programs disagree on result"}
    assert not re.search(r"\d", row(report.headline(session), "Alpha"))
    assert "seq 42, go 43" in report.full_text(session)


def test_a_program_that_hangs_is_killed_with_its_grandchild_and_the_others_go_on(world: World) -> None:
    world.add("alpha", seq=hangs(), go=says())
    world.add_right("beta")
    session = world.bench(timeout="500ms", runs="1")

    assert failed(session, "alpha", "seq").reason == "timed out"
    assert len(samples(session, "alpha", "go")) == len(samples(session, "beta", "seq")) == 1
    for pid in world.pids():
        until(lambda pid=pid: is_gone(pid), f"process {pid} is gone")  # type: ignore[misc]


def test_the_timeout_of_the_manifest_holds_where_no_flag_says_otherwise(world: World) -> None:
    world.add("alpha", seq=hangs(), toml='timeout = "50ms"\n')
    session = world.bench(runtimes="seq", runs="1")

    assert failed(session, "alpha", "seq").reason == "timed out"


def test_a_hundred_megabytes_of_output_do_not_fill_the_memory_or_the_session(world: World) -> None:
    world.add("alpha", seq=script("yes aaaaaaaaaaaaaaaaaaaaaaaa | head -c 100000000", says()), go=says())
    session = world.bench(runs="1")

    problem = failed(session, "alpha", "seq")
    assert problem.reason == "too much output"
    assert len(problem.detail) < 10_000


def test_what_a_failed_program_said_last_is_shown(world: World) -> None:
    world.add("alpha", seq=script("echo first >&2", "echo failed to alloc sys stack >&2", "exit 1"), go=says())
    text = report.full_text(world.bench(runs="1"))

    assert "alpha, Seq: run failed: exit status 1" in text
    assert "failed to alloc sys stack" in text


def test_a_benchmark_that_one_runtime_has_no_program_for_has_no_ratio(world: World) -> None:
    world.add("alpha", seq=says())
    session = world.bench(runtimes="seq,go")

    assert session.failures() == ()
    assert row(report.headline(session), "Alpha").split() == ["Alpha", "0.4ms", "no", "program", "-"]


# The full size is a thousand times as large as the other one, so that it probably takes seconds.
_GROWING = MANIFEST.replace("quick = 10", "quick = 1\npower-of = 1000\nunit = 'messages'")


def test_budget_makes_a_benchmark_smaller_before_it_takes_rounds_and_names_the_flag_for_more(world: World) -> None:
    source = says("$1", elapsed_ns=900_000)
    world.add("alpha", seq=source, go=source, toml=_GROWING.format(name="alpha"))
    session = world.bench(budget="5s")

    (result,) = session.results
    assert not result.is_full
    assert result.parameters == (("messages", 1),)
    assert result.rounds == 30
    (note,) = result.reduced
    assert re.fullmatch(r"1,000 messages do not fit into the budget; --budget \d+[sm] is enough", note)
    assert f"alpha: {note}" in report.full_text(session)


def test_plain_bench_is_not_made_smaller_and_says_first_what_it_takes(world: World) -> None:
    source = says("$1", elapsed_ns=900_000)
    world.add("alpha", seq=source, go=source, toml=_GROWING.format(name="alpha"))
    request = replace(world.request(), runs=None, budget_s=0.001)
    session = run.bench(request, listen=world.events.append, save=world.saved.append)

    assert not session.keeps_budget
    assert (session.results[0].is_full, session.results[0].rounds) == (True, 6)
    assert session.results[0].reduced == ()
    kinds = [type(event) for event in world.events if not isinstance(event, Detail)]
    first = kinds.index(Estimate)
    # After one run of each program at the smallest size.
    assert kinds[:first] == [Measuring, Measuring]
    # It takes far less than the programs' clocks made believe.
    assert kinds.count(Estimate) == 2


def test_size_that_was_asked_for_is_not_made_smaller_by_a_budget(world: World) -> None:
    source = says("$1", elapsed_ns=900_000)
    world.add("alpha", seq=source, go=source, toml=_GROWING.format(name="alpha"))
    world.add_right("beta")
    session = world.bench(budget="3s", size="full")

    alpha, beta = session.results
    assert isinstance(outcome(session, "alpha", "seq"), Skipped)
    assert dict(alpha.parameters)["messages"] == 1_000
    assert session.left_out() == ("alpha",)
    assert beta.rounds == 30
    assert re.search(
        r"alpha: not run: does not fit into the budget; --budget \d+[sm] is enough", report.full_text(session)
    )


def test_budget_without_a_single_round_is_refused_with_the_least_that_holds_one(world: World) -> None:
    world.add_right("alpha", "beta")
    with pytest.raises(BudgetError) as caught:
        world.bench(budget="1ms")

    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.message == "a budget of 0.001 s is too short for every benchmark"
    assert caught.value.fix == "use --budget 5s or more"
    assert world.saved == []


def test_few_rounds_are_marked_and_the_budget_for_an_interval_is_named(world: World) -> None:
    request = world.request(budget="10s")
    pilots = [Pilot(cost_ns=2e9), Pilot(cost_ns=0.5e9)]
    alpha, beta = run._planned(pilots, 9.5e9, request=request)

    assert 1 <= alpha.rounds < 6 <= beta.rounds
    assert 2e9 * alpha.rounds + 0.5e9 * beta.rounds <= 9.5e9
    assert beta.needs_s is None
    assert alpha.needs_s is not None
    again = run._planned(pilots, alpha.needs_s * 1e9 - 0.5e9, request=replace(request, budget_s=alpha.needs_s))
    assert all(plan.rounds >= 6 for plan in again)


@pytest.mark.whole
def test_work_of_others_during_the_rounds_is_counted_and_said(world: World) -> None:
    works = script("i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done", says(elapsed_ns=1_000_000))
    world.add("alpha", seq=works, go=works)
    with subprocess.Popen(["/bin/sh", "-c", "while :; do :; done"]) as other:
        try:
            session = world.bench(runs="6")
        finally:
            other.kill()

    assert all(sample.window_ns > 0 for sample in samples(session, "alpha", "seq"))
    assert re.search(r"other processes used \d+ % of the CPUs in \d of \d rounds", report.full_text(session))


def test_floor_of_the_peak_memory_without_a_c_compiler_is_said_once(world: World) -> None:
    world.add_right("alpha", "beta")
    (world.cache / "launcher").unlink()
    world.environment["CC"] = "no-such-compiler"
    session = world.bench(runs="1")

    (remark,) = [event.text for event in world.events if isinstance(event, Remark)]
    assert remark.startswith("programs are started by a Python script, because there is no C compiler: ")
    assert all(sample.max_rss_floor_bytes > 1 << 20 for sample in samples(session, "alpha", "seq"))
    text = report.full_text(session)
    assert text.count("<: an upper bound of the peak memory") == 1
    assert "< " in row(report.costs(session), "Alpha, Seq")
