import signal
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.bench.check import Expected, check, clock_remark, disagreement, other_work
from seqbench.bench.of_tests import RunSample, of_test
from seqbench.sessions.session import Failed, Sample, Stage
from seqbench.suite.output import pattern_output
from seqbench.system.facts import Activity, Ending, Finished, Usage
from tests.support.strategies import a_sample

_MS = 1_000_000
_S = 1_000 * _MS
_EXPECTED = Expected(
    result=499_500, ledger=(("tasks", 1111),), startup_ns=100 * _MS, timeout_s=90, output_limit_bytes=1 << 20
)
_GOOD = "result: 499500\nelapsed_ns: 457123456\ntasks: 1111\n"
_USAGE = Usage(
    user_ns=1,
    system_ns=2,
    max_rss_bytes=3,
    minor_faults=4,
    major_faults=5,
    voluntary_switches=6,
    involuntary_switches=7,
)


def _finished(
    stdout: str | bytes = _GOOD,
    *,
    stderr: bytes = b"",
    ending: Ending = Ending.EXITED,
    status: int = 0,
    wall_ns: int = 500 * _MS,
    max_rss_bytes: int = 3,
) -> Finished:
    return Finished(
        ending=ending,
        status=status,
        wall_ns=wall_ns,
        usage=replace(_USAGE, max_rss_bytes=max_rss_bytes),
        peak_floor_bytes=8,
        stalled_ns=0,
        stdout=stdout if isinstance(stdout, bytes) else stdout.encode(),
        stderr=stderr,
    )


def _check(finished: Finished, expected: Expected = _EXPECTED) -> Sample | Failed:
    return check(finished, expected, round_number=3, position=1)


def _failure(finished: Finished, expected: Expected = _EXPECTED) -> Failed:
    outcome = _check(finished, expected)
    assert isinstance(outcome, Failed)
    return outcome


def test_a_right_run_is_a_sample_of_all_that_was_printed_and_counted() -> None:
    outcome = _check(_finished())
    assert isinstance(outcome, Sample)
    assert of_test(outcome, "") == Sample(
        round_number=3,
        position=1,
        result=499_500,
        elapsed_ns=457_123_456,
        ledger=(("tasks", 1111),),
        wall_ns=500 * _MS,
        user_ns=1,
        system_ns=2,
        max_rss_bytes=3,
        max_rss_floor_bytes=8,
        minor_faults=4,
        major_faults=5,
        voluntary_switches=6,
        involuntary_switches=7,
    )


@pytest.mark.parametrize(
    "stdout",
    [
        f"hello\n\n{_GOOD}bye: bye\n",
        _GOOD.replace("\n", "\r\n"),
        _GOOD.removesuffix("\n"),
        "  result :499500  \nelapsed_ns:\t457123456\ntasks: 1111",
        "tasks: 1111\nelapsed_ns: 457123456\nresult: 499500\n",
        f"time: 12.5 s\nnote: result: 7\nresults: 3.5\nä: ö\n{_GOOD}",
        f"result\n{_GOOD}",
    ],
)
def test_other_lines_spaces_and_the_order_do_not_matter(stdout: str) -> None:
    outcome = _check(_finished(stdout))
    assert isinstance(outcome, Sample)
    assert (outcome.result, outcome.elapsed_ns, outcome.ledger) == (499_500, 457_123_456, (("tasks", 1111),))


def test_every_other_integer_is_kept_in_the_ledger() -> None:
    outcome = _check(_finished(f"{_GOOD}spare: -5\nmessages: 7\n"))
    assert isinstance(outcome, Sample)
    assert outcome.ledger == (("tasks", 1111), ("spare", -5), ("messages", 7))


@pytest.mark.parametrize(
    ("stdout", "reason"),
    [
        ("", "printed nothing"),
        (" \n\t\n", "printed nothing"),
        ("garbage", "result is missing"),
        ("\x00\x1b[31m(((", "result is missing"),
        ("elapsed_ns: 457123456\ntasks: 1111\n", "result is missing"),
        ("Result: 499500\nelapsed_ns: 457123456\n", "result is missing"),
        ("result: 499500\n", "elapsed_ns is missing"),
        ("result: 499500\nelapsed", "elapsed_ns is missing"),
        ("result: 499500\nelapsed_ns:", "elapsed_ns is not an integer"),
        (f"{_GOOD}result: 499500\n", "result printed twice"),
        (f"{_GOOD}elapsed_ns: 1\n", "elapsed_ns printed twice"),
        (f"result: ?\n{_GOOD}", "result is not an integer"),
    ],
)
def test_output_that_does_not_speak_the_protocol_is_named_for_what_it_lacks(stdout: str, reason: str) -> None:
    failed = _failure(_finished(stdout))
    assert (failed.stage, failed.reason) == (Stage.OUTPUT, reason)
    assert repr(stdout) in failed.detail


@pytest.mark.parametrize(
    "value",
    [
        "",
        "1_000",
        "1,000",
        "1.5",
        "1e3",
        "+5",
        "--5",
        "- 5",
        "-",
        "٣",
        "\N{FULLWIDTH DIGIT THREE}",
        "²",
        "0x10",
        "five",
        "nan",
        "1 2",
        "9" * 5_000,
    ],
)
@pytest.mark.parametrize("key", ["result", "elapsed_ns"])
def test_a_value_that_is_not_plainly_an_integer_is_none(key: str, value: str) -> None:
    good = {"result": "499500", "elapsed_ns": "457123456"}
    stdout = "".join(f"{name}: {text}\n" for name, text in {**good, key: value}.items())
    failed = _failure(_finished(stdout))
    assert (failed.stage, failed.reason) == (Stage.OUTPUT, f"{key} is not an integer")


@pytest.mark.parametrize("elapsed", [0, -1, -457_123_456])
def test_a_clock_that_did_not_go_forward_is_a_failure(elapsed: int) -> None:
    failed = _failure(_finished(f"result: 499500\ntasks: 1111\nelapsed_ns: {elapsed}\n"))
    assert (failed.stage, failed.reason) == (Stage.CHECK, "clock of zero or less")


def _clocks(own_ns: int, outside_ns: int, *, max_rss_bytes: int = 0) -> Sample | Failed:
    stdout = f"result: 499500\ntasks: 1111\nelapsed_ns: {own_ns}\n"
    return _check(_finished(stdout, wall_ns=outside_ns, max_rss_bytes=max_rss_bytes))


def test_a_clock_ahead_of_the_outside_clock_is_a_failure() -> None:
    assert isinstance(_clocks(501 * _MS, 500 * _MS), Sample), "two clocks are read at two moments"
    failed = _clocks(501 * _MS + 1, 500 * _MS)
    assert isinstance(failed, Failed)
    assert (failed.stage, failed.reason) == (Stage.CHECK, "clock ahead")
    assert "its own clock says 501 ms, the wall clock 500 ms" in failed.detail


def test_a_clock_behind_by_more_than_start_up_explains_is_a_failure() -> None:
    # 100 ms of start-up and a fifth of the wall clock, which the kernel may keep a program waiting.
    assert isinstance(_clocks(700 * _MS, 1_000 * _MS), Sample)
    failed = _clocks(700 * _MS - 1, 1_000 * _MS)
    assert isinstance(failed, Failed)
    assert (failed.stage, failed.reason) == (Stage.CHECK, "clock behind")


def _activity(*, pressure_ms: int | None = 0, steal_ms: int = 0, throttled_ms: int = 0) -> Activity:
    return Activity(
        cores=2,
        window_ns=1,
        busy_ns=1,
        steal_ns=steal_ms * _MS,
        own_ns=1,
        kernel_threads_ns=0,
        pressure_ns=None if pressure_ms is None else pressure_ms * _MS,
        throttled_ns=throttled_ms * _MS,
    )


@pytest.mark.parametrize("waited", [{"pressure_ms": 900}, {"steal_ms": 900}, {"throttled_ms": 900}])
def test_waiting_for_a_processor_explains_a_clock_behind(waited: dict[str, int]) -> None:
    finished = _finished(_GOOD, wall_ns=457 * _MS + 1_300 * _MS)

    assert isinstance(check(finished, _EXPECTED, round_number=1, position=0), Failed)
    assert isinstance(check(finished, _EXPECTED, round_number=1, position=0, activity=_activity()), Failed)
    assert isinstance(check(finished, _EXPECTED, round_number=1, position=0, activity=_activity(**waited)), Sample)


def test_waiting_explains_two_seconds_at_most() -> None:
    finished = _finished(_GOOD, wall_ns=4_000 * _MS)
    failed = check(finished, _EXPECTED, round_number=1, position=0, activity=_activity(pressure_ms=9_000))
    assert isinstance(failed, Failed)
    assert failed.reason == "clock behind"


def _ran(own_ms: float, cpu_ms: float, *, mib: int = 0) -> Sample:
    return replace(a_sample(own_ms), user_ns=round(cpu_ms * _MS), system_ns=0, max_rss_bytes=mib << 20)


def test_clock_that_nothing_can_explain_is_a_failure() -> None:
    """Two processors cannot work for 1.2 s within 0.457 s, and a start of 100 ms does not explain the rest."""
    finished = _finished(_GOOD)
    finished = replace(finished, usage=replace(_USAGE, user_ns=1_000 * _MS, system_ns=200 * _MS))
    failed = check(finished, _EXPECTED, round_number=1, position=0, activity=_activity())

    assert isinstance(failed, Failed)
    assert (failed.stage, failed.reason) == (Stage.CHECK, "clock too short")
    assert "its own clock says 457 ms, but it used 1.20 s of processor time, on 2 CPUs at most" in failed.detail
    less = replace(finished, usage=replace(_USAGE, user_ns=1_000 * _MS, system_ns=100 * _MS))
    assert isinstance(check(less, _EXPECTED, round_number=1, position=0, activity=_activity()), Sample)


_KNOWN = replace(_EXPECTED, startup_cpu_ns=10 * _MS)


def test_clock_a_thousand_times_too_short_is_remarked() -> None:
    """Microseconds that were printed as nanoseconds: 10.4G messages a second."""
    remark = clock_remark([_ran(0.0096, 14.9) for _ in range(3)], _KNOWN, 2)
    assert remark == (
        "its own clock says 9.60 us, but the process used 14.9 ms of processor time, of which start-up and exit "
        "explain 5.00 ms: elapsed_ns must cover all of the work, in nanoseconds"
    )


def test_clock_of_another_unit_is_remarked_in_a_short_run() -> None:
    """Ping-Pong of Go with 10,000 round trips, printed in microseconds."""
    assert clock_remark([_ran(0.0027, 6.5)], _KNOWN, 2) != ""
    assert clock_remark([_ran(0.04, 6.5)], _KNOWN, 2) == ""


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        # All processors worked all of the time, and start-up took what it may.
        ([_ran(100, 200 + 10)], _KNOWN),
        ([_ran(0.001, 5)], _KNOWN),
        ([_ran(0.1, 9)], _KNOWN),
        # Giving memory back takes half a second for each GiB.
        ([_ran(100, 900, mib=2048)], _KNOWN),
        # One run of three that was wrong is no pattern.
        ([_ran(100, 150), _ran(0.1, 150), _ran(100, 150)], _KNOWN),
        ([_ran(0.001, 500)], _EXPECTED),
        ([], _KNOWN),
    ],
)
def test_clock_that_start_up_and_exit_explain_has_no_remark(samples: list[Sample], expected: Expected) -> None:
    assert clock_remark(samples, expected, 2) == ""


def test_the_shortest_time_is_a_time() -> None:
    assert isinstance(_clocks(1, 1), Sample)


def test_a_clock_that_says_a_millisecond_after_a_minute_is_a_failure() -> None:
    failed = _clocks(1 * _MS, 57 * _S)
    assert isinstance(failed, Failed)
    assert failed.reason == "clock behind"
    assert "its own clock says 1.00 ms, the wall clock 57.0 s" in failed.detail


def test_giving_much_memory_back_explains_a_late_end() -> None:
    assert isinstance(_clocks(10 * _S, 18 * _S, max_rss_bytes=14 << 30), Sample)
    assert isinstance(_clocks(10 * _S, 18 * _S, max_rss_bytes=4 << 30), Failed)


def test_a_wrong_result_is_named_with_what_was_wanted_and_found() -> None:
    failed = _failure(_finished(_GOOD.replace("499500", "499499")))
    assert (failed.stage, failed.reason) == (Stage.CHECK, "wrong result")
    assert failed.detail == "result: expected 499,500, found 499,499"


def test_where_no_result_is_expected_any_will_do() -> None:
    outcome = _check(_finished(_GOOD.replace("499500", "-3")), replace(_EXPECTED, result=None))
    assert isinstance(outcome, Sample)
    assert outcome.result == -3


@pytest.mark.parametrize(
    ("line", "found"),
    [("tasks: 1110\n", "1,110"), ("", "nothing"), ("tasks: many\n", "nothing"), ("tasks: 1111.0\n", "nothing")],
)
def test_a_wrong_ledger_is_named_with_what_was_wanted_and_found(line: str, found: str) -> None:
    failed = _failure(_finished(_GOOD.replace("tasks: 1111\n", line)))
    assert (failed.stage, failed.reason) == (Stage.CHECK, "wrong ledger")
    assert failed.detail == f"tasks: expected 1,111, found {found}"


def test_output_that_is_not_utf_8_is_a_failure_even_when_the_rest_is_right() -> None:
    failed = _failure(_finished(_GOOD.encode() + b"\xff\xfe"))
    assert (failed.stage, failed.reason) == (Stage.OUTPUT, "output is not UTF-8")
    assert failed.detail.startswith(f"byte {len(_GOOD)}: ")


def test_too_much_output_is_a_failure_that_says_the_limit() -> None:
    failed = _failure(_finished(ending=Ending.TOO_MUCH_OUTPUT, status=signal.SIGKILL))
    assert (failed.stage, failed.reason) == (Stage.OUTPUT, "too much output")
    assert "more than 1.0 MiB" in failed.detail


def test_a_timeout_is_a_failure_that_says_the_time_whatever_was_printed() -> None:
    failed = _failure(_finished(ending=Ending.TIMED_OUT, status=signal.SIGKILL))
    assert (failed.stage, failed.reason) == (Stage.RUN, "timed out")
    assert "still running after 1 min 30 s" in failed.detail


@pytest.mark.parametrize(
    ("number", "name"), [(signal.SIGSEGV, "SIGSEGV"), (signal.SIGKILL, "SIGKILL"), (6, "SIGABRT"), (250, "signal 250")]
)
def test_a_signal_is_a_failure_by_its_name(number: int, name: str) -> None:
    failed = _failure(_finished(ending=Ending.SIGNALLED, status=number))
    assert (failed.stage, failed.reason) == (Stage.RUN, f"killed by {name}")
    assert f"signal {int(number)}" in failed.detail


@pytest.mark.parametrize("status", [1, 101, 255])
def test_an_exit_status_is_a_failure_whatever_was_printed(status: int) -> None:
    failed = _failure(_finished(status=status))
    assert (failed.stage, failed.reason) == (Stage.RUN, f"exit status {status}")


@pytest.mark.parametrize(
    "finished",
    [
        _finished(status=1),
        _finished(ending=Ending.TIMED_OUT, status=9),
        _finished(ending=Ending.TOO_MUCH_OUTPUT, status=9),
        _finished(ending=Ending.SIGNALLED, status=11),
        _finished(""),
        _finished(b"\xff"),
        _finished("result: 1\nelapsed_ns: 1\n"),
    ],
)
def test_every_failure_keeps_the_last_lines_of_standard_error(finished: Finished) -> None:
    lines = [f"line {number}" for number in range(100)]
    stderr = "\n".join(lines).encode() + b"\xff\n\n"
    before = _failure(finished).detail
    assert "stderr" not in before
    assert _failure(replace(finished, stderr=stderr)).detail == (
        f"{before}\nstderr ends with:\n" + "\n".join(lines[85:]) + "\N{REPLACEMENT CHARACTER}"
    )


def test_one_endless_line_of_standard_error_does_not_fill_the_screen() -> None:
    failed = _failure(_finished(status=1, stderr=b"x" * 1_000_000 + b"the end"))
    assert failed.detail.endswith("xthe end")
    assert len(failed.detail) < 2_200


def test_one_endless_line_of_standard_output_does_not_fill_the_screen() -> None:
    assert len(_failure(_finished("x" * 1_000_000)).detail) < 2_200


_lines = st.lists(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
        st.builds(
            "{}:{}".format,
            st.sampled_from(("result", "elapsed_ns", "tasks", "other")),
            st.integers(-(10**30), 10**30).map(str) | st.text("0123456789-+_. ", max_size=8),
        ),
    ),
    max_size=6,
)


@given(st.binary(max_size=40) | _lines.map(lambda lines: "\n".join(lines).encode()))
def test_no_output_whatever_makes_the_check_itself_fail(stdout: bytes) -> None:
    outcome = _check(_finished(stdout), replace(_EXPECTED, result=None, ledger=()))
    assert isinstance(outcome, Failed) or 0 < outcome.elapsed_ns <= 501 * _MS


@pytest.mark.parametrize("result", [(1 << 128) - 1, -(1 << 127)])
def test_a_result_may_have_128_bits(result: int) -> None:
    outcome = _check(_finished(_GOOD.replace("499500", str(result))), replace(_EXPECTED, result=None))
    assert isinstance(outcome, Sample)
    assert outcome.result == result


@pytest.mark.parametrize(("digits", "reason"), [(30, "clock ahead"), (400, "elapsed_ns is not an integer")])
def test_a_clock_with_ever_so_many_digits_is_a_failure_like_another(digits: int, reason: str) -> None:
    assert _failure(_finished(_GOOD.replace("457123456", "9" * digits))).reason == reason


@pytest.mark.parametrize("digits", [400, 5_000])
def test_a_line_with_ever_so_many_digits_is_ignored_like_another(digits: int) -> None:
    outcome = _check(_finished(f"{_GOOD}spare: {'9' * digits}\n"))
    assert isinstance(outcome, Sample)
    assert outcome.ledger == (("tasks", 1111),)


def test_programs_that_say_the_same_agree() -> None:
    same = replace(a_sample(), ledger=(("tasks", 1), ("messages", 2), ("workers", 3)))
    assert disagreement({"seq": same, "go": replace(same, elapsed_ns=1)}) is None
    assert disagreement({"seq": same}) is None
    assert disagreement({}) is None


def test_programs_that_say_different_results_disagree() -> None:
    failed = disagreement({"seq": a_sample(), "go": replace(a_sample(), result=1_000), "go.idiomatic": a_sample()})
    assert failed is not None
    assert (failed.stage, failed.reason) == (Stage.CHECK, "programs disagree on result")
    assert "seq 1, go 1,000, go.idiomatic 1" in failed.detail


@pytest.mark.parametrize("key", ["tasks", "messages", "workers"])
def test_programs_that_did_different_work_disagree(key: str) -> None:
    said = {name: replace(a_sample(), ledger=((key, work),)) for name, work in (("seq", 5), ("go", 6))}
    failed = disagreement(said)
    assert failed is not None
    assert failed.reason == f"programs disagree on {key}"
    assert "seq 5, go 6" in failed.detail


def test_what_only_one_program_says_is_no_disagreement() -> None:
    said = {
        "seq": replace(a_sample(), ledger=(("tasks", 5), ("yields", 1))),
        "go": replace(a_sample(), ledger=(("messages", 6), ("yields", 2))),
    }
    assert disagreement(said) is None


@pytest.mark.parametrize("expected", [{"result": 1}, {"ledger": (("tasks", 7),)}])
def test_expected_figures_of_a_program_with_several_tests_are_an_error(expected: dict[str, object]) -> None:
    output = pattern_output(r"(?P<test>\w+) (?P<result>\d+) (?P<elapsed_ms>\d+)", takes_last=False, is_wall=False)
    none = replace(_EXPECTED, result=None, ledger=(), output=output, startup_ns=None)
    finished = _finished("fib 1 200\nsum 1 200\n")

    assert isinstance(_check(finished, none), Sample)
    failed = _failure(finished, replace(none, **expected))  # type: ignore[arg-type]
    assert failed.stage is Stage.CHECK
    assert failed.reason == "[expect] with several tests"
    assert "it printed 2: fib, sum\n  fix: remove `result` and `ledger` from [expect]" in failed.detail


@pytest.mark.parametrize("key", ["result", "tasks", "messages", "workers"])
def test_run_with_other_work_than_the_first_is_a_failure(key: str) -> None:
    def run(value: int, number: int) -> Sample:
        plain = replace(a_sample(), round_number=number)
        return (
            replace(plain, result=value)
            if key == "result"
            else replace(plain, ledger=((key, value), ("yields", value)))
        )

    assert other_work(run(5, 0), run(5, 3)) is None
    failed = other_work(run(5, 0), run(6, 3))
    assert failed is not None
    assert (failed.stage, failed.reason) == (Stage.CHECK, f"{key} differs between rounds")
    assert f"{key}: its first run 5, round 3 6; " in failed.detail


def test_counts_outside_of_the_protocol_may_differ_between_rounds() -> None:
    first, later = (replace(a_sample(), ledger=(("yields", value), ("steals", value))) for value in (1, 2))
    assert other_work(first, later) is None


def test_time_by_the_wall_clock_is_not_rounded_as_the_printed_one() -> None:
    output = pattern_output(r"(?P<result>\d+) (?P<elapsed_ms>\d+)", takes_last=False, is_wall=True)
    outcome = _check(_finished("1 200\n"), replace(_EXPECTED, result=None, ledger=(), output=output))
    assert isinstance(outcome, RunSample)
    assert [(each.elapsed_ns, each.step_ns) for each in outcome.tests] == [(500 * _MS, 1)]
