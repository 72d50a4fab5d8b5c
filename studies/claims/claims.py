"""Every claim of the document that this suite replaces, in its order, and the verdict on each. Pure.

What it says of commands, of the rule of 24 hours and of the bands is taken over and not judged.
"""

from studies.claims import claims_results, claims_runtime, claims_spawning
from studies.claims.claim import Claim, Judgement
from studies.claims.evidence import ClaimEvidence

CLAIMS: tuple[Claim, ...] = (
    *claims_results.CLAIMS,
    *claims_spawning.CLAIMS,
    *claims_runtime.CLAIMS,
)


def judged(evidence: ClaimEvidence) -> tuple[tuple[Claim, Judgement], ...]:
    """Return every claim with its verdict."""
    return tuple((claim, claim.verdict(evidence)) for claim in CLAIMS)
