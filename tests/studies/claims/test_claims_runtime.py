import pytest

from seqbench.experiments.explain.unit_cost import Unit
from seqbench.stats.intervals import Ratio
from studies.claims.claim import ClaimStatus
from studies.claims.claims_runtime import CLAIMS
from studies.claims.evidence import ClaimEvidence
from tests.support.claim_cases import NO_RATIO, assessed, calls, figures, ids_of, measured, ratio, seen


def _fanout(received: int = 1_000, *, sent: int = 1_000, least: int = 7) -> ClaimEvidence:
    return seen(
        measured("fanout", subject=figures(result=received, messages=sent, workers=10, least=least), workers=10)
    )


def _sharing(in_turn: int, otherwise: int) -> ClaimEvidence:
    subject = figures(workers=10, most={"busiest_in_turn": in_turn, "busiest": otherwise})
    return seen(measured("sharing", subject=subject, workers=10, messages=1_000))


def _diagnostics(**ratios: Ratio) -> ClaimEvidence:
    return seen(diagnostics_ratio=tuple(ratios.items()))


def _clock(each: float, *, reports: bool | None = True) -> ClaimEvidence:
    return seen(calls=(calls("skynet", "seq", Unit.STRAND, clock_gettime=each),), reports_itself=reports)


def _handlers(**handled: bool) -> ClaimEvidence:
    return seen(quit_handlers=tuple(handled.items()))


def _pool(mmap: int) -> ClaimEvidence:
    return seen(calls=(calls("pingpong", "seq", Unit.MESSAGE, start_mmap=mmap),))


CONFIRMED = [
    ("unbounded", seen(measured("unread", subject=figures(result=1_000)))),
    ("concurrent-receives", _fanout()),
    ("exactly-one-receiver", _fanout()),
    ("yield-is-fair", _sharing(400, 1_000)),
    ("sentinels-drain", _fanout()),
    ("stack-size", seen(stack_unit_bytes=1.0)),
    ("pool-default", _pool(10_016)),
    ("pool-helps", seen(pool_ratio=(("skynet", ratio(0.4)),))),
    ("diagnostics-default", seen(reports_itself=True)),
    ("diagnostics-off-is-fastest", _diagnostics(skynet=ratio(1), pingpong=ratio(1.08))),
    ("registry-overhead", _diagnostics(skynet=ratio(1.1))),
    ("signal-handler", _handlers(on=True, off=False)),
    ("clock-calls", _clock(1.0)),
    ("diagnostics-negligible", _diagnostics(skynet=ratio(1), pingpong=ratio(0.99))),
]
REFUTED = [
    ("unbounded", seen(measured("unread", problem="timed out"))),
    ("concurrent-receives", _fanout(least=0)),
    ("exactly-one-receiver", _fanout(999)),
    ("yield-is-fair", _sharing(500, 1_000)),
    ("sentinels-drain", _fanout(999)),
    ("stack-size", seen(stack_unit_bytes=8.0)),
    ("pool-default", _pool(1_016)),
    ("pool-helps", seen(pool_ratio=(("skynet", ratio(1)),))),
    ("diagnostics-default", seen(reports_itself=False)),
    ("diagnostics-off-is-fastest", _diagnostics(skynet=ratio(1), pingpong=ratio(1))),
    ("registry-overhead", _diagnostics(skynet=ratio(1))),
    ("signal-handler", _handlers(on=True, off=True)),
    # Without one to leave out, leaving out the diagnostics leaves out nothing.
    ("signal-handler", _handlers(on=False, off=False)),
    ("clock-calls", _clock(0.0)),
    ("diagnostics-negligible", _diagnostics(skynet=ratio(1), pingpong=ratio(1.08))),
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
        ("diagnostics-negligible", _diagnostics(pingpong=ratio(1))),
        ("diagnostics-negligible", _diagnostics(skynet=NO_RATIO)),
        ("pool-helps", seen(pool_ratio=(("pingpong", ratio(0.4)),))),
        ("pool-helps", seen(pool_ratio=(("skynet", NO_RATIO),))),
        # Without diagnostics there is nothing to see of what they do.
        ("clock-calls", _clock(0.0, reports=False)),
        ("clock-calls", _clock(0.0, reports=None)),
        ("yield-is-fair", seen(measured("sharing", ratio(1)))),
        ("concurrent-receives", seen(measured("fanout", ratio(1)))),
        ("signal-handler", _handlers(on=True)),
        ("signal-handler", _handlers(off=False)),
    ],
)
def test_with_half_the_evidence_it_is_not_measured(claim: str, evidence: ClaimEvidence) -> None:
    assert assessed(claim, evidence).status is ClaimStatus.NOT_MEASURED


def test_the_figures_stand_beside_the_verdict() -> None:
    assert assessed("stack-size", seen(stack_unit_bytes=8.0)).figures == "one unit is 8 bytes; 131072 are 1,024 KiB"
    assert assessed("yield-is-fair", _sharing(470, 9_020)).figures == (
        "the busiest worker of all runs had 4.7 equal shares, without the yield 90.2"
    )
    assert assessed("diagnostics-negligible", _diagnostics(skynet=ratio(1.08, 1.05, 1.1))).figures == (
        "time with diagnostics / without: skynet 1.080 [1.050, 1.100]"
    )
