import json
from dataclasses import replace

from hypothesis import given

from seqbench.publish.export.github_action import github_action
from seqbench.publish.export.programs import measured_programs
from seqbench.sessions.session import Session
from tests.support.exported import COUNTED
from tests.support.laws import FEW
from tests.support.strategies import a_session, sessions

_SEQ = "pingpong/runtime=seq/round_trips=1000000"
_GO = "pingpong/runtime=go/round_trips=1000000"


def test_the_github_action_gets_milliseconds_with_a_range_and_what_it_was_measured_with() -> None:
    session = replace(a_session(COUNTED), settings=(("SEQ_A", "1"),))
    seq, go = json.loads(github_action(session))
    assert seq == {
        "name": _SEQ,
        "unit": "ms",
        "value": 502.0,
        "range": "[500.0, 504.0]",
        "extra": "6 rounds\ngo 1.27.3 (a wheel; sha256:cccccccccccc)\nSEQ_A=1\n"
        "A processor, 8 cores, 16.0 GiB, Linux 6 x86_64",
    }
    assert go["name"] == _GO
    assert "range" not in go


@FEW
@given(sessions)
def test_the_github_action_gets_a_number_and_texts_for_every_program(session: Session) -> None:
    entries = json.loads(github_action(session))
    assert [entry["name"] for entry in entries] == [program.name for program in measured_programs(session)]
    for entry in entries:
        assert entry.keys() - {"range"} == {"name", "unit", "value", "extra"}
        assert isinstance(entry["value"], float)
        assert all(isinstance(entry[key], str) for key in entry.keys() - {"value"})
