"""Build the record of a session for LATEST_RUN.txt. Pure.

This is apart from `latest_run`, so that reading a record loads neither sessions nor reports.
"""

from collections.abc import Iterator

from seqbench.sessions.interference import counts_of, of_result
from seqbench.sessions.latest_run import Record, RecordedBenchmark, RecordedInterference, RecordedRatio, Status
from seqbench.sessions.report import costs, headline, notes, ratio_between, variants_of
from seqbench.sessions.session import BenchmarkResult, Measured, Session, State
from seqbench.stats.intervals import Interval, Ratio
from seqbench.text import PAGE_WIDTH, printable


def record_of(session: Session) -> Record:
    """Build the record of a session."""
    return Record(
        timestamp=session.started_at.replace(microsecond=0),
        commit=session.commit,
        dirty=session.dirty,
        changed=session.changed,
        is_complete=not session.missing() and session.is_every_runtime and session.is_default_suite,
        benchmarks=tuple(
            RecordedBenchmark(
                name=result.name,
                status=Status.FAILED
                if any(not isinstance(program.outcome, Measured) for program in result.programs)
                else Status.MEASURED,
                is_full=result.is_full,
                size=" ".join(f"{key}={value}" for key, value in result.parameters),
            )
            for result in session.results
        ),
        left_out=session.missing(),
        toolchain=tuple(tool.sentence() for tool in session.toolchain),
        settings=tuple(f"{key}={value}" for key, value in session.settings),
        machine=session.machine.sentence(),
        sources=session.sources,
        ratios=tuple(_ratios(session)),
        interference=tuple(_interference(session)),
        table=printable(headline(session, width=PAGE_WIDTH)),
        costs=printable(costs(session, width=PAGE_WIDTH)),
        notes=printable(notes(session)),
        target_cpu=session.target_cpu,
    )


def _interference(session: Session) -> Iterator[RecordedInterference]:
    for result in session.results:
        found = counts_of((of_result(result, session.machine.cores),))
        if found.judged_rounds:
            yield RecordedInterference(
                benchmark=result.name,
                judged_rounds=found.judged_rounds,
                disturbed_rounds=found.disturbed_rounds,
                others_share=round(found.others_share, 4),
                throttled_rounds=found.throttled_rounds,
            )


def _ratios(session: Session) -> Iterator[RecordedRatio]:
    """Yield the ratio of every runtime to the reference, which is the second one."""
    for result in session.results:
        for variant in variants_of(session, result):
            for side in (*session.runtimes[:1], *session.runtimes[2:]) if len(session.runtimes) > 1 else ():
                ratio = ratio_between(result, side.name, session.runtimes[1].name, variant)
                if ratio is not None:
                    runtime, reference = (
                        _program_name(result, each.name, variant) for each in (side, session.runtimes[1])
                    )
                    yield RecordedRatio(
                        benchmark=result.name, runtime=runtime, reference=reference, ratio=_six_digits(ratio)
                    )


def _program_name(result: BenchmarkResult, runtime: str, variant: str) -> str:
    """Return the name of the program in the row of this variant, such as `go.idiomatic`."""
    program = result.program(runtime, variant)
    return f"{runtime}.{program.variant}" if program and program.variant else runtime


def _six_digits(ratio: Ratio) -> Ratio:
    def rounded(value: float) -> float:
        return float(f"{value:.6g}")

    interval = ratio.interval and Interval(low=rounded(ratio.interval.low), high=rounded(ratio.interval.high))
    return Ratio(median=rounded(ratio.median), interval=interval, count=ratio.count)


def is_worth_recording(session: Session) -> bool:
    """Return whether a session may become the record: it is complete and at least one program was measured."""
    return session.state is State.COMPLETE and any(
        isinstance(program.outcome, Measured) for result in session.results for program in result.programs
    )
