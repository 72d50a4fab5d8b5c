from collections.abc import Mapping
from dataclasses import replace

import pytest

from seqbench.bench.stopping import Standing
from seqbench.compare.looks import PLANNED_LOOKS
from seqbench.compare.metrics import Metric
from seqbench.compare.stop import standing
from seqbench.sessions.design import Design, Look
from seqbench.sessions.session import Measured, Outcome, Session
from tests.support.compared import CALM, FAILED, WILD, heavier, pair, probe, session_of, slowed
from tests.support.strategies import measured

# Sixty rounds were run, of 180 or of all.
THIRD = Design(planned=180, looks=(Look(rounds=15, spent=0.03), Look(rounds=60, spent=0.09)))
ALL = Design(planned=60, looks=tuple(Look(rounds=60, spent=each.spent) for each in PLANNED_LOOKS))


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


def _with(names: Mapping[str, Outcome], executable: str) -> Session:
    """Return a session with several benchmarks, or tests of one."""
    sessions = [session_of(outcome, executable) for outcome in names.values()]
    results = [replace(each.results[0], name=name) for name, each in zip(names, sessions, strict=True)]
    return replace(sessions[0], results=tuple(results))


def _standing(*sides: Session, benchmark: str = "pingpong", metrics: tuple[Metric, ...] = (Metric.TIME,)) -> Standing:
    return standing(_designed(ALL, *sides), benchmark, runtime="seq", margin=0.02, metrics=metrics)


def test_benchmark_without_any_of_the_metrics_ends_with_its_probe() -> None:
    base, head = (heavier(side, 0.0) for side in pair(slowed(CALM, 1.1)))
    found = _standing(base, head, session_of(WILD), metrics=(Metric.PEAK_MEMORY,))
    assert (found.is_settled, found.is_probe_found) == (True, True)


def test_metric_that_a_side_lacks_does_not_end_the_probe() -> None:
    base, head = (heavier(side, 0.0) for side in pair(slowed(CALM, 1.1)))
    both = (Metric.TIME, Metric.PEAK_MEMORY)
    assert not _standing(base, head, session_of(WILD), metrics=both).is_probe_found
    assert _standing(base, head, probe(0.1), metrics=both).is_settled


def test_benchmark_has_its_share_of_the_error_of_all() -> None:
    """Ten pairs are enough for an error of 1 %, and too few for a fortieth of it."""
    few = measured(*CALM[:10])
    for number, is_settled in ((1, True), (40, False)):
        names = dict.fromkeys(["pingpong", *(f"other{n}" for n in range(1, number))], few)
        head = names | {"pingpong": slowed(CALM[:10], 1.1)}
        assert _standing(_with(names, "sha256:aa"), _with(head, "sha256:bb")).is_settled is is_settled


def test_every_test_of_a_benchmark_and_no_other_benchmark_keeps_it_open() -> None:
    calm, fine = measured(*CALM), slowed(CALM, 1.1)
    base = _with({"hop/a": calm, "hop/b": calm, "skip": calm}, "sha256:aa")
    head = _with({"hop/a": fine, "hop/b": fine, "skip": WILD}, "sha256:bb")
    assert _standing(base, head, benchmark="hop").is_settled
    assert not _standing(base, head, benchmark="skip").is_settled
    head = _with({"hop/a": fine, "hop/b": WILD, "skip": calm}, "sha256:bb")
    assert not _standing(base, head, benchmark="hop").is_settled


def test_benchmark_that_cannot_be_compared_needs_no_probe() -> None:
    open_probe = session_of(WILD)
    assert _standing(*pair(FAILED), open_probe).is_settled
    assert not _standing(*pair(WILD), open_probe).is_probe_found


def test_false_alarm_of_the_plain_rounds_settles_an_open_probe() -> None:
    times = [time * (1.05 if n % 2 else (1.5 if n % 4 else 0.8)) for n, time in enumerate(CALM, start=1)]
    assert _standing(*pair(slowed(CALM, 1.1)), session_of(measured(*times))).is_probe_found


def test_text_has_the_rounds_and_the_metric() -> None:
    base, head = pair(slowed(CALM, 1.1))
    text = _standing(base, head).text
    assert text.endswith("after 60 rounds")
    (result,) = head.results
    (program,) = result.programs
    assert isinstance(program.outcome, Measured)
    larger = tuple(replace(each, max_rss_bytes=2 * each.max_rss_bytes) for each in program.outcome.samples)
    outcome = Measured(samples=larger, warm_ups=())
    head = replace(head, results=(replace(result, programs=(replace(program, outcome=outcome),)),))
    found = _standing(base, head, metrics=(Metric.TIME, Metric.PEAK_MEMORY, Metric.BUILD_TIME))
    assert [part.partition(",")[0] for part in found.text.split("; ")] == [
        "pingpong: slower",
        "pingpong: slower by peak-memory",
    ]


def test_what_is_judged_after_the_rounds_needs_no_more_of_them() -> None:
    found = _standing(*pair(measured(*CALM)), metrics=(Metric.BUILD_TIME, Metric.SIZE))
    assert (found.is_settled, found.text) == (True, "pingpong: no verdict needs more rounds")
