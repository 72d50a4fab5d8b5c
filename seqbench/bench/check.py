"""Check a finished run of a program: return its sample, or its failure. Pure.

The protocol is `key: value` lines on standard output; `result` and `elapsed_ns` are required.
"""

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from seqbench.sessions.session import Failed, Sample, Stage
from seqbench.system.facts import Activity, Ending, Finished
from seqbench.units import clock_duration, duration, short_bytes

RESULT = "result"
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
# Enough for 128 bits and a sign. Python converts at most 308 digits to a float, and 4,300 to an integer.
_LONGEST_INTEGER = 40
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


def check(
    finished: Finished, expected: Expected, *, round_number: int, position: int, activity: Activity | None = None
) -> Sample | Failed:
    """Return the sample of a finished run, or its failure."""
    failed = _ending_problem(finished, expected)
    if failed is not None:
        return failed
    try:
        text = finished.stdout.decode("utf-8")
    except UnicodeDecodeError as error:
        return _failed(Stage.OUTPUT, "output is not UTF-8", f"byte {error.start}: {error.reason}", finished)
    values = _parse(text)
    if isinstance(values, str):
        return _failed(Stage.OUTPUT, values, f"standard output was: {text[:_SHOWN_CHARACTERS]!r}", finished)
    problem = _value_problem(values, expected) or _clock_problem(values[ELAPSED], finished, expected, activity)
    if problem is not None:
        return _failed(Stage.CHECK, *problem, finished)
    usage = finished.usage
    return Sample(
        round_number=round_number,
        position=position,
        result=values[RESULT],
        elapsed_ns=values[ELAPSED],
        ledger=tuple((key, value) for key, value in values.items() if key not in (RESULT, ELAPSED)),
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
    for key in (RESULT, *LEDGER):
        values = {
            label: sample.result if key == RESULT else dict(sample.ledger).get(key) for label, sample in samples.items()
        }
        known = {label: value for label, value in values.items() if value is not None}
        if len(set(known.values())) > 1:
            each = ", ".join(f"{label} {value:,}" for label, value in known.items())
            return Failed(
                stage=Stage.CHECK,
                reason=f"programs disagree on {key}",
                detail=f"{key}: {each}; programs that did different work cannot be compared",
            )
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


def _parse(text: str) -> dict[str, int] | str:
    """Return the integers of all `key: value` lines, or the problem of a required one."""
    values: dict[str, int] = {}
    seen: set[str] = set()
    for line in text.splitlines():
        key, colon, value = (part.strip() for part in line.partition(":"))
        if not colon:
            continue
        required = key in (RESULT, ELAPSED)
        if required and key in seen:
            return f"{key} printed twice"
        seen.add(key)
        # int() also accepts "1_000" and digits of other alphabets, which other readers of the output do not.
        if value.removeprefix("-").isdecimal() and value.isascii() and len(value) <= _LONGEST_INTEGER:
            values[key] = int(value)
        elif required:
            return f"{key} is not an integer"
    if not text.strip():
        return "printed nothing"
    for key in (RESULT, ELAPSED):
        if key not in values:
            return f"{key} is missing"
    return values


def _value_problem(values: Mapping[str, int], expected: Expected) -> tuple[str, str] | None:
    if expected.result is not None and values[RESULT] != expected.result:
        return "wrong result", f"result: expected {expected.result:,}, found {values[RESULT]:,}"
    for key, count in expected.ledger:
        found = values.get(key)
        if found != count:
            return "wrong ledger", f"{key}: expected {count:,}, found {'nothing' if found is None else f'{found:,}'}"
    return None


def _clock_problem(
    own_ns: int, finished: Finished, expected: Expected, activity: Activity | None
) -> tuple[str, str] | None:
    """Return what is wrong with a program's own clock, held against the wall clock and the processor time."""
    wall_ns, usage = finished.wall_ns, finished.usage
    clocks = f"its own clock says {duration(own_ns)}, the wall clock {duration(wall_ns)}"
    if own_ns <= 0:
        return "clock of zero or less", f"elapsed_ns is {own_ns}, expected a time above zero; {clocks}"
    if own_ns > wall_ns + _CLOCK_LEAD_NS:
        return "clock ahead", f"{clocks}: the work cannot take longer than the process"
    if expected.startup_ns is None:
        return None
    waited_ns = (activity.pressure_ns or 0) + activity.steal_ns + activity.throttled_ns if activity else 0
    explained_ns = expected.startup_ns + _teardown_ns(usage.max_rss_bytes) + min(waited_ns, _LONGEST_WAIT_NS)
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


def _failed(stage: Stage, reason: str, detail: str, finished: Finished) -> Failed:
    lines = finished.stderr.decode("utf-8", errors="replace").strip().splitlines()[-_SHOWN_STDERR_LINES:]
    tail = "\n".join(lines)[-_SHOWN_CHARACTERS:]
    return Failed(stage=stage, reason=reason, detail=f"{detail}\nstderr ends with:\n{tail}" if tail else detail)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
