"""From what a program printed and used to a sample, or to the name of its failure. Pure.

The protocol is `key: value` lines on standard output; `result` and `elapsed_ns` are required.
"""

import signal
from collections.abc import Mapping
from dataclasses import dataclass

from seqbench.sessions.session import Failed, Sample, Stage
from seqbench.system.facts import Activity, Ending, Finished
from seqbench.units import clock_duration, duration, short_bytes

RESULT = "result"
ELAPSED = "elapsed_ns"
# Of these keys all programs of a benchmark must say the same when two of them say anything.
LEDGER = ("tasks", "messages", "workers")
# The two clocks are read by two processes; this much of a lead is rounding.
_CLOCK_LEAD_NS = 1_000_000
# Giving 14 GiB back took up to 4 s after the program's own clock had stopped.
_TEARDOWN_NS_PER_GIB = 500_000_000
_STALL_SHARE = 0.2
# Enough for 128 bits and a sign; of more than 308 digits no float can be made, and of more than 4,300 no integer.
_LONGEST_INTEGER = 40
_SHOWN_STDERR_LINES = 15
_SHOWN_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a right run of a program prints; `result` None means that only agreement is asked."""

    result: int | None
    ledger: tuple[tuple[str, int], ...]
    startup_ns: int
    timeout_s: float
    output_limit_bytes: int


def check(
    finished: Finished, expected: Expected, *, round_number: int, position: int, activity: Activity | None = None
) -> Sample | Failed:
    """Return what a finished run is worth."""
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
    problem = _value_problem(values, finished, expected)
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
    )


def disagreement(said: Mapping[str, Sample]) -> Failed | None:
    """Compare programs (by label) that did the same work; a failure when they differ in result or ledger."""
    for key in (RESULT, *LEDGER):
        values = {
            label: sample.result if key == RESULT else dict(sample.ledger).get(key) for label, sample in said.items()
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
            what = f"no end after {clock_duration(expected.timeout_s)}; it and its children were killed"
            return _failed(Stage.RUN, "timed out", what, finished)
        case Ending.TOO_MUCH_OUTPUT:
            what = f"more than {short_bytes(expected.output_limit_bytes)} of output; it was killed"
            return _failed(Stage.OUTPUT, "too much output", what, finished)
        case Ending.SIGNALLED:
            name = _signal_name(finished.status)
            return _failed(Stage.RUN, f"killed by {name}", f"the program ended by signal {finished.status}", finished)
        case Ending.EXITED if finished.status != 0:
            what = "the program says so itself"
            return _failed(Stage.RUN, f"exit status {finished.status}", what, finished)
    return None


def _parse(text: str) -> dict[str, int] | str:
    """Return the integers of all `key: value` lines, or what is wrong with a required one."""
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
        # int() would take "1_000" and other alphabets' digits, which no other reader of the output would.
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


def _value_problem(values: Mapping[str, int], finished: Finished, expected: Expected) -> tuple[str, str] | None:
    if expected.result is not None and values[RESULT] != expected.result:
        return "wrong result", f"result: wanted {expected.result:,}, found {values[RESULT]:,}"
    for key, wanted in expected.ledger:
        found = values.get(key)
        if found != wanted:
            return "wrong ledger", f"{key}: wanted {wanted:,}, found {'nothing' if found is None else f'{found:,}'}"
    own, outside = values[ELAPSED], finished.wall_ns
    clocks = f"its own clock says {duration(own)}, the outside clock {duration(outside)}"
    if own <= 0:
        return "clock of zero or less", f"elapsed_ns is {own}; {clocks}"
    if own > outside + _CLOCK_LEAD_NS:
        return "clock ahead", f"{clocks}: a program cannot work longer than it lives"
    teardown_ns = _TEARDOWN_NS_PER_GIB * finished.usage.max_rss_bytes / (1 << 30)
    explained_ns = expected.startup_ns + teardown_ns + _STALL_SHARE * outside
    if outside - own > explained_ns:
        return "clock behind", f"{clocks}: start-up and exit explain {duration(explained_ns)} at most"
    return None


def _failed(stage: Stage, reason: str, detail: str, finished: Finished) -> Failed:
    lines = finished.stderr.decode("utf-8", errors="replace").strip().splitlines()[-_SHOWN_STDERR_LINES:]
    tail = "\n".join(lines)[-_SHOWN_CHARACTERS:]
    return Failed(stage=stage, reason=reason, detail=f"{detail}\nstderr ends with:\n{tail}" if tail else detail)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
