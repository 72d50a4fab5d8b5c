from dataclasses import fields, replace

import pytest

from seqbench.bench.of_tests import RunSample, joined, of_test, of_test_in, printed_in, step_ns
from seqbench.sessions.session import BenchmarkResult, Failed, Measured, ProgramResult, Sample, Stage
from seqbench.suite.output import Printed
from tests.support.strategies import a_result, a_sample


def a_run(round_number: int) -> RunSample:
    printed = (
        Printed(test="a", result=1, elapsed_ns=2_000_000, step_ns=1_000_000, ledger=()),
        Printed(test="b", result="x", elapsed_ns=3_000_000, step_ns=1_000, ledger=(("tasks", 7),)),
    )
    plain = {field.name: getattr(a_sample(round_number=round_number), field.name) for field in fields(Sample)}
    return RunSample(**{**plain, "elapsed_ns": 5_000_000, "result": 1, "ledger": (), "tests": printed})


WHOLE = Measured(samples=(a_run(1), a_run(2)), warm_ups=(a_run(0),))


def result_of(test: str) -> BenchmarkResult:
    outcome = of_test_in(WHOLE, test)
    assert outcome is not None
    program = ProgramResult(
        runtime="go", variant="", executable="", outcome=outcome, clock_step_ns=step_ns(WHOLE, test)
    )
    plain = a_result(program)
    names = {field.name: getattr(plain, field.name) for field in fields(plain)}
    return BenchmarkResult(**{**names, "name": f"hop/{test}", "test": test})


def test_run_has_the_figures_of_each_of_its_tests() -> None:
    sample = of_test(a_run(1), "b")
    assert sample is not None
    assert (sample.result, sample.elapsed_ns, sample.ledger, type(sample)) == ("x", 3_000_000, (("tasks", 7),), Sample)
    assert of_test(a_run(1), "c") is None
    assert (step_ns(WHOLE, "a"), step_ns(WHOLE, "b"), step_ns(WHOLE, "c")) == (1_000_000, 1_000, 1)
    assert of_test_in(WHOLE, "c") is None


def test_stored_run_of_one_test_is_that_test() -> None:
    sample = a_sample()
    assert [printed.test for printed in printed_in(sample)] == [""]
    assert of_test(sample, "") == sample


def test_results_of_tests_are_put_together_again() -> None:
    assert joined([result_of("a"), result_of("b")], "go", "") == WHOLE


def test_failure_of_one_test_is_that_of_the_program() -> None:
    failed = Failed(stage=Stage.RUN, reason="timed out", detail="")
    program = ProgramResult(runtime="go", variant="", executable="", outcome=failed)
    assert joined([a_result(program)], "go", "") == failed


@pytest.mark.parametrize(
    ("printed", "step"),
    [
        (((50_000, 10_000), (1_000_000, 1_000_000)), 10_000),
        (((1_000_000, 1_000_000), (2_000_000, 1_000_000)), 1_000_000),
        (((0, 1_000_000),), 1_000_000),
        # Zeros with fewer digits than the other times, and with more.
        (((0, 1_000_000), (50_000, 10_000)), 10_000),
        (((0, 10_000), (3_000_000, 1_000_000)), 1_000_000),
        # A clock that shows zero has steps of more than 1 ns, or the stored session would not be valid.
        (((0, 1_000_000), (1_234_567, 1)), 1_000_000),
        (((1_234_567, 1), (3_000_000, 1_000_000)), 1),
    ],
)
def test_clock_counts_in_the_finest_step_that_it_printed(printed: tuple[tuple[int, int], ...], step: int) -> None:
    runs = tuple(
        replace(
            a_run(number),
            tests=(Printed(test="a", result=1, elapsed_ns=elapsed_ns, step_ns=step_ns, ledger=()),),
        )
        for number, (elapsed_ns, step_ns) in enumerate(printed, start=1)
    )
    assert step_ns(Measured(samples=runs, warm_ups=()), "a") == step
