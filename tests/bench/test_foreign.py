"""Programs that were not written for seqbench: what they print is read as their suite says."""

import pytest

from seqbench.compare.comparison import compare
from seqbench.compare.verdict import Verdict
from seqbench.publish.export.formats import FORMATS
from seqbench.sessions import report, store
from seqbench.sessions.session import Failed, Measured, Session
from tests.support.world import World, on_run, script

PATTERN = r"""
[output]
format = "pattern"

[output.pattern]
line = '^CASE (?P<test>\S+) -> (?P<result>\S+) in (?P<elapsed_ms>\S+) ms$'
"""
SLOW = "sleep 0.02"


def cases(*lines: str) -> str:
    """Build the source of a program that reports these tests."""
    return script(SLOW, *(f"echo 'CASE {line} ms'" for line in lines))


def measured(world: World, suite: str, **programs: str) -> Session:
    world.add("hop", **programs)
    (world.suite / "suite.toml").write_text(suite)
    return world.bench(runs="6")


def rows(session: Session) -> dict[str, list[str]]:
    found = report.headline_rows(session)
    return {row.title: [*(cell.text for cell in row.cells), "-" if row.ratio is None else "ratio"] for row in found}


def test_each_test_of_a_program_is_a_row(world: World) -> None:
    session = measured(
        world,
        PATTERN,
        seq=cases("a -> 42 in 1.500", "b -> x in 2.000"),
        go=cases("a -> 42 in 3.000", "c -> 1 in 1.000"),
    )

    assert rows(session) == {
        "Hop / a": ["1.5ms", "3ms", "ratio"],
        "Hop / b": ["2ms", "no program", "-"],
        "Hop / c": ["no program", "1ms", "-"],
    }
    assert [result.name for result in session.results] == ["hop/a", "hop/b", "hop/c"]
    assert session.missing() == ()
    assert [row[0] for row in report.cost_rows(session)] == ["Hop, Seq", "Hop, Go"]
    path = world.root / "stored.json"
    store.save(path, session)
    assert store.load(path) == session
    for format_ in FORMATS:
        assert format_.render(session)


def test_zero_of_a_coarse_clock_is_a_time_below_its_step(world: World) -> None:
    session = measured(world, PATTERN, seq=cases("a -> 1 in 0"), go=cases("a -> 1 in 4"))

    assert rows(session) == {"Hop / a": ["< 1ms", "4ms", "-"]}
    assert session.failures() == ()
    assert "the clock of Seq counts in steps of 1 ms; smaller differences cannot be seen in hop/a" in report.notes(
        session
    )
    found = compare(session, session, runtime="seq", paired=True, margin=0.02).benchmarks[0]
    assert (found.verdict, found.reason) == (Verdict.NOT_COMPARABLE, "its clock is too coarse to measure this time")
    path = world.root / "stored.json"
    store.save(path, session)
    assert store.load(path) == session


def test_interval_is_wider_by_half_a_step_of_each_clock(world: World) -> None:
    coarse = measured(world, PATTERN, seq=cases("a -> 1 in 4"), go=cases("a -> 1 in 2"))
    ratio = report.ratio_of(coarse, coarse.results[0], "")
    assert ratio is not None
    assert ratio.interval is not None
    assert (ratio.median, ratio.interval.low, ratio.interval.high) == pytest.approx((2.0, 1.4, 3.0))

    fine = measured(world, PATTERN, seq=cases("a -> 1 in 4.000000"), go=cases("a -> 1 in 2.000000"))
    ratio = report.ratio_of(fine, fine.results[0], "")
    assert ratio is not None
    assert ratio.interval is not None
    assert (ratio.interval.low, ratio.interval.high) == pytest.approx((2.0, 2.0))


def test_program_without_output_is_timed_by_the_wall_clock(world: World) -> None:
    session = measured(world, '[output]\nformat = "none"\n', seq=script(SLOW, "echo hello"), go=script("echo hello"))

    ((name, cells),) = rows(session).items()
    assert (name, cells[2]) == ("Hop (wall clock)", "ratio")
    (result,) = session.results
    (seq, _) = (program.outcome for program in result.programs)
    assert isinstance(seq, Measured)
    assert all(sample.elapsed_ns == sample.wall_ns for sample in seq.samples)
    assert str(seq.samples[0].result).startswith("sha256:")


def test_own_clock_and_wall_clock_have_rows_of_their_own_and_no_ratio(world: World) -> None:
    wall = '[runtimes.go]\nextends = "go"\n[runtimes.go.output]\nformat = "none"\n'
    session = measured(world, PATTERN + wall, seq=cases("a -> 1 in 4"), go=script("echo hello"))

    (own, other) = rows(session).items()
    assert own == ("Hop / a", ["4ms", "no program", "-"])
    assert (other[0], other[1][0], other[1][2]) == ("Hop (wall clock)", "no program", "-")


def test_result_that_is_not_printed_is_not_checked(world: World) -> None:
    suite = "[output]\nformat = \"pattern\"\n[output.pattern]\nline = '^(?P<elapsed_us>\\d+)$'\n"
    session = measured(world, suite, seq=script(SLOW, "echo 1500"), go=script(SLOW, "echo 1600"))

    assert rows(session) == {"Hop, result not checked": ["1.5ms", "1.6ms", "ratio"]}


@pytest.mark.parametrize(
    ("program", "reason", "detail"),
    [
        (script("echo hello"), "the pattern matches nothing", "standard output ends with: 'hello"),
        (cases("a -> 1 in 1", "a -> 1 in 2"), "the test 'a' matches twice", "ends with"),
        (cases("a -> 1 in 90000"), "clock ahead", "the work cannot take longer"),
        (script(r"printf '\377\001 CASE a -> 1 in 1 ms\n'"), "the pattern matches nothing", "ends with"),
        (on_run(2, cases("b -> 42 in 1.0"), cases("a -> 42 in 1.0")), "the test 'a' is missing", "every round"),
        (cases("a -> 7 in 1"), "programs disagree on result", "seq 42, go 7"),
    ],
)  # fmt: skip
def test_failure_is_named_with_its_reason(world: World, program: str, reason: str, detail: str) -> None:
    session = measured(world, PATTERN, seq=cases("a -> 42 in 1.000"), go=program)

    outcome = session.results[0].programs[-1].outcome
    assert isinstance(outcome, Failed)
    assert outcome.reason == reason
    assert detail in outcome.detail


def test_category_stands_in_the_name_of_a_row_unless_it_is_the_benchmark(world: World) -> None:
    pattern = PATTERN.replace("CASE (?P", "CASE (?P<category>\\w+)/(?P", 1)
    session = measured(world, pattern, go=cases("hop/a -> 1 in 1.0", "b/a -> 1 in 1.0"))

    assert [(result.name, result.title) for result in session.results] == [
        ("hop/a", "Hop / a"),
        ("hop/b/a", "Hop / b / a"),
    ]
    assert [row[0] for row in report.cost_rows(session)] == ["Hop, Go"]
