"""Gather what a reader should know before trusting the figures of a run, alike for every kind of table. Pure."""

from collections.abc import Iterator, Sequence

from seqbench.sessions.interference import interference_lines
from seqbench.sessions.peak_memory import peak_of
from seqbench.sessions.session import BenchmarkResult, Measured, ProgramResult, Session

_HIDDEN = "<: an upper bound of the peak memory, because the process that started the program had this peak itself"


def remark_lines(*rounds: Sequence[Session]) -> tuple[str, ...]:
    """Return the remarks under a table: other work, clocks that do not fit, and peaks that are upper bounds.

    The sessions of a group ran in the same rounds. What is as it should be has no remark.
    """
    return (*interference_lines(*rounds), *dict.fromkeys(_clock_lines(rounds)), *_hidden_lines(rounds))


def _clock_lines(rounds: Sequence[Sequence[Session]]) -> Iterator[str]:
    for session, result, program in _programs(rounds):
        if program.clock_remark:
            title = next((each.title for each in session.runtimes if each.name == program.runtime), program.runtime)
            label = dict(result.variant_labels).get(program.variant, title) if program.variant else title
            yield f"{result.name}, {label}: {program.clock_remark}"


def _hidden_lines(rounds: Sequence[Sequence[Session]]) -> tuple[str, ...]:
    outcomes = (program.outcome for _, _, program in _programs(rounds))
    samples = (outcome.samples for outcome in outcomes if isinstance(outcome, Measured) and outcome.samples)
    return (_HIDDEN,) if any(peak_of(each).is_hidden for each in samples) else ()


def _programs(rounds: Sequence[Sequence[Session]]) -> Iterator[tuple[Session, BenchmarkResult, ProgramResult]]:
    for sessions in rounds:
        for session in sessions:
            for result in session.results:
                for program in result.programs:
                    yield session, result, program
