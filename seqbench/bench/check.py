"""Check a finished run of a program: return its sample, or its failure. Pure.

The protocol is `key: value` lines on standard output; `result` and `elapsed_ns` are required.
"""

import hashlib
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from seqbench.bench.of_tests import RunSample
from seqbench.sessions.session import Failed, Sample, Stage
from seqbench.suite.output import LINES, RESULT, Format, Output, Printed, read_pattern, whole_number
from seqbench.system.facts import Activity, Ending, Finished
from seqbench.units import clock_duration, duration, short_bytes

ELAPSED = "elapsed_ns"
# All programs of a benchmark that print one of these keys must print the same value.
LEDGER = ("tasks", "messages", "workers")
# Two processes read the two clocks; a smaller lead of the own clock is rounding.
_CLOCK_LEAD_NS = 1_000_000
# Releasing 14 GiB took up to 4 s after the program's own clock had stopped.
_TEARDOWN_NS_PER_GIB = 500_000_000
_STALL_SHARE = 0.2
# What a busy machine may add to a start-up, where the kernel counts that a task waited for a processor meanwhile.
_LONGEST_WAIT_NS = 2_000_000_000
# Processor time is counted in steps.
_COUNTING_SHARE = 0.1
# A clock that shows so much less than the processor time may have another unit. Then the start-up of a usual run is
# taken off, as a share of the longest one.
_OTHER_UNIT = 100
_TYPICAL_STARTUP = 0.5
_CLOCK_RULE = "elapsed_ns must cover all of the work, in nanoseconds"
_SHOWN_STDERR_LINES = 15
_SHOWN_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a correct run of a program prints, and the limits of the run."""

    result: int | None
    """None if the programs of the benchmark need only agree."""
    ledger: tuple[tuple[str, int], ...]
    startup_ns: int | None
    """The longest start-up: the own clock may be behind the wall clock by this much; None where it is not known."""
    startup_cpu_ns: int | None = None
    """The processor time that start-up and exit take at most; None if it is not known."""
    timeout_s: float
    output_limit_bytes: int
    output: Output = LINES


def check(
    finished: Finished, expected: Expected, *, round_number: int, position: int, activity: Activity | None = None
) -> RunSample | Failed:
    """Return the sample of a finished run, or its failure."""
    failed = _ending_problem(finished, expected)
    if failed is not None:
        return failed
    printed = _printed(finished, expected.output)
    if isinstance(printed, Failed):
        return printed
    problem = _value_problem(printed, expected)
    if problem is None and not expected.output.is_wall:
        problem = _clock_problem(printed, finished, expected, activity)
    if problem is not None:
        return _failed(Stage.CHECK, *problem, finished)
    usage = finished.usage
    return RunSample(
        round_number=round_number,
        position=position,
        result=printed[0].result,
        elapsed_ns=sum(each.elapsed_ns for each in printed),
        ledger=printed[0].ledger,
        tests=printed,
        wall_ns=finished.wall_ns,
        user_ns=usage.user_ns,
        system_ns=usage.system_ns,
        max_rss_bytes=usage.max_rss_bytes,
        max_rss_floor_bytes=finished.peak_floor_bytes,
        minor_faults=usage.minor_faults,
        major_faults=usage.major_faults,
        voluntary_switches=usage.voluntary_switches,
        involuntary_switches=usage.involuntary_switches,
        window_ns=activity.window_ns if activity else 0,
        machine_busy_ns=activity.busy_ns if activity else 0,
        machine_steal_ns=activity.steal_ns if activity else 0,
        own_cpu_ns=activity.own_ns if activity else 0,
        kernel_threads_ns=activity.kernel_threads_ns if activity else 0,
        pressure_ns=activity.pressure_ns or 0 if activity else 0,
        throttled_ns=activity.throttled_ns if activity else 0,
    )


def disagreement(samples: Mapping[str, Sample]) -> Failed | None:
    """Return a failure if the programs of a benchmark (by label) differ in result or ledger; else None."""
    return _difference(samples, "programs disagree on {}", "programs that did different work cannot be compared")


def other_work(first: Sample, sample: Sample) -> Failed | None:
    """Return a failure if a later run of a program differs from its first one in result or ledger; else None."""
    later = f"round {sample.round_number}" if sample.round_number else "a later pilot round"
    rule = "a program must do the same work in every round"
    fix = "give it the same input in every run, such as a fixed seed"
    return _difference({"its first run": first, later: sample}, "{} differs between rounds", f"{rule}\n  fix: {fix}")


def _difference(samples: Mapping[str, Sample], reason: str, rule: str) -> Failed | None:
    """Return a failure for the first figure in which samples of the same work differ; None for none.

    Parameters
    ----------
    reason : with `{}` for the name of the figure.
    rule : what the samples must have in common.
    """
    for key in (RESULT, *LEDGER):
        values = {
            label: sample.result if key == RESULT else dict(sample.ledger).get(key) for label, sample in samples.items()
        }
        known = {label: value for label, value in values.items() if value not in (None, "")}
        if len(set(known.values())) > 1:
            each = ", ".join(f"{label} {_written(value)}" for label, value in known.items())
            return Failed(stage=Stage.CHECK, reason=reason.format(key), detail=f"{key}: {each}; {rule}")
    return None


def _ending_problem(finished: Finished, expected: Expected) -> Failed | None:
    match finished.ending:
        case Ending.TIMED_OUT:
            detail = f"still running after {clock_duration(expected.timeout_s)}; it and its children were killed"
            return _failed(Stage.RUN, "timed out", detail, finished)
        case Ending.TOO_MUCH_OUTPUT:
            detail = f"more than {short_bytes(expected.output_limit_bytes)} of output; it was killed"
            return _failed(Stage.OUTPUT, "too much output", detail, finished)
        case Ending.SIGNALLED:
            name = _signal_name(finished.status)
            return _failed(Stage.RUN, f"killed by {name}", f"the program ended by signal {finished.status}", finished)
        case Ending.EXITED if finished.status != 0:
            detail = f"the program exited with status {finished.status}, expected 0"
            return _failed(Stage.RUN, f"exit status {finished.status}", detail, finished)
    return None


def _printed(finished: Finished, output: Output) -> tuple[Printed, ...] | Failed:
    """Return the tests that a program reported, or the failure to read them."""
    if output.format is Format.NONE:
        digest = hashlib.sha256(finished.stdout).hexdigest()
        return (Printed(test="", result=f"sha256:{digest}", elapsed_ns=finished.wall_ns, step_ns=1, ledger=()),)
    try:
        # Only lines have a protocol that says how they are encoded.
        text = finished.stdout.decode("utf-8", errors="strict" if output.format is Format.LINES else "replace")
    except UnicodeDecodeError as error:
        return _failed(Stage.OUTPUT, "output is not UTF-8", f"byte {error.start}: {error.reason}", finished)
    found = _lines(text, output) if output.format is Format.LINES else read_pattern(text, output)
    if isinstance(found, str):
        shown = text[:_SHOWN_CHARACTERS] if output.format is Format.LINES else text[-_SHOWN_CHARACTERS:]
        where = "was" if output.format is Format.LINES else "ends with"
        return _failed(Stage.OUTPUT, found, f"standard output {where}: {shown!r}", finished)
    return tuple(replace(each, elapsed_ns=finished.wall_ns, step_ns=1) for each in found) if output.is_wall else found


def _lines(text: str, output: Output) -> tuple[Printed, ...] | str:
    """Return the one test of `key: value` lines, or the problem of a required one."""
    required = (RESULT,) if output.is_wall else (RESULT, ELAPSED)
    values: dict[str, int] = {}
    seen: set[str] = set()
    for line in text.splitlines():
        key, colon, value = (part.strip() for part in line.partition(":"))
        if not colon:
            continue
        if key in required and key in seen:
            return f"{key} printed twice"
        seen.add(key)
        number = whole_number(value)
        if number is not None:
            values[key] = number
        elif key in required:
            return f"{key} is not an integer"
    if not text.strip():
        return "printed nothing"
    for key in required:
        if key not in values:
            return f"{key} is missing"
    ledger = tuple((key, value) for key, value in values.items() if key not in (RESULT, ELAPSED))
    elapsed_ns = values.get(ELAPSED, 0)
    return (Printed(test="", result=values[RESULT], elapsed_ns=elapsed_ns, step_ns=1, ledger=ledger),)


def _value_problem(printed: Sequence[Printed], expected: Expected) -> tuple[str, str] | None:
    if len(printed) > 1:
        if expected.result is None and not expected.ledger:
            return None
        names = ", ".join(each.test for each in printed)
        about = f"[expect] describes a program that prints one test, and it printed {len(printed)}: {names}"
        fix = "remove `result` and `ledger` from [expect]; without them the runtimes are compared with one another"
        return "[expect] with several tests", f"{about}\n  fix: {fix}"
    result, ledger = printed[0].result, dict(printed[0].ledger)
    if expected.result is not None and result not in ("", expected.result):
        return "wrong result", f"result: expected {expected.result:,}, found {_written(result)}"
    for key, count in expected.ledger:
        found = ledger.get(key)
        if found != count:
            return "wrong ledger", f"{key}: expected {count:,}, found {'nothing' if found is None else f'{found:,}'}"
    return None


def _clock_problem(
    printed: Sequence[Printed], finished: Finished, expected: Expected, activity: Activity | None
) -> tuple[str, str] | None:
    """Return what is wrong with a program's own clock, compared with the wall clock and the processor time."""
    own_ns, wall_ns, usage = sum(each.elapsed_ns for each in printed), finished.wall_ns, finished.usage
    rounding_ns = sum(each.step_ns for each in printed if each.step_ns > 1)
    clocks = f"its own clock says {duration(own_ns)}, the wall clock {duration(wall_ns)}"
    for each in printed:
        # With a coarse clock zero is a time below its step.
        if each.elapsed_ns < 0 or (each.elapsed_ns == 0 and each.step_ns == 1):
            return "clock of zero or less", f"elapsed_ns is {each.elapsed_ns}, expected a time above zero; {clocks}"
    if own_ns > wall_ns + _CLOCK_LEAD_NS + rounding_ns:
        return "clock ahead", f"{clocks}: the work cannot take longer than the process"
    if expected.startup_ns is None:
        return None
    waited_ns = (activity.pressure_ns or 0) + activity.steal_ns + activity.throttled_ns if activity else 0
    explained_ns = (
        expected.startup_ns + _teardown_ns(usage.max_rss_bytes) + min(waited_ns, _LONGEST_WAIT_NS) + rounding_ns
    )
    cpu_ns = usage.user_ns + usage.system_ns
    if activity is not None and _beyond_clock_ns(own_ns, cpu_ns, usage.max_rss_bytes, activity.cores) > explained_ns:
        used = f"it used {duration(cpu_ns)} of processor time, on {activity.cores} CPUs at most"
        return "clock too short", f"its own clock says {duration(own_ns)}, but {used}: {_CLOCK_RULE}"
    explained_ns += _STALL_SHARE * wall_ns
    if wall_ns - own_ns > explained_ns:
        return "clock behind", f"{clocks}: start-up and exit explain {duration(explained_ns)} at most"
    return None


def clock_remark(samples: Sequence[Sample], expected: Expected, cores: int) -> str:
    """Return what is doubtful about the own clock in samples that passed `check`; empty if nothing is.

    A program cannot use more processor time in its own clock than that clock shows on every processor. A small excess
    is start-up and exit; a larger one is work that the clock did not show.
    """
    if expected.startup_cpu_ns is None or not samples:
        return ""
    beyond_ns = median(
        _beyond_clock_ns(each.elapsed_ns, each.user_ns + each.system_ns, each.max_rss_bytes, cores) for each in samples
    )
    own_ns = median(sample.elapsed_ns for sample in samples)
    cpu_ns = median(sample.user_ns + sample.system_ns for sample in samples)
    is_other_unit = own_ns * cores * _OTHER_UNIT < cpu_ns
    explained_ns = expected.startup_cpu_ns * (_TYPICAL_STARTUP if is_other_unit else 1)
    if beyond_ns <= explained_ns:
        return ""
    used = f"the process used {duration(cpu_ns)} of processor time"
    return (
        f"its own clock says {duration(own_ns)}, but {used}, of which start-up and exit explain "
        f"{duration(explained_ns)}: {_CLOCK_RULE}"
    )


def _beyond_clock_ns(own_ns: int, cpu_ns: int, max_rss_bytes: int, cores: int) -> float:
    """Return the processor time that was used outside of the own clock at least, without giving memory back."""
    return (1 - _COUNTING_SHARE) * cpu_ns - own_ns * cores - _teardown_ns(max_rss_bytes)


def _teardown_ns(max_rss_bytes: int) -> float:
    return _TEARDOWN_NS_PER_GIB * max_rss_bytes / (1 << 30)


def _written(value: int | str | None) -> str:
    return f"{value:,}" if isinstance(value, int) else repr(value)


def _failed(stage: Stage, reason: str, detail: str, finished: Finished) -> Failed:
    lines = finished.stderr.decode("utf-8", errors="replace").strip().splitlines()[-_SHOWN_STDERR_LINES:]
    tail = "\n".join(lines)[-_SHOWN_CHARACTERS:]
    return Failed(stage=stage, reason=reason, detail=f"{detail}\nstderr ends with:\n{tail}" if tail else detail)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
