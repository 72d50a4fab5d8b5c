from collections.abc import Callable
from dataclasses import replace

from seqbench.experiments.explain.evidence import Evidence, evidence_of
from seqbench.experiments.explain.unit_cost import Unit
from seqbench.sessions.session import Sample
from tests.support.explanations import a_run, an_instrumented_run, at, at_two_sizes


def works(each_ns: int) -> Callable[[int], Sample]:
    def run(size: int) -> Sample:
        return a_run(elapsed_ns=size * each_ns, user_ns=size * each_ns, ledger={"tasks": size, "messages": size})

    return run


def the_explanation() -> Evidence:
    explanation = at_two_sizes(
        "skynet", (1_000, 100_000), {"seq": works(9_000), "go": works(1_000), "may": works(5_000)}
    )
    small = an_instrumented_run(mmap=10_000)
    return evidence_of(replace(explanation, calls=(small, at(small, 101_000, mmap=110_000))))


def test_an_explanation_gives_costs_calls_and_the_split_of_the_gap() -> None:
    evidence = the_explanation()

    assert [split.library.value for split in evidence.gaps] == [0.5]
    cost = evidence.cost("skynet", "seq", Unit.STRAND)
    assert cost is not None
    assert round(cost.time.value) == 9_000
    calls = evidence.call("skynet", "seq", Unit.STRAND)
    assert calls is not None
    assert calls.per_unit_of("mmap") == 1
    assert evidence.share("skynet", "seq") is not None


def test_what_was_not_measured_is_not_there() -> None:
    evidence = the_explanation()

    assert evidence.cost("skynet", "seq", Unit.MESSAGE) is None
    assert evidence.cost("skynet", "tokio", Unit.STRAND) is None
    assert evidence.call("skynet", "go", Unit.STRAND) is None
    assert evidence.share("pingpong", "seq") is None
