from dataclasses import replace

import pytest

from seqbench.experiments.explain.unit_cost import Unit
from seqbench.stats.growth import Estimate
from seqbench.stats.intervals import Interval
from studies.claims.claim import Verdict
from studies.claims.claims_spawning import CLAIMS
from studies.claims.evidence import ClaimEvidence
from tests.support.claim_cases import (
    NO_RATIO,
    about,
    calls,
    cost,
    figures,
    gap,
    ids_of,
    measured,
    ratio,
    seen,
    share,
    verdict,
)

MILLION = 1_000_000
TRACED = {"mmap": 0.8, "munmap": 0.7, "mprotect": 2.0}


def _pingpong_system(of_elapsed: Estimate, of_process: float = 0.1) -> ClaimEvidence:
    whole = measured("pingpong", subject=figures(system_share=of_process), round_trips=9)
    return seen(whole, costs=(cost("pingpong", "seq", Unit.MESSAGE, 400, 4),), shares=(share(of_elapsed),))


def _between(low: float, high: float) -> Estimate:
    return Estimate(value=(low + high) / 2, interval=Interval(low=low, high=high))


def _skynet(middle: float, leaves: int = 100_000, *, is_full: bool = False) -> ClaimEvidence:
    return seen(measured("skynet", ratio(middle), leaves=leaves, is_full=is_full))


def _skynet_system(system_share: float) -> ClaimEvidence:
    return seen(measured("skynet", subject=figures(system_share=system_share), leaves=100_000, is_full=False))


def _actors_and_skynet(actors: float, skynet: float) -> ClaimEvidence:
    return seen(measured("actors", ratio(actors)), measured("skynet", ratio(skynet)))


def _skynet_in(seconds: float, *, is_full: bool = True) -> ClaimEvidence:
    return seen(measured("skynet", subject=figures(seconds * 1e3, tasks=1_111_111), is_full=is_full))


def _curve(*ratios: tuple[int, float]) -> ClaimEvidence:
    return seen(actors_ratios=tuple((messages, ratio(middle)) for messages, middle in ratios))


def _maps(runtime: str = "may", **each: float) -> ClaimEvidence:
    traced = calls("skynet", runtime, Unit.STRAND)
    return seen(calls=(replace(traced, per_unit=tuple({**TRACED, **each}.items())),))


def _for_a_message(benchmark: str, name: str, each: float) -> ClaimEvidence:
    return seen(calls=(replace(calls(benchmark, "seq", Unit.MESSAGE), per_unit=((name, each),)),))


CONFIRMED = [
    ("not-representative", _actors_and_skynet(2, 20)),
    ("pingpong-system", _pingpong_system(_between(0.005, 0.012))),
    ("pingpong-1.2x", seen(measured("pingpong", ratio(1.22)))),
    ("skynet-system", _skynet_system(2.9)),
    ("skynet-35x", _skynet(35)),
    ("root-cause", seen(gaps=(gap(0.88),))),
    ("maps-with-guards", _maps()),
    ("maps-with-guards", _maps("seq")),
    ("go-minimal-calls", seen(calls=(calls("skynet", "go", Unit.STRAND, futex=0.005),))),
    ("amortized", _for_a_message("pingpong", "futex", 0.001)),
    ("long-lived-actors", _curve((1, 9), (1_000, 1.5))),
    ("spawn-heavy", _skynet(65, MILLION, is_full=True)),
    ("million-actors", _skynet_in(66)),
    ("millions-of-messages", _curve((1, 9), (10, 1.9), (1_000, 1.5))),
]
REFUTED = [
    ("not-representative", _actors_and_skynet(20, 20)),
    ("pingpong-system", _pingpong_system(_between(0.1, 0.2))),
    # What cannot be told of the work is told of the process, with its start.
    ("pingpong-system", _pingpong_system(_between(-0.2, 0.04))),
    ("pingpong-1.2x", seen(measured("pingpong", ratio(2.2)))),
    ("skynet-system", _skynet_system(1.1)),
    ("skynet-35x", _skynet(17)),
    ("root-cause", seen(gaps=(gap(0.31),))),
    ("root-cause", seen(gaps=(gap(-0.04),))),
    ("maps-with-guards", _maps(mmap=0.1)),
    ("maps-with-guards", _maps(munmap=0.0)),
    ("go-segmented", seen()),
    ("go-minimal-calls", seen(calls=(calls("skynet", "go", Unit.STRAND, futex=0.2),))),
    ("amortized", _for_a_message("actors", "write", 1.0)),
    ("long-lived-actors", _curve((1, 1.5), (1_000, 3))),
    ("spawn-heavy", _skynet(17)),
    ("million-actors", _skynet_in(40)),
    ("millions-of-messages", _curve((1, 9), (10, 3), (1_000, 1.5))),
    ("millions-of-messages", _curve((1, 9), (1_000, 3))),
]


def test_every_claim_has_evidence_for_and_against() -> None:
    every = {claim.id for claim in CLAIMS}

    # The one that is taken away is judged by what Go's own notes say, whatever was measured.
    assert ids_of(CONFIRMED) == every - {"go-segmented"}
    assert ids_of(REFUTED) == every


@pytest.mark.parametrize(("claim", "evidence"), CONFIRMED)
def test_it_is_confirmed(claim: str, evidence: ClaimEvidence) -> None:
    assert verdict(claim, evidence).verdict is Verdict.CONFIRMED


@pytest.mark.parametrize(("claim", "evidence"), REFUTED)
def test_it_is_not_confirmed(claim: str, evidence: ClaimEvidence) -> None:
    assert verdict(claim, evidence).verdict is Verdict.NOT_CONFIRMED


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        # At 10,000 leaves the stacks come from the pool, which was mapped at the start.
        ("root-cause", seen(gaps=(gap(0.31, leaves=10_000),))),
        ("spawn-heavy", _skynet(17, 10_000)),
        ("skynet-35x", _skynet(17, 10_000)),
        ("skynet-35x", _skynet(35, MILLION, is_full=True)),
        ("maps-with-guards", seen(calls=(calls("skynet", "may", Unit.STRAND, extra_units=10_000, mmap=0.0),))),
        # More or less than what reads as 1 %.
        ("pingpong-system", _pingpong_system(_between(-0.2, 0.04), 0.01)),
        ("pingpong-system", seen(costs=(cost("pingpong", "seq", Unit.MESSAGE, 400, 4),))),
        # Too few rounds for an interval at the end of the curve.
        ("long-lived-actors", seen(actors_ratios=((1, NO_RATIO),))),
        ("millions-of-messages", seen(actors_ratios=((1, NO_RATIO),))),
        ("million-actors", _skynet_in(66, is_full=False)),
        ("not-representative", seen(measured("actors", ratio(2)))),
        ("amortized", seen(calls=(calls("actors", "go", Unit.MESSAGE, write=1.0),))),
    ],
)
def test_with_half_the_evidence_it_is_not_measured(claim: str, evidence: ClaimEvidence) -> None:
    assert verdict(claim, evidence).verdict is Verdict.NOT_MEASURED


def test_the_figures_stand_beside_the_verdict() -> None:
    assert verdict("maps-with-guards", _maps()).figures == (
        "may, for each strand more: 0.80 mmap, 0.70 munmap, 2.00 mprotect"
    )
    assert (
        "90% of elapsed, where 2 cores can show 200% at most" in verdict("skynet-system", _skynet_system(0.9)).figures
    )
    assert (
        verdict("million-actors", _skynet_in(66.7)).figures == "skynet starts 1,111,111 strands at 60 s for a million"
    )
    assert "2 million" not in verdict("pingpong-system", _pingpong_system(about(0.1))).figures
    assert "8.00 ms for a million round trips" in verdict("pingpong-system", _pingpong_system(about(0.1))).figures
