from dataclasses import replace

import pytest

from seqbench.experiments.timeline.analysis import Wanted, analyze, wanted
from seqbench.experiments.timeline.document import WALL_CLOCK
from seqbench.experiments.timeline.report import course_table, full_text
from seqbench.sessions.session import Failed, Stage, State
from seqbench.text import SIMPLE
from seqbench.versions.version import Gap
from tests.support.bisections import times
from tests.support.strategies import measured
from tests.support.timelines import part, timeline

WRONG = Failed(stage=Stage.CHECK, reason="wrong result", detail="7")


@pytest.mark.parametrize(("runs", "rounds"), [(None, 16), (40, 40)])
def test_all_versions_come_first(runs: int | None, rounds: int) -> None:
    document = replace(timeline(runs=runs), state=State.INTERRUPTED)
    assert wanted(document) == Wanted(benchmark="", names=("pingpong",), places=(1, 2), rounds=rounds, share=0.6)
    assert analyze(document) == ()
    assert "INTERRUPTED: --resume continues it" in full_text(document)


def test_noise_gives_all_versions_more_rounds_unless_they_are_planned() -> None:
    noisy = part("", *(measured(*(80 + 4 * (n * pace % 11) for n in range(16))) for pace in (1, 3, 7)))
    found = wanted(timeline(noisy, runs=None))
    assert found is not None
    assert (found.benchmark, found.places) == ("", (1, 2))
    assert found.rounds > 16
    assert wanted(timeline(noisy, runs=None, planned=(("", 16),))) is None
    assert wanted(timeline(noisy, runs=16)) is None


def test_both_sides_of_a_candidate_run_again_without_the_reference() -> None:
    document = timeline(part("", times(), times(1.1), times(1.1)))
    found = wanted(document)
    assert found is not None
    assert (found.benchmark, found.names, found.places) == ("pingpong", ("pingpong",), (1,))
    assert found.share == 1.0
    assert wanted(replace(document, planned=(("pingpong", 20),))) == replace(found, rounds=20)
    # The budget holds no round.
    left = replace(document, planned=(("pingpong", 0),))
    assert wanted(left) is None
    (course,) = analyze(left)
    assert (course.open_candidates, course.steps) == (((0, 1),), ())
    assert "there may be a step" in full_text(left)


@pytest.mark.parametrize(("factor", "is_step"), [(1.1, True), (1.0, False)])
def test_fresh_rounds_alone_decide(factor: float, *, is_step: bool) -> None:
    document = timeline(part("", times(), times(1.1), times(1.1)), part("pingpong", times(), times(factor)))
    assert wanted(document) is None
    (course,) = analyze(document)
    assert course.open_candidates == ()
    assert [(step.before, step.after) for step in course.steps] == ([(0, 1)] if is_step else [])
    # Both parts are in the point.
    assert [point.rounds for point in course.points] == [32, 32, 16]


def test_candidate_with_too_few_fresh_rounds_stays_open_and_gets_the_rest_on_resume() -> None:
    """Three of sixteen rounds, as a short budget leaves: too few to say that there is no step."""
    few = part("pingpong", *(measured(*(100 * f + 0.01 * n for n in range(3))) for f in (1.0, 1.1)))
    document = timeline(part("", times(), times(1.1), times(1.1)), few, planned=(("pingpong", 3),))
    assert wanted(document) is None
    (course,) = analyze(document)
    assert (course.open_candidates, course.steps) == (((0, 1),), ())
    assert "there may be a step" in full_text(document)

    more = wanted(replace(document, planned=()))
    assert more is not None
    assert (more.benchmark, more.places) == ("pingpong", (1,))
    assert more.rounds + 3 == 16


def test_new_candidate_beside_other_versions_does_not_hold_up_the_first_one() -> None:
    """It stays open, because all rounds of a part have the same versions."""
    few = part("pingpong", *(measured(*(100 * f + 0.01 * n for n in range(3))) for f in (1.0, 1.1)))
    document = timeline(part("", times(), times(1.1), times(1.1), times(1.3)), few, versions=4)
    found = wanted(document)
    assert found is not None
    assert (found.benchmark, found.places) == ("pingpong", (1,))
    (course,) = analyze(document)
    assert course.open_candidates == ((0, 1), (2, 3))


def test_version_without_a_time_is_a_gap_within_its_step() -> None:
    built = Gap(version=1, benchmark="", reason="does not build")
    for document in (
        timeline(part("", times(), WRONG, times(1.1)), part("pingpong", times(), times(1.1), places=(2,))),
        replace(
            timeline(part("", times(), times(1.1), places=(2,)), part("pingpong", times(), times(1.1), places=(2,))),
            gaps=(built,),
        ),
    ):
        (course,) = analyze(document)
        assert [(step.before, step.after) for step in course.steps] == [(0, 2)]
        gap = course.points[1].gap
        assert gap is not None
        assert gap.reason in ("wrong result", "does not build")
        assert "from v0 to v2, with v1 not measured between them" in full_text(document)


def test_reference_that_failed_leaves_the_times() -> None:
    document = timeline(part("", WRONG, times(1.0), times(1.1)))
    (course,) = analyze(document)
    assert [point.to_reference for point in course.points] == [None] * 3
    assert [point.rounds for point in course.points] == [0, 16, 16]
    table = course_table(course, document, SIMPLE, None)
    rows = {line.split()[0]: line.split() for line in table.splitlines()}
    assert rows["v0"][1:4] == ["-", "wrong", "result"]
    assert rows["v2"][3] == "?"
    assert "no plot: no version was measured" in full_text(document)


def test_reference_of_another_runtime_is_no_point() -> None:
    document = timeline(part("", times(2.0), times(), times(1.0), places=(0, 1)), versions=2, reference_place=None)
    (course,) = analyze(document)
    assert [point.is_reference for point in course.points] == [False, False]
    assert course.whole is not None
    assert course.whole.ratio == pytest.approx(1.0, abs=0.01)


def test_whole_process_that_takes_no_longer_than_its_start_has_no_time() -> None:
    document = replace(
        timeline(part("", times(), times(1.0), times(1.0))),
        clock=WALL_CLOCK,
        starts=(("pingpong", 0, 1_000_000), ("pingpong", 1, 200_000_000)),
    )
    (course,) = analyze(document)
    gap = course.points[1].gap
    assert gap is not None
    assert (gap.reason, gap.detail) == ("takes no longer than its start", "use a larger --size")
    assert course.points[0].median_ns == pytest.approx(99e6, rel=0.01)


@pytest.mark.parametrize(("rounds", "needed"), [(4, 5), (5, 0)])
def test_fewer_rounds_than_any_step_needs_are_said(rounds: int, needed: int) -> None:
    """Two boundaries share an error of 20 %."""
    document = timeline(part("", *(times(factor, rounds=rounds) for factor in (1.0, 1.2, 1.4))), runs=rounds)
    (course,) = analyze(document)
    assert course.rounds_needed == needed
    assert (f"no step can be found in {rounds} rounds: 5 are needed" in full_text(document)) is bool(needed)
