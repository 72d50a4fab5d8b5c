"""What a program asks of the kernel, and what its runtime says of itself: in runs of their own, never in timed ones.

System calls are counted by `strace -f -c`, under which a program is several times slower; how a runtime is asked to
report on itself stands in the registry.
"""

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from seqbench.bench.check import check
from seqbench.bench.plan import PILOT
from seqbench.bench.programs import Candidate
from seqbench.experiments.explain.document import Account
from seqbench.runtimes.base import SelfReport
from seqbench.sessions.session import Failed
from seqbench.system import process
from seqbench.system.facts import Command, Finished
from seqbench.units import NS_PER_S

INSTALL_STRACE = "apt install strace, or as your system has it"
ALLOW_TRACING = "run it with the right to trace: as root, or with CAP_SYS_PTRACE in a container"
_REFUSED = re.compile(r"strace: .*(ptrace|Operation not permitted)", re.IGNORECASE)
# Share of time, seconds, microseconds a call, calls, errors where there are any, name.
_ROW = re.compile(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+(?P<calls>\d+)\s+(?:\d+\s+)?(?P<name>\S+)")
_SHOWN_CHARACTERS = 200

Figures = tuple[tuple[str, int], ...]


class TracingRefusedError(Exception):
    """The system lets nothing be traced here, so that no other run would tell more."""


def find_strace(environment: Mapping[str, str]) -> Path | None:
    """Find strace on PATH."""
    found = shutil.which("strace", path=environment.get("PATH", ""))
    return Path(found).absolute() if found else None


def count_system_calls(
    candidate: Candidate, parameters: Figures, strace: Path, *, directory: Path, timeout_s: float
) -> Account:
    """Run a program under strace and give its system calls by name, the most frequent one first.

    Raises
    ------
    TracingRefusedError
        There are no rights to trace (with what the system says).
    """
    table = directory / "strace.txt"
    table.unlink(missing_ok=True)

    def read(finished: Finished) -> Figures | str:
        lines = finished.stderr.decode("utf-8", errors="replace").splitlines()
        refusals = [line for line in lines if _REFUSED.match(line)]
        if refusals and not finished.ok:
            raise TracingRefusedError(refusals[-1][:_SHOWN_CHARACTERS])
        return parse_counts(table.read_text(errors="replace") if table.is_file() else "")

    argv = (str(strace), "-f", "-c", "-o", str(table), str(candidate.executable.path), *candidate.arguments)
    return _account(argv, candidate, parameters, read, directory=directory, timeout_s=timeout_s)


def ask_runtime(
    candidate: Candidate,
    parameters: Figures,
    how: SelfReport,
    *,
    control_messages: int | None,
    directory: Path,
    timeout_s: float,
) -> Account:
    """Run a program so that its runtime reports on itself; return what it says beside what the ledger lets expect.

    `control_messages` are those that the ledger does not count; None: nobody knows, so messages are not compared.
    """

    def read(finished: Finished) -> Figures | str:
        said = how.read(finished.stderr.decode("utf-8", errors="replace"))
        return f"it says nothing of itself: {how.absent}" if said is None else tuple(said.items())

    asked = replace(candidate, environment={**candidate.environment, **dict(how.settings)})
    argv = (str(candidate.executable.path), *candidate.arguments)
    account = _account(argv, asked, parameters, read, directory=directory, timeout_s=timeout_s)
    ledger = dict(account.ledger)
    strands = ledger["tasks"] + how.own_strands if "tasks" in ledger else None
    messages = ledger["messages"] + control_messages if "messages" in ledger and control_messages is not None else None
    wanted = {"spawned": strands, "completed": strands, "sent": messages, "received": messages}
    return replace(account, wanted=tuple((key, value) for key, value in wanted.items() if value is not None))


def account_of(candidate: Candidate, parameters: Figures) -> Account:
    """Return the account of a program that has told nothing yet."""
    program = candidate.program
    return Account(
        benchmark=program.benchmark, runtime=program.runtime.name, variant=program.variant, parameters=parameters
    )


def parse_counts(text: str) -> Figures | str:
    """Read the table of `strace -c`; give calls by name, most frequent first, or what is wrong with it.

    The table ends with its total, which must be the sum of its rows: one that was cut short is not believed.
    """
    rows = [(match["name"], int(match["calls"])) for line in text.splitlines() if (match := _ROW.fullmatch(line))]
    counts = dict(rows[:-1])
    if not rows or rows[-1][0] != "total" or sum(counts.values()) != rows[-1][1]:
        return f"the table of strace cannot be read: it ends with {text.strip()[-_SHOWN_CHARACTERS:]!r}"
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _account(
    argv: tuple[str, ...],
    candidate: Candidate,
    parameters: Figures,
    read: Callable[[Finished], Figures | str],
    *,
    directory: Path,
    timeout_s: float,
) -> Account:
    """Run it and read what it tells; a run that did its work wrongly tells nothing."""
    account = account_of(candidate, parameters)
    command = Command(
        argv=argv,
        directory=directory,
        environment=candidate.environment,
        timeout_s=timeout_s,
        output_limit_bytes=candidate.expected.output_limit_bytes,
    )
    try:
        finished = process.run(command)
    except OSError as error:
        return replace(account, problem=f"{argv[0]} does not start: {error.strerror}")
    account = replace(account, wall_ns=finished.wall_ns)
    figures = read(finished)
    # Watched or asked, a start may take any time.
    expected = replace(candidate.expected, startup_ns=round(timeout_s * NS_PER_S), timeout_s=timeout_s)
    sample = check(finished, expected, round_number=PILOT, position=0)
    if isinstance(sample, Failed):
        return replace(account, problem=f"{sample.stage} failed: {sample.reason}")
    if isinstance(figures, str):
        return replace(account, ledger=sample.ledger, problem=figures)
    return replace(account, ledger=sample.ledger, figures=figures)
