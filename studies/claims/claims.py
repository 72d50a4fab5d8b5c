"""List every claim of the document that this suite replaces, in its order. Pure.

Its commands, its rule of 24 hours and its bands are taken over, and are no claims.
"""

from studies.claims import claims_results, claims_runtime, claims_spawning
from studies.claims.claim import Assessment, Claim
from studies.claims.evidence import ClaimEvidence

CLAIMS: tuple[Claim, ...] = (
    *claims_results.CLAIMS,
    *claims_spawning.CLAIMS,
    *claims_runtime.CLAIMS,
)


def assess_claims(evidence: ClaimEvidence) -> tuple[tuple[Claim, Assessment], ...]:
    """Return every claim with its assessment."""
    return tuple((claim, claim.assess(evidence)) for claim in CLAIMS)
