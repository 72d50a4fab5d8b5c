"""Run programs with instruments: count their system calls, or read the report of their runtime.

Such a run is never timed: `strace -f -c` makes a program several times slower. The registry (`SelfReport`) defines how
a runtime reports on itself.
"""

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from seqbench.bench.check import check
from seqbench.bench.plan import PILOT
from seqbench.bench.programs import Candidate
from seqbench.experiments.explain.document import InstrumentedRun
from seqbench.runtimes.base import SelfReport
from seqbench.sessions.session import Failed
from seqbench.system import process
from seqbench.system.facts import Command, Finished
from seqbench.units import NS_PER_S

INSTALL_STRACE = "install strace, for example with apt install strace"
ALLOW_TRACING = "run as root, or with CAP_SYS_PTRACE in a container"
_REFUSED = re.compile(r"strace: .*(ptrace|Operation not permitted)", re.IGNORECASE)
# Columns: % time, seconds, usecs/call, calls, errors (may be empty), syscall.
_ROW = re.compile(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+(?P<calls>\d+)\s+(?:\d+\s+)?(?P<name>\S+)")
_SHOWN_CHARACTERS = 200

NamedCounts = tuple[tuple[str, int], ...]


class TracingRefusedError(Exception):
    """The system permits no tracing, so that tracing another program would fail as well."""


def find_strace(environment: Mapping[str, str]) -> Path | None:
    """Return the path of strace; None if it is not on PATH."""
    found = shutil.which("strace", path=environment.get("PATH", ""))
    return Path(found).absolute() if found else None


def count_system_calls(
    candidate: Candidate, parameters: NamedCounts, strace: Path, *, directory: Path, timeout_s: float
) -> InstrumentedRun:
    """Run a program under strace and count its system calls by name, the most frequent one first.

    Raises
    ------
    TracingRefusedError
        The system does not permit tracing; the message is the system's.
    """
    table = directory / "strace.txt"
    table.unlink(missing_ok=True)

    def read(finished: Finished) -> NamedCounts | str:
        lines = finished.stderr.decode("utf-8", errors="replace").splitlines()
        refusals = [line for line in lines if _REFUSED.match(line)]
        if refusals and not finished.ok:
            raise TracingRefusedError(refusals[-1][:_SHOWN_CHARACTERS])
        return parse_counts(table.read_text(errors="replace") if table.is_file() else "")

    argv = (str(strace), "-f", "-c", "-o", str(table), *candidate.executable.argv, *candidate.arguments)
    return _instrumented_run(argv, candidate, parameters, read, directory=directory, timeout_s=timeout_s)


def run_with_report(
    candidate: Candidate,
    parameters: NamedCounts,
    how: SelfReport,
    *,
    control_messages: int | None,
    directory: Path,
    timeout_s: float,
) -> InstrumentedRun:
    """Run a program with its runtime's report, and return the report with the counts that the ledger lets expect.

    Parameters
    ----------
    control_messages : int or None
        The messages that the ledger does not count. None if their number is unknown: messages are not compared then.
    """

    def read(finished: Finished) -> NamedCounts | str:
        output, errors = (each.decode("utf-8", errors="replace") for each in (finished.stdout, finished.stderr))
        found = how.read(output, errors)
        return f"the runtime reported nothing: {how.fix}" if found is None else tuple(found.items())

    asked = replace(candidate, environment={**candidate.environment, **dict(how.settings)})
    argv = (*candidate.executable.argv, *candidate.arguments)
    instrumented = _instrumented_run(argv, asked, parameters, read, directory=directory, timeout_s=timeout_s)
    ledger = dict(instrumented.ledger)
    strands = ledger["tasks"] + how.own_strands if "tasks" in ledger else None
    messages = ledger["messages"] + control_messages if "messages" in ledger and control_messages is not None else None
    wanted = {"spawned": strands, "completed": strands, "sent": messages, "received": messages}
    return replace(instrumented, wanted=tuple((key, value) for key, value in wanted.items() if value is not None))


def run_without_figures(candidate: Candidate, parameters: NamedCounts) -> InstrumentedRun:
    """Return the description of a run that has no figures yet."""
    program = candidate.program
    return InstrumentedRun(
        benchmark=program.benchmark, runtime=program.runtime.name, variant=program.variant, parameters=parameters
    )


def parse_counts(text: str) -> NamedCounts | str:
    """Read the table of `strace -c`.

    The last row must be the sum of the others: a table that was cut short is rejected.

    Returns
    -------
    NamedCounts or str
        The calls by name, the most frequent one first, or what is wrong with the table.
    """
    rows = [(match["name"], int(match["calls"])) for line in text.splitlines() if (match := _ROW.fullmatch(line))]
    counts = dict(rows[:-1])
    if not rows or rows[-1][0] != "total" or sum(counts.values()) != rows[-1][1]:
        return f"the table of strace cannot be read: it ends with {text.strip()[-_SHOWN_CHARACTERS:]!r}"
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _instrumented_run(
    argv: tuple[str, ...],
    candidate: Candidate,
    parameters: NamedCounts,
    read: Callable[[Finished], NamedCounts | str],
    *,
    directory: Path,
    timeout_s: float,
) -> InstrumentedRun:
    """Run a command and read its figures; a run with a wrong result has a problem and no figures."""
    instrumented = run_without_figures(candidate, parameters)
    command = Command(
        argv=argv,
        directory=candidate.executable.directory or directory,
        environment=candidate.environment,
        timeout_s=timeout_s,
        output_limit_bytes=candidate.expected.output_limit_bytes,
    )
    try:
        finished = process.run(command)
    except OSError as error:
        return replace(instrumented, problem=f"{argv[0]} does not start: {error.strerror}")
    instrumented = replace(instrumented, wall_ns=finished.wall_ns)
    figures = read(finished)
    # With instruments, the start may take any time.
    expected = replace(candidate.expected, startup_ns=round(timeout_s * NS_PER_S), timeout_s=timeout_s)
    sample = check(finished, expected, round_number=PILOT, position=0)
    if isinstance(sample, Failed):
        return replace(instrumented, problem=f"{sample.stage} failed: {sample.reason}")
    if isinstance(figures, str):
        return replace(instrumented, ledger=sample.ledger, problem=figures)
    return replace(instrumented, ledger=sample.ledger, figures=figures)
