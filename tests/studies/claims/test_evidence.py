from dataclasses import replace

from seqbench.experiments.explain.evidence import evidence_of
from seqbench.sessions.session import Failed, Stage
from studies.claims.evidence import ClaimEvidence, claim_evidence_of, measurements
from tests.support.explanations import ROLES, a_measured_result, a_run, an_instrumented_run, at, at_two_sizes, rounds_of
from tests.support.strategies import a_session, measured


def test_the_evidence_of_an_explanation_is_taken_over_and_its_measurements_are_added() -> None:
    sides = {
        key: lambda size, each=each: a_run(elapsed_ns=size * each, ledger={"tasks": size})
        for key, each in (("seq", 9_000), ("go", 1_000), ("may", 5_000))
    }
    small = an_instrumented_run(mmap=10_000)
    explanation = replace(
        at_two_sizes("skynet", (1_000, 100_000), sides),
        calls=(small, at(small, 101_000, mmap=110_000)),
        reports=(an_instrumented_run(spawned=1_001),),
    )
    evidence, own = claim_evidence_of(explanation), evidence_of(explanation)

    assert (evidence.costs, evidence.shares, evidence.gaps, evidence.calls) == (
        own.costs,
        own.shares,
        own.gaps,
        own.calls,
    )
    assert own.costs
    assert own.gaps
    assert own.calls
    assert [each.size for each in evidence.measurements] == ["leaves=1,000", "leaves=100,000"]
    assert evidence.reports_itself is True
    assert evidence.cores == 8
    assert evidence.full("skynet") is None
    assert evidence.largest("pingpong") is None
    assert evidence.at("skynet", leaves=7) is None


def test_a_runtime_that_was_not_asked_is_not_one_that_says_nothing() -> None:
    explanation = at_two_sizes("skynet", (10, 100), {"seq": lambda size: a_run(elapsed_ns=size)})
    silent = replace(an_instrumented_run(), figures=(), problem="it says nothing of itself")

    assert claim_evidence_of(explanation).reports_itself is None
    assert claim_evidence_of(replace(explanation, reports=(silent,))).reports_itself is False


def test_the_largest_is_the_one_with_a_ratio_and_the_full_one_is_full() -> None:
    sides = {"seq": measured(*[200] * 6), "go": measured(*[100] * 6)}
    quick = a_session(a_measured_result("skynet", sides, leaves=1_000))
    reduced = a_session(a_measured_result("skynet", sides, leaves=100_000))
    full = a_session(a_measured_result("skynet", sides, is_full=True, leaves=1_000_000))
    alone = a_session(a_measured_result("skynet", {"seq": sides["seq"]}, is_full=True, leaves=1_000_000))
    evidence = ClaimEvidence(roles=ROLES, measurements=measurements(ROLES, (full, quick, reduced)))

    assert [dict(each.parameters)["leaves"] for each in evidence.measurements] == [1_000, 100_000, 1_000_000]
    assert evidence.largest("skynet") is evidence.full("skynet") is evidence.measurements[-1]
    assert evidence.at("skynet", leaves=100_000) is evidence.measurements[1]
    evidence = replace(evidence, measurements=measurements(ROLES, (quick, alone)))
    assert evidence.largest("skynet") is evidence.measurements[0]
    only_subject = replace(evidence, measurements=measurements(ROLES, (alone,)))
    assert only_subject.largest("skynet") is only_subject.measurements[0]


def test_of_two_sessions_at_one_size_the_later_one_counts() -> None:
    first, second = (
        a_session(a_measured_result("skynet", {"seq": measured(time), "go": measured(1)}, leaves=10)) for time in (2, 3)
    )
    (found,) = measurements(ROLES, (first, second))

    assert found.ratio is not None
    assert found.ratio.median == 3


def test_figures_have_the_range_of_what_was_counted_and_a_failed_side_has_none() -> None:
    outcome = rounds_of(*(a_run(ledger={"workers": 100, "least": least, "most": 2 * least}) for least in (7, 3, 5)))
    failed = Failed(stage=Stage.RUN, reason="timed out", detail="")
    (found,) = measurements(ROLES, (a_session(a_measured_result("fanout", {"seq": outcome, "go": failed})),))

    assert found.subject is not None
    assert found.reference is None
    assert found.ratio is None
    assert (found.subject.least_of("least"), found.subject.most_of("most")) == (3, 14)
    assert found.problem == ""
    assert (found.subject.least_of("workers"), found.subject.most_of("nothing")) == (100, None)


def test_a_subject_that_failed_at_every_size_has_a_problem() -> None:
    failed = Failed(stage=Stage.RUN, reason="timed out", detail="")
    sizes = [
        a_session(a_measured_result("unread", {"seq": outcome}, messages=number))
        for outcome, number in ((failed, 1), (measured(1), 2))
    ]

    assert ClaimEvidence(roles=ROLES, measurements=measurements(ROLES, sizes[:1])).problem("unread") == "timed out"
    assert ClaimEvidence(roles=ROLES, measurements=measurements(ROLES, sizes)).problem("unread") == ""
    assert ClaimEvidence(roles=ROLES).problem("unread") == ""
