import pytest

from seqbench.stats.intervals import Interval, Ratio
from studies.claims.claim import Claim, ClaimStatus, assessment, at_size, matches, sure_ratio
from studies.claims.evidence import ClaimEvidence, Measurement
from tests.support.explanations import ROLES

EVIDENCE = ClaimEvidence(roles=ROLES)


def a_measurement(ratio: Ratio | None) -> Measurement:
    return Measurement(
        benchmark="pingpong",
        parameters=(("round_trips", 1_000),),
        is_full=True,
        ratio=ratio,
        subject=None,
        reference=None,
    )


@pytest.mark.parametrize(
    ("low", "high", "is_held"),
    [
        (2.2, 2.4, True),
        (2.35, 2.5, True),
        (2.36, 2.5, False),
        (2.0, 2.25, True),
        (2.0, 2.24, False),
        # It holds the claimed figure and too many others.
        (1.5, 4.0, False),
        (-1.0, 4.0, False),
    ],
)
def test_a_figure_is_held_where_the_interval_reaches_its_rounding_and_is_narrow(
    low: float, high: float, *, is_held: bool
) -> None:
    assert matches(Interval(low=low, high=high), 2.25, 2.35) is is_held


def test_a_claim_without_evidence_is_not_measured_and_says_what_it_takes() -> None:
    claim = Claim(id="x", words="w", command="invoke tune", check=lambda _evidence: None)

    found = claim.assess(EVIDENCE)
    assert (found.status, found.figures) == (ClaimStatus.NOT_MEASURED, "needs invoke tune")


@pytest.mark.parametrize("is_so", [True, False])
def test_a_claim_with_evidence_is_confirmed_or_not(*, is_so: bool) -> None:
    claim = Claim(id="x", words="w", command="", check=lambda _evidence: assessment(is_so, "2.0x"))

    found = claim.assess(EVIDENCE)
    assert (found.status is ClaimStatus.CONFIRMED, found.figures) == (is_so, "2.0x")


def test_a_ratio_without_an_interval_judges_nothing() -> None:
    interval = Interval(low=1.9, high=2.2)
    sure = a_measurement(Ratio(median=2.0, interval=interval, count=6))

    assert sure_ratio(None) is None
    assert sure_ratio(a_measurement(None)) is None
    assert sure_ratio(a_measurement(Ratio(median=2.0, interval=None, count=2))) is None
    assert sure_ratio(sure) == (sure, sure.ratio, interval)
    assert sure.ratio is not None
    assert at_size(sure, sure.ratio) == "pingpong 2.0x [1.9, 2.2] (round_trips=1,000)"
