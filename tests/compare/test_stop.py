from dataclasses import replace

import pytest

from seqbench.compare.looks import PLANNED_LOOKS
from seqbench.compare.stop import standing
from seqbench.sessions.design import Design, Look
from seqbench.sessions.session import Outcome, Session
from tests.support.compared import CALM, FAILED, WILD, pair, probe, session_of, slowed
from tests.support.strategies import measured

# Sixty rounds were run, of 180 or of all.
THIRD = Design(planned=180, is_capped=False, looks=(Look(rounds=15, spent=0.03), Look(rounds=60, spent=0.09)))
ALL = Design(planned=60, is_capped=False, looks=tuple(Look(rounds=60, spent=each.spent) for each in PLANNED_LOOKS))


def _designed(design: Design, *sides: Session) -> tuple[Session, ...]:
    return tuple(replace(side, results=tuple(replace(r, design=design) for r in side.results)) for side in sides)


@pytest.mark.parametrize(
    ("head", "text"),
    [
        (slowed(CALM, 1.1), "pingpong: slower, 1.100 ["),
        (slowed(CALM, 1.0), "pingpong: same, 1.000 ["),
        (FAILED, "pingpong: not comparable: head failed (run): killed by SIGABRT"),
    ],
)
def test_benchmark_is_settled_by_its_verdict_or_because_there_will_be_none(head: Outcome, text: str) -> None:
    found = standing(_designed(THIRD, *pair(head)), "pingpong", runtime="seq", margin=0.02)
    assert (found.is_settled, found.is_probe_found) == (True, False)
    assert found.text.startswith(text)


@pytest.mark.parametrize("head", [WILD, measured(*CALM[:5])])
def test_benchmark_without_a_verdict_is_open(head: Outcome) -> None:
    assert not standing(_designed(THIRD, *pair(head)), "pingpong", runtime="seq", margin=0.02).is_settled


@pytest.mark.parametrize(
    ("probe", "is_found"),
    [
        (probe(0.1), True),
        (session_of(WILD), False),
        # A false alarm of the probe makes the gate unfit, which more rounds do not change.
        (probe(0.0001, plain=1.05), True),
    ],
)
def test_benchmark_of_a_gate_is_settled_only_with_its_probe(probe: Session, *, is_found: bool) -> None:
    sides = _designed(ALL, *pair(slowed(CALM, 1.1)), probe)
    found = standing(sides, "pingpong", runtime="seq", margin=0.02)
    assert (found.is_settled, found.is_probe_found) == (is_found, is_found)


def test_probe_may_be_found_before_the_verdict_stands() -> None:
    found = standing(_designed(ALL, *pair(WILD), probe(0.1)), "pingpong", runtime="seq", margin=0.02)
    assert (found.is_settled, found.is_probe_found) == (False, True)
