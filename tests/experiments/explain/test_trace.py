from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.bench.build import Executable
from seqbench.bench.check import Expected
from seqbench.bench.programs import Candidate
from seqbench.experiments.explain import trace
from seqbench.experiments.explain.document import InstrumentedRun
from seqbench.runtimes.base import SelfReport
from seqbench.runtimes.registry import RUNTIMES
from tests.support.strategies import a_benchmark
from tests.support.traced import REFUSAL
from tests.support.world import World, hangs, is_gone, says, script, until

# As strace 6.1 writes it.
TABLE = """\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ------------------
 33.33    0.022046         272        81        24 futex
 28.29    0.018710           1     11244           mprotect
  0.00    0.000000           0         1           rseq
------ ----------- ----------- --------- --------- ------------------
100.00    0.066135           2     11326        24 total
"""
PARAMETERS = (("messages", 1_000),)
LEDGER = {"tasks": 2, "messages": 1_000}
REPORT = (
    '{"strands_spawned":3,"strands_completed":3,"peak_strands":3,'
    '"messages_sent":1002,"messages_received":1002,"worker_threads":2}'
)
HOW = next(runtime.report for runtime in RUNTIMES if runtime.report is not None)


def candidate(world: World, source: str) -> Candidate:
    """Build a program that is ready to run with an argument of 1,000."""
    path = world.root / "program"
    path.write_text(source)
    path.chmod(0o755)
    return Candidate(
        name="seq",
        program=a_benchmark().programs[0],
        executable=Executable(path=path, digest=""),
        arguments=("1000",),
        environment={"PATH": world.environment["PATH"], "HOME": str(world.home)},
        expected=Expected(
            result=42, ledger=tuple(LEDGER.items()), startup_ns=0, timeout_s=300.0, output_limit_bytes=1 << 20
        ),
    )


def a_strace(world: World, *then: str) -> Path:
    """Put a strace on PATH that runs the program and then does this; `$table` is where its table belongs."""
    return world.tool("strace", script('echo "$*" >"$HOME/arguments"; table=$4; shift 4; "$@"; code=$?', *then))


def writing(text: str) -> str:
    return f"cat >\"$table\" <<'END'\n{text}\nEND"


def counted(world: World, source: str, strace: Path, timeout_s: float = 300.0) -> InstrumentedRun:
    return trace.count_system_calls(
        candidate(world, source), PARAMETERS, strace, directory=world.root, timeout_s=timeout_s
    )


def asked(world: World, source: str, *, control_messages: int | None = 2, how: SelfReport = HOW) -> InstrumentedRun:
    return trace.run_with_report(
        candidate(world, source),
        PARAMETERS,
        how,
        control_messages=control_messages,
        directory=world.root,
        timeout_s=300.0,
    )


def test_system_calls_are_counted_by_name_with_the_work_that_was_done(world: World) -> None:
    instrumented = counted(world, says(**LEDGER), a_strace(world, writing(TABLE), "exit $code"))

    assert instrumented.problem == ""
    assert instrumented.figures == (("mprotect", 11_244), ("futex", 81), ("rseq", 1))
    assert instrumented.ledger == tuple(LEDGER.items())
    assert instrumented.parameters == PARAMETERS
    assert (instrumented.benchmark, instrumented.runtime, instrumented.variant) == ("skynet", "seq", "")
    assert instrumented.wall_ns > 0


def test_the_program_and_its_children_are_traced_with_its_arguments(world: World) -> None:
    counted(world, says(**LEDGER), a_strace(world, writing(TABLE)))
    options, _, command = (world.home / "arguments").read_text().partition(f"{world.root / 'strace.txt'} ")

    assert options == "-f -c -o "
    assert command == f"{world.root / 'program'} 1000\n"


def test_a_clock_that_tracing_holds_up_is_no_failure(world: World) -> None:
    # Its own clock says 0.4 ms, and no start-up is allowed for.
    instrumented = counted(world, script("sleep 0.3", says(**LEDGER)), a_strace(world, writing(TABLE)))

    assert instrumented.problem == ""


def test_where_nothing_may_be_traced_the_words_of_the_system_are_told(world: World) -> None:
    strace = world.tool("strace", script(*(f'echo "{line}" >&2' for line in REFUSAL), "exit 1"))

    with pytest.raises(trace.TracingRefusedError) as caught:
        counted(world, says(**LEDGER), strace)
    assert str(caught.value) == REFUSAL[-1]


def test_a_warning_of_a_strace_that_does_its_work_is_no_refusal(world: World) -> None:
    strace = a_strace(world, 'echo "strace: ptrace is slow today" >&2', writing(TABLE))

    assert counted(world, says(**LEDGER), strace).problem == ""


@pytest.mark.parametrize(
    "table",
    [
        "",
        "what is this?",
        TABLE.rpartition("------")[0],
        TABLE.replace("11244", "11245"),
        "\n".join(line for line in TABLE.splitlines() if "mprotect" not in line),
    ],
)
def test_a_table_that_cannot_be_read_is_named(world: World, table: str) -> None:
    instrumented = counted(world, says(**LEDGER), a_strace(world, writing(table)))

    assert instrumented.problem.startswith("the table of strace cannot be read: ")
    assert instrumented.figures == ()


def test_a_strace_that_writes_no_table_is_named_and_an_older_table_is_not_taken_for_its_own(world: World) -> None:
    (world.root / "strace.txt").write_text(TABLE)

    assert "cannot be read" in counted(world, says(**LEDGER), a_strace(world)).problem


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (says(41, **LEDGER), "check failed: wrong result"),
        (script("exit 3"), "run failed: exit status 3"),
        (script("echo no ptrace for me >&2", "exit 3"), "run failed: exit status 3"),
    ],
)
def test_a_program_that_fails_under_strace_tells_nothing(world: World, source: str, problem: str) -> None:
    instrumented = counted(world, source, a_strace(world, writing(TABLE), "exit $code"))

    assert (instrumented.problem, instrumented.figures, instrumented.ledger) == (problem, (), ())


def test_a_strace_that_does_not_start_is_named(world: World) -> None:
    strace = world.tools / "strace"
    strace.write_text("no program")

    assert counted(world, says(**LEDGER), strace).problem == f"{strace} does not start: Permission denied"


def test_a_program_that_hangs_under_strace_is_ended_with_all_its_children(world: World) -> None:
    instrumented = counted(world, hangs(), a_strace(world, writing(TABLE)), timeout_s=0.5)

    assert instrumented.problem == "run failed: timed out"
    for pid in world.pids():
        until(lambda pid=pid: is_gone(pid), f"process {pid} is gone")  # type: ignore[misc]


def test_strace_is_looked_for_on_path(world: World) -> None:
    assert trace.find_strace({"PATH": str(world.home)}) is None
    strace = a_strace(world)
    assert trace.find_strace({"PATH": str(world.tools)}) == strace


counts = st.dictionaries(st.text("abc_0123456789", min_size=1, max_size=8), st.integers(0, 10**9), max_size=6)


@given(counts.filter(lambda drawn: "total" not in drawn), st.booleans())
def test_what_strace_writes_is_what_is_read(drawn: dict[str, int], errors: bool) -> None:  # noqa: FBT001 - drawn
    rows = [*drawn.items(), ("total", sum(drawn.values()))]
    error = "3" if errors else ""
    text = "\n".join(f" 10.00    0.000311 {7:>11} {calls:>9} {error:>9} {name}" for name, calls in rows)
    found = trace.parse_counts(text)

    assert not isinstance(found, str)
    assert dict(found) == drawn
    assert [calls for _, calls in found] == sorted(drawn.values(), reverse=True)


@given(st.text())
def test_any_text_is_a_table_or_a_sentence(text: str) -> None:
    found = trace.parse_counts(text)

    assert isinstance(found, tuple) or "cannot be read" in found


def reporting(report: str, *before: str) -> str:
    return script(
        *before,
        says(**LEDGER).partition("\n")[2],
        f"[ \"$SEQ_REPORT\" = json ] && printf '%s' '{report}' >&2",
        "exit 0",
    )


def test_a_runtime_that_reports_is_held_against_the_ledger(world: World) -> None:
    instrumented = asked(world, reporting(REPORT, "echo something else >&2"))

    assert instrumented.problem == ""
    assert dict(instrumented.figures) == {
        "spawned": 3,
        "completed": 3,
        "peak": 3,
        "sent": 1_002,
        "received": 1_002,
        "threads": 2,
    }
    # The strand of main, and what the ledger does not count.
    assert dict(instrumented.wanted) == {"spawned": 3, "completed": 3, "sent": 1_002, "received": 1_002}
    assert instrumented.agrees()


@pytest.mark.parametrize("wrong", ['"strands_completed":2', '"messages_received":1001'])
def test_a_report_that_differs_from_the_ledger_does_not_agree(world: World, wrong: str) -> None:
    key = wrong.partition(":")[0]
    right = next(part for part in REPORT.strip("{}").split(",") if part.startswith(key))

    assert not asked(world, reporting(REPORT.replace(right, wrong))).agrees()


def test_where_nobody_knows_the_other_messages_only_strands_are_compared(world: World) -> None:
    instrumented = asked(world, reporting(REPORT), control_messages=None)

    assert dict(instrumented.wanted) == {"spawned": 3, "completed": 3}


@pytest.mark.parametrize("report", ["", "{}", '{"strands_spawned":3}', "=== SEQ REPORT ===", '{"strands_spawned":'])
def test_a_runtime_without_a_report_says_what_it_takes(world: World, report: str) -> None:
    instrumented = asked(world, reporting(report))

    assert instrumented.problem == f"the runtime reported nothing: {HOW.fix}"
    assert instrumented.ledger == tuple(LEDGER.items())


def test_a_program_that_fails_when_it_is_asked_tells_nothing(world: World) -> None:
    assert asked(world, script("exit 3")).problem == "run failed: exit status 3"


def test_a_benchmark_without_a_ledger_is_compared_with_nothing(world: World) -> None:
    plain = candidate(world, script(says().partition("\n")[2], f"printf '%s' '{REPORT}' >&2"))
    plain = replace(plain, expected=replace(plain.expected, ledger=()))
    instrumented = trace.run_with_report(
        plain, PARAMETERS, HOW, control_messages=0, directory=world.root, timeout_s=300.0
    )

    assert (instrumented.problem, instrumented.wanted) == ("", ())
    assert instrumented.figure("spawned") == 3
