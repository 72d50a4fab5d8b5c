import dataclasses

import pytest

from seqbench.compare.comparable import difference, left_out, names_of, obstacles
from seqbench.sessions.session import State
from tests.support.compared import CALM, pair, session_of
from tests.support.strategies import a_program, a_result, a_session, measured


def test_every_obstacle_is_named_at_once() -> None:
    base, head = pair(measured(*CALM))
    machine = dataclasses.replace(head.machine, identity="other")
    resized = tuple(dataclasses.replace(r, parameters=(("round_trips", 10),)) for r in head.results)
    other = dataclasses.replace(head, machine=machine, sources="sha256:ff", state=State.INTERRUPTED, results=resized)
    reasons = "\n".join(obstacles(base, other))
    for part in (
        "different machines",
        "different benchmark sources",
        "head is interrupted",
        "different sizes of pingpong",
    ):
        assert part in reasons
    assert obstacles(base, head) == ()


def test_only_the_benchmarks_that_differ_are_left_out() -> None:
    base = a_session(*(a_result(a_program(measured(*CALM)), name=name) for name in ("hop", "skip")))
    head = dataclasses.replace(base, results=base.results[:1])
    assert names_of(base, head) == names_of(head, base) == ("hop", "skip")
    assert left_out(base, head) == ("skip is only in base",)
    assert left_out(head, base) == ("skip is only in head",)
    assert obstacles(base, head) == ()


@pytest.mark.parametrize(
    ("then", "now", "is_suite_changed", "reason"),
    [
        # The digest of the benchmark decides, where both sides have one.
        ("sha256:a", "sha256:a", True, ""),
        ("sha256:a", "sha256:b", False, "different sources of pingpong"),
        ("", "sha256:b", True, "different benchmark sources, perhaps of pingpong"),
        ("", "sha256:b", False, ""),
    ],
)
def test_sources_of_a_benchmark_decide(then: str, now: str, *, is_suite_changed: bool, reason: str) -> None:
    sides = []
    for digest, of_suite in ((then, "sha256:1"), (now, "sha256:2" if is_suite_changed else "sha256:1")):
        session = session_of(measured(*CALM))
        results = tuple(dataclasses.replace(result, sources=digest) for result in session.results)
        sides.append(dataclasses.replace(session, results=results, sources=of_suite))
    found = difference(sides[0], sides[1], "pingpong")
    assert found.startswith(reason)
    assert bool(found) is bool(reason)
