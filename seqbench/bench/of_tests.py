"""Take the runs of programs with several tests apart, and put them together again. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from seqbench.sessions.session import BenchmarkResult, Measured, Outcome, Sample
from seqbench.suite.output import Printed


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSample(Sample):
    """A run with all that the program printed; its time is the sum of those of its tests."""

    tests: tuple[Printed, ...]


def printed_in(sample: Sample) -> tuple[Printed, ...]:
    """Return what a program printed in a run; of a stored run, its one test."""
    if isinstance(sample, RunSample):
        return sample.tests
    return (Printed(test="", result=sample.result, elapsed_ns=sample.elapsed_ns, step_ns=1, ledger=sample.ledger),)


def of_test(sample: Sample, test: str) -> Sample | None:
    """Return a run with the figures of one of its tests; None where it has no such test."""
    found = next((each for each in printed_in(sample) if each.test == test), None)
    if found is None:
        return None
    plain = {field.name: getattr(sample, field.name) for field in fields(Sample)}
    return Sample(**{**plain, "result": found.result, "elapsed_ns": found.elapsed_ns, "ledger": found.ledger})


def of_test_in(measured: Measured, test: str) -> Measured | None:
    """Return the figures of one test; None where the program has no such test."""
    samples, warm_ups = (
        tuple(found for sample in group if (found := of_test(sample, test)))
        for group in (measured.samples, measured.warm_ups)
    )
    return Measured(samples=samples, warm_ups=warm_ups) if samples or warm_ups else None


def step_ns(measured: Measured, test: str) -> int:
    """Return what the times of a test are rounded to in nanoseconds: the finest step, as a time may end with zeros."""
    printed = [each for sample in (*measured.warm_ups, *measured.samples) for each in printed_in(sample)]
    steps = [each.step_ns for each in printed if each.test == test and each.elapsed_ns]
    of_zeros = [each.step_ns for each in printed if each.test == test and not each.elapsed_ns]
    if of_zeros:
        # A clock that shows zero does not count nanoseconds.
        return min((step for step in steps if step > 1), default=min(of_zeros))
    return min(steps, default=1)


def joined(results: Sequence[BenchmarkResult], runtime: str, variant: str) -> Outcome:
    """Return the runs of a program with the figures of all its tests, from the results of each test."""
    found = [
        (result.test, program)
        for result in results
        for program in result.programs
        if (program.runtime, program.variant) == (runtime, variant)
    ]
    outcomes = [program.outcome for _, program in found]
    measured = [outcome for outcome in outcomes if isinstance(outcome, Measured)]
    if len(measured) < len(outcomes):
        return next(outcome for outcome in outcomes if not isinstance(outcome, Measured))
    names = [(test, program.clock_step_ns) for test, program in found]
    return Measured(
        samples=tuple(_whole(runs, names) for runs in zip(*(each.samples for each in measured), strict=True)),
        warm_ups=tuple(_whole(runs, names) for runs in zip(*(each.warm_ups for each in measured), strict=True)),
    )


def _whole(runs: Sequence[Sample], names: Sequence[tuple[str, int]]) -> RunSample:
    """Return one run from the samples of its tests."""
    printed = tuple(
        Printed(test=test, result=run.result, elapsed_ns=run.elapsed_ns, step_ns=step_ns, ledger=run.ledger)
        for run, (test, step_ns) in zip(runs, names, strict=True)
    )
    plain = {field.name: getattr(runs[0], field.name) for field in fields(Sample)}
    return RunSample(**{**plain, "elapsed_ns": sum(each.elapsed_ns for each in printed), "tests": printed})
