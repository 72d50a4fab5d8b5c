from collections.abc import Callable
from dataclasses import replace

import pyperf
import pytest
from hypothesis import given

from seqbench.errors import UsageError
from seqbench.publish.export.formats import FORMATS, export, find_format
from seqbench.publish.export.programs import measured_programs
from seqbench.sessions.session import Failed, Measured, Sample, Session, Stage
from tests.support.laws import FEW
from tests.support.strategies import a_program, a_result, a_sample, a_session, measured, sessions
from tests.support.world import REPOSITORY

_NAMES = ("markdown", "json", "csv", "hyperfine", "pyperf", "benchfmt", "bencher", "gha")
# The formats that hold nothing but what was measured.
_OF_NUMBERS = _NAMES[2:]
_TIMED_OUT = Failed(stage=Stage.RUN, reason="timed out", detail="no end after 90 s, 4711 ms of it asleep")


def _a_session(change: Callable[[Sample], Sample] = lambda sample: sample, *, warm_up_ms: float = 3) -> Session:
    """Build a session of one program with enough rounds that no single one decides a median or an interval."""
    samples = (a_sample(200 + number, round_number=number) for number in range(1, 22))
    outcome = Measured(samples=tuple(change(sample) for sample in samples), warm_ups=(a_sample(warm_up_ms),))
    return a_session(a_result(a_program(outcome)), runtimes=("seq",))


def _with_another_first(session: Session) -> Session:
    outcome = session.results[0].programs[0].outcome
    assert isinstance(outcome, Measured)
    first, *others = outcome.samples
    # The least stays the least.
    changed = (replace(first, elapsed_ns=first.elapsed_ns - 1), *others)
    return a_session(a_result(a_program(Measured(samples=changed, warm_ups=outcome.warm_ups))), runtimes=("seq",))


def _with_a_failure(session: Session) -> Session:
    return replace(session, results=(a_result(*session.results[0].programs, a_program(_TIMED_OUT, "go")),))


_PLAIN = _a_session()
# The same session but for one thing, and the formats that hold it.
_CHANGES = {
    "a sample": (_with_another_first(_PLAIN), {"json", "csv", "hyperfine", "pyperf", "benchfmt"}),
    "the ledger": (
        _a_session(lambda sample: replace(sample, result=2, ledger=(("tasks", 1),))),
        {"json", "csv", "pyperf"},
    ),
    "the place in a round": (_a_session(lambda sample: replace(sample, position=1)), {"json", "csv", "pyperf"}),
    "processor time": (
        _a_session(lambda sample: replace(sample, user_ns=sample.user_ns // 2)),
        {"markdown", "json", "csv", "hyperfine", "pyperf", "benchfmt"},
    ),
    "the warm-ups": (_a_session(warm_up_ms=4), {"json", "pyperf"}),
    "the machine": (
        replace(_PLAIN, machine=replace(_PLAIN.machine, cpu="Another processor")),
        {"markdown", "json", "pyperf", "benchfmt", "gha"},
    ),
    "the seed": (replace(_PLAIN, seed=8), {"markdown", "json"}),
}


def _hidden(sample: Sample) -> Sample:
    return replace(sample, max_rss_floor_bytes=sample.max_rss_bytes)


def test_documentation_has_every_format_with_what_does_not_fit() -> None:
    assert tuple(each.name for each in FORMATS) == _NAMES
    page = (REPOSITORY / "docs" / "EXPORTS.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("| `")]
    assert [(row[0], row[2]) for row in rows[1:]] == [(f"`{each.name}`", each.limits) for each in FORMATS]


@FEW
@given(sessions)
def test_every_session_can_be_rendered_in_every_format_and_written_to_a_file(session: Session) -> None:
    for wanted in FORMATS:
        try:
            exported = export(session, wanted)
        except UsageError as error:
            assert error.message.encode()  # noqa: PT017 - a session with numbers has none
            assert wanted.name in _OF_NUMBERS
            assert not measured_programs(session)
            assert isinstance(wanted.render(session), str)
        else:
            assert exported.text.encode().endswith(b"\n")
            assert all(note.encode() for note in exported.notes)


@pytest.mark.parametrize("what", _CHANGES)
def test_format_holds_what_its_sentence_says(what: str) -> None:
    changed, holders = _CHANGES[what]
    assert {each.name for each in FORMATS if each.render(changed) != each.render(_PLAIN)} == holders


def test_what_does_not_fit_is_told_in_one_note() -> None:
    for wanted in FORMATS:
        assert export(_PLAIN, wanted).notes == ((wanted.limits,) if wanted.name != "json" else ())


@pytest.mark.parametrize("name", ["hyperfine", "benchfmt"])
def test_memory_that_is_hidden_is_left_out_and_told(name: str) -> None:
    session = _a_session(_hidden)
    exported = export(session, find_format(name))
    assert str(a_sample().max_rss_bytes) not in exported.text
    assert "(unless hidden) peak memory" in exported.notes[0]


@pytest.mark.parametrize("name", _OF_NUMBERS)
def test_a_program_that_failed_is_no_number_and_is_named_with_its_reason(name: str) -> None:
    wanted = find_format(name)
    exported = export(_with_a_failure(_PLAIN), wanted)
    assert exported.text == export(_PLAIN, wanted).text
    assert exported.notes[0] == f"not in {wanted.title}: pingpong/runtime=go/round_trips=1000000: failed: timed out"


@pytest.mark.parametrize("name", ["markdown", "json"])
def test_a_format_that_tells_failures_has_them_and_no_note_of_them(name: str) -> None:
    exported = export(_with_a_failure(_PLAIN), find_format(name))
    assert "4711" in exported.text
    assert not any("timed out" in note for note in exported.notes)


@pytest.mark.parametrize("name", _NAMES)
def test_a_session_without_numbers_is_refused_where_there_is_nothing_else_to_tell(name: str) -> None:
    session = a_session(a_result(a_program(_TIMED_OUT)))
    if name not in _OF_NUMBERS:
        assert "4711" in export(session, find_format(name)).text
        return
    with pytest.raises(UsageError, match="no program of this session has samples") as caught:
        export(session, find_format(name))
    assert "pingpong/runtime=seq/round_trips=1000000: failed: timed out" in caught.value.message
    assert "--format markdown" in caught.value.fix


@pytest.mark.parametrize("name", ["", None])
def test_no_format_names_those_that_there_are(name: str | None) -> None:
    with pytest.raises(UsageError, match="--format is missing") as caught:
        find_format(name)
    assert all(known in caught.value.message for known in _NAMES)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("hyprfine", "did you mean 'hyperfine'"),
        ("benchmt", "did you mean 'benchfmt'"),
        ("mardown", "did you mean 'markdown'"),
        ("CSV", "use one of: "),
    ],
)
def test_an_unknown_format_names_those_that_there_are_and_what_is_near(name: str, hint: str) -> None:
    with pytest.raises(UsageError, match=f"--format: no format named '{name}'") as caught:
        find_format(name)
    assert caught.value.fix.startswith(hint)
    assert all(known in caught.value.fix for known in _NAMES)


def test_program_whose_clock_shows_zero_is_a_note_where_the_format_cannot_store_it() -> None:
    zero, timed = a_program(measured(0, 1)), a_program(measured(5), "go")
    exported = export(a_session(a_result(zero, timed)), find_format("pyperf"))

    name = "pingpong/runtime=seq/round_trips=1000000"
    assert f"not in pyperf's JSON: {name}: its clock showed a time of zero" in exported.notes
    assert [each.get_name() for each in pyperf.BenchmarkSuite.loads(exported.text).get_benchmarks()] == [
        "pingpong/runtime=go/round_trips=1000000"
    ]


def test_session_of_nothing_but_zeros_is_an_error_where_the_format_cannot_store_them() -> None:
    with pytest.raises(UsageError, match="no program of this session has samples for pyperf's JSON") as caught:
        export(a_session(a_result(a_program(measured(0)))), find_format("pyperf"))
    assert "its clock showed a time of zero" in caught.value.message


@pytest.mark.parametrize("name", [name for name in _NAMES if name != "pyperf"])
def test_session_of_zeros_is_exported_to_every_other_format(name: str) -> None:
    zeros = Measured(samples=tuple(replace(a_sample(5), elapsed_ns=0) for _ in range(6)), warm_ups=())
    coarse = replace(a_result(replace(a_program(zeros), clock_step_ns=1_000_000)), rate_count=5)
    assert export(a_session(coarse, runtimes=("seq",)), find_format(name)).text
