"""Every claim of the document that this suite replaces, in its order, and the verdict on each. Pure.

What it says of commands, of the rule of 24 hours and of the bands is taken over and not judged.
"""

from seqbench import claims_of_results, claims_of_runtime, claims_of_spawning
from seqbench.claim_evidence import ClaimEvidence
from seqbench.judging import Claim, Judgement

CLAIMS: tuple[Claim, ...] = (
    *claims_of_results.CLAIMS,
    *claims_of_spawning.CLAIMS,
    *claims_of_runtime.CLAIMS,
)


def judged(evidence: ClaimEvidence) -> tuple[tuple[Claim, Judgement], ...]:
    """Give every claim with its verdict."""
    return tuple((claim, claim.verdict(evidence)) for claim in CLAIMS)
