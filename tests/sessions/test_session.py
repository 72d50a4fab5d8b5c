from dataclasses import replace

import pytest

from seqbench.sessions.session import Failed, Stage, ToolIdentity, changed_since, paired_times
from tests.support.strategies import a_program, a_result, a_sample, a_session, measured

_FAILED = Failed(stage=Stage.RUN, reason="timed out", detail="")


def test_program_of_a_variant_is_its_own_else_the_plain_one_else_none() -> None:
    plain, idiomatic, seq = a_program(_FAILED, "go"), a_program(_FAILED, "go", "idiomatic"), a_program(_FAILED)
    result = a_result(seq, plain, idiomatic)

    assert result.program("go", "idiomatic") is idiomatic
    assert result.program("go", "") is plain
    assert result.program("seq", "idiomatic") is seq
    assert result.program("may", "") is None


def test_paired_times_are_those_of_the_rounds_that_both_have_in_order() -> None:
    first = [a_sample(time, round_number=number) for number, time in ((3, 30), (1, 10), (2, 20))]
    second = [a_sample(time, round_number=number) for number, time in ((1, 11), (3, 33), (4, 44))]

    assert list(paired_times(first, second).items()) == [(1, (10e6, 11e6)), (3, (30e6, 33e6))]
    assert paired_times(first, []) == {}


def test_failures_are_given_with_benchmark_and_program() -> None:
    failed, right = a_program(_FAILED, "go"), a_program(measured(1))
    result = a_result(right, failed)

    assert a_session(result).failures() == ((result, failed, _FAILED),)


def test_missing_are_the_benchmarks_of_the_suite_without_a_result() -> None:
    session = replace(a_session(a_result()), suite=("fanout", "pingpong", "skynet"))

    assert session.missing() == ("fanout", "skynet")
    assert a_session(a_result()).missing() == ()


def test_tool_sentence_has_version_provenance_and_a_short_digest() -> None:
    tool = ToolIdentity(name="go", version="1.27.3", digest="sha256:" + "c" * 64, provenance="a wheel")
    assert tool.sentence() == "go 1.27.3 (a wheel; sha256:cccccccccccc)"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, ""),
        ({"seed": 8, "commit": "", "load_before": 3.0}, ""),
        ({"sources": "sha256:2"}, "the benchmark sources have changed since"),
        ({"toolchain": ()}, "7.7.5 has changed since"),
        ({"settings": (("SEQ_A", "1"),)}, "7.7.5 has changed since"),
        ({"target_cpu": "native"}, "the target CPU has changed since: not recorded then, native now"),
    ],
)
def test_changed_since_gives_the_reason_why_samples_may_not_be_put_together(
    change: dict[str, object], reason: str
) -> None:
    then = a_session()
    now = replace(then, **change)  # type: ignore[arg-type]

    assert changed_since(then, now, "7.7.5").startswith(reason)
    assert bool(changed_since(then, now, "7.7.5")) is bool(reason)


def test_changed_since_another_machine_comes_first() -> None:
    then = a_session()
    now = replace(then, sources="sha256:2", machine=replace(then.machine, identity="cd34"))

    assert changed_since(then, now, "7.7.5") == "it was measured on another machine"
