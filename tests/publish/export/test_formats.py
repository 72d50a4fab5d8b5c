from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given

from seqbench.errors import UsageError
from seqbench.publish.export.formats import FORMATS, Format, Part, export, find_format
from seqbench.publish.export.programs import measured_programs
from seqbench.sessions.session import Failed, Measured, Sample, Session, Stage, ToolIdentity
from tests.support.laws import FEW
from tests.support.strategies import a_program, a_result, a_sample, a_session, measured, sessions
from tests.support.world import REPOSITORY

_NAMES = ("markdown", "json", "csv", "hyperfine", "pyperf", "benchfmt", "bencher", "gha")
# The formats that hold nothing but what was measured.
_OF_NUMBERS = _NAMES[2:]
_TIMED_OUT = Failed(stage=Stage.RUN, reason="timed out", detail="no end after 90 s, 4711 ms of it asleep")


def _a_session(change: Callable[[Sample], Sample] = lambda sample: sample, *, warm_up_ms: float = 3) -> Session:
    """Make a session of one program with so many rounds that no single one of them decides a median or an interval."""
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
# The same session but for one part of it.
_CHANGED = {
    Part.UNMEASURED: _with_a_failure(_PLAIN),
    Part.SAMPLES: _with_another_first(_PLAIN),
    Part.ORDER: _a_session(lambda sample: replace(sample, position=1)),
    Part.WARM_UPS: _a_session(warm_up_ms=4),
    Part.LEDGER: _a_session(lambda sample: replace(sample, result=2, ledger=(("tasks", 1),))),
    Part.OUTSIDE_CLOCK: _a_session(lambda sample: replace(sample, wall_ns=3 * sample.wall_ns)),
    Part.CPU: _a_session(lambda sample: replace(sample, user_ns=sample.user_ns // 2)),
    Part.MEMORY: _a_session(lambda sample: replace(sample, max_rss_bytes=2 * sample.max_rss_bytes)),
    Part.COUNTS: _a_session(lambda sample: replace(sample, minor_faults=7, voluntary_switches=7)),
    Part.MACHINE: replace(_PLAIN, machine=replace(_PLAIN.machine, cpu="Another processor")),
    Part.TOOLS: replace(
        _PLAIN, toolchain=(ToolIdentity(name="go", version="1.28.0", digest="", provenance=""),), settings=(("A", "1"),)
    ),
    Part.REQUEST: replace(_PLAIN, budget_s=1.0, seed=8),
}


def _hidden(sample: Sample) -> Sample:
    return replace(sample, max_rss_floor_bytes=sample.max_rss_bytes)


def test_the_documentation_has_every_format_with_what_it_leaves_out() -> None:
    assert tuple(each.name for each in FORMATS) == _NAMES
    page = (REPOSITORY / "docs" / "EXPORTS.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("| `")][
        1:
    ]
    assert [(row[0], row[3]) for row in rows] == [(f"`{each.name}`", "; ".join(each.leaves_out)) for each in FORMATS]
    assert [row[2] for row in rows] == ["no" if Part.SAMPLES in each.leaves_out else "yes" for each in FORMATS]


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


@pytest.mark.parametrize("part", _CHANGED)
@pytest.mark.parametrize("wanted", FORMATS, ids=_NAMES)
def test_a_format_holds_just_what_it_does_not_say_that_it_leaves_out(wanted: Format, part: Part) -> None:
    is_the_same = wanted.render(_CHANGED[part]) == wanted.render(_PLAIN)
    assert is_the_same == (part in wanted.leaves_out)


@pytest.mark.parametrize("name", _NAMES)
def test_what_a_format_leaves_out_is_told_in_one_note(name: str) -> None:
    wanted = find_format(name)
    notes = export(_PLAIN, wanted).notes
    if name == "json":
        assert notes == ()
    else:
        (note,) = notes
        assert note.startswith(f"{wanted.title} has no place for: ")
        assert all(part in note for part in wanted.leaves_out if part not in (Part.UNMEASURED, Part.HIDDEN_MEMORY))


def test_what_the_session_has_not_got_is_not_told() -> None:
    without = a_session(a_result(a_program(measured(1))))
    assert "warm-ups" in export(_PLAIN, find_format("csv")).notes[0]
    assert "warm-ups" not in export(without, find_format("csv")).notes[0]


@pytest.mark.parametrize("name", ["hyperfine", "benchfmt"])
def test_memory_that_is_hidden_is_left_out_and_told(name: str) -> None:
    session = _a_session(_hidden)
    exported = export(session, find_format(name))
    assert str(a_sample().max_rss_bytes) not in exported.text
    assert Part.HIDDEN_MEMORY in exported.notes[0]
    assert Part.HIDDEN_MEMORY not in export(_PLAIN, find_format(name)).notes[0]


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
    assert "--format markdown" in caught.value.remedy


@pytest.mark.parametrize("name", ["", None])
def test_no_format_names_those_that_there_are(name: str | None) -> None:
    with pytest.raises(UsageError, match="--format is missing") as caught:
        find_format(name)
    assert all(known in caught.value.message for known in _NAMES)


@pytest.mark.parametrize(
    ("name", "near"), [("hyprfine", "hyperfine"), ("benchmt", "benchfmt"), ("mardown", "markdown"), ("CSV", "csv")]
)
def test_an_unknown_format_names_those_that_there_are_and_what_is_near(name: str, near: str) -> None:
    with pytest.raises(UsageError, match=f"--format {name}: no format of that name") as caught:
        find_format(name)
    assert near in caught.value.message
    assert all(known in caught.value.remedy for known in _NAMES)
