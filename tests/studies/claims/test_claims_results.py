import pytest

from seqbench.experiments.explain.unit_cost import Unit
from studies.claims.claim import ClaimStatus
from studies.claims.claims_results import CLAIMS
from studies.claims.evidence import ClaimEvidence
from tests.support.claim_cases import NO_RATIO, about, assessed, cost, figures, ids_of, measured, ratio, seen

MILLION = 1_000_000


def _skynet(tasks: int, *, result: int = 1, leaves: int = MILLION, is_full: bool = True) -> ClaimEvidence:
    return seen(measured("skynet", subject=figures(result=result, tasks=tasks), is_full=is_full, leaves=leaves))


def _pingpong(middle: float, low: float | None = None, high: float | None = None) -> ClaimEvidence:
    return seen(measured("pingpong", ratio(middle, low, high), round_trips=MILLION))


def _fanout(workers: int, messages: int) -> ClaimEvidence:
    return seen(measured("fanout", subject=figures(workers=workers, messages=messages), workers=workers))


def _both(pingpong: float, fanout: float) -> ClaimEvidence:
    return seen(measured("pingpong", ratio(pingpong)), measured("fanout", ratio(fanout)))


def _strand_and_message(strand_ns: float, message_ns: float, skynet: float = 20) -> ClaimEvidence:
    costs = (cost("skynet", "seq", Unit.STRAND, strand_ns), cost("pingpong", "seq", Unit.MESSAGE, message_ns))
    return seen(measured("skynet", ratio(skynet), leaves=10), costs=costs)


def _strands(go_ns: float, tokio_ns: float) -> ClaimEvidence:
    return seen(costs=(cost("skynet", "go", Unit.STRAND, go_ns), cost("skynet", "tokio", Unit.STRAND, tokio_ns)))


CONFIRMED = [
    ("skynet-tree", _skynet(MILLION)),
    ("skynet-result", _skynet(1, result=499_999_500_000)),
    ("pingpong-messages", seen(measured("pingpong", subject=figures(messages=9), round_trips=9))),
    ("fanout-configuration", _fanout(100, MILLION)),
    ("pingpong-row", _pingpong(2.32)),
    ("fanout-row", seen(measured("fanout", ratio(2.2)))),
    ("skynet-row", seen(measured("skynet", ratio(28.2)))),
    ("within-1.5x", _both(1.4, 1.2)),
    ("slower-by-spawning", _strand_and_message(10_000, 200)),
    ("optimised-for-spawning", _strands(700, 650)),
    ("pingpong-comparable", _pingpong(1.9)),
]
REFUTED = [
    ("skynet-tree", _skynet(1_111_111)),
    ("skynet-result", _skynet(1, result=499_999_500_001)),
    ("pingpong-messages", seen(measured("pingpong", subject=figures(messages=18), round_trips=9))),
    ("fanout-configuration", _fanout(100, MILLION - 1)),
    ("fanout-configuration", _fanout(99, MILLION)),
    ("pingpong-row", _pingpong(2.2)),
    # It holds the claimed figure and too many others.
    ("pingpong-row", _pingpong(2.3, 1.1, 4.0)),
    ("fanout-row", seen(measured("fanout", ratio(1.5)))),
    ("skynet-row", seen(measured("skynet", ratio(65)))),
    ("within-1.5x", _both(1.4, 1.6)),
    ("within-1.5x", _both(2.2, 1.2)),
    ("slower-by-spawning", _strand_and_message(300, 200)),
    ("slower-by-spawning", _strand_and_message(10_000, 200, skynet=0.9)),
    ("optimised-for-spawning", _strands(1_500, 700)),
    ("pingpong-comparable", _pingpong(2.1)),
    ("pingpong-comparable", _pingpong(1.9, 1.7, 2.1)),
]


def test_every_claim_has_evidence_for_and_against() -> None:
    every = {claim.id for claim in CLAIMS}

    assert ids_of(CONFIRMED) == every
    assert ids_of(REFUTED) == every


@pytest.mark.parametrize(("claim", "evidence"), CONFIRMED)
def test_it_is_confirmed(claim: str, evidence: ClaimEvidence) -> None:
    assert assessed(claim, evidence).status is ClaimStatus.CONFIRMED


@pytest.mark.parametrize(("claim", "evidence"), REFUTED)
def test_it_is_not_confirmed(claim: str, evidence: ClaimEvidence) -> None:
    assert assessed(claim, evidence).status is ClaimStatus.NOT_CONFIRMED


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        # Not at the size of the claim.
        ("skynet-result", _skynet(1, leaves=1_000, is_full=False)),
        ("pingpong-row", seen(measured("pingpong", ratio(2.3), is_full=False))),
        # Too few rounds.
        ("pingpong-row", seen(measured("pingpong", NO_RATIO))),
        ("within-1.5x", seen(measured("pingpong", ratio(1.2)), measured("fanout", NO_RATIO))),
        ("within-1.5x", seen(measured("pingpong", ratio(1.2)))),
        # Nothing to hold it against.
        ("optimised-for-spawning", seen(costs=(cost("skynet", "go", Unit.STRAND, 700),))),
        ("optimised-for-spawning", seen(costs=(cost("skynet", "seq", Unit.STRAND, 700),))),
        ("skynet-tree", seen(measured("skynet", ratio(2), leaves=10))),
    ],
)
def test_with_half_the_evidence_it_is_not_measured(claim: str, evidence: ClaimEvidence) -> None:
    assert assessed(claim, evidence).status is ClaimStatus.NOT_MEASURED


def test_the_figures_stand_beside_the_verdict() -> None:
    found = ratio(2.2, 2.1, 2.3)
    row = seen(measured("pingpong", found, subject=figures(747), reference=figures(341), round_trips=MILLION))

    assert assessed("pingpong-row", row).figures == "here 747 ms and 341 ms, 2.2x [2.1, 2.3] (round_trips=1,000,000)"
    tree = assessed("skynet-tree", _skynet(1_111_111))
    assert tree.figures == "1,000,000 leaves take 1,111,111 strands: inner nodes are strands too"
    assert about(1).interval is not None


def test_an_interval_on_both_sides_of_a_limit_is_said_to_be() -> None:
    assert "an interval includes the limit" in assessed("pingpong-comparable", _pingpong(1.9, 1.7, 2.1)).figures
    assert "an interval includes the limit" not in assessed("pingpong-comparable", _pingpong(2.3, 2.2, 2.4)).figures
