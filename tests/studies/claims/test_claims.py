import pytest

from studies.claims.claim import Claim, ClaimStatus
from studies.claims.claims import CLAIMS, assess_claims
from tests.support.claim_cases import NOTHING

# It is judged by what Go's own notes say, whatever was measured.
_BY_THE_NOTES = "go-segmented"


def test_every_claim_has_a_name_of_its_own() -> None:
    ids = [claim.id for claim in CLAIMS]

    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("claim", [claim for claim in CLAIMS if claim.id != _BY_THE_NOTES], ids=lambda claim: claim.id)
def test_without_evidence_a_claim_is_not_measured_and_says_what_it_takes(claim: Claim) -> None:
    found = claim.assess(NOTHING)

    assert found.status is ClaimStatus.NOT_MEASURED
    assert claim.command
    assert claim.command in found.figures


def test_they_are_judged_in_the_order_of_the_document() -> None:
    assert [claim.id for claim, _ in assess_claims(NOTHING)] == [claim.id for claim in CLAIMS]
