import pytest
from hypothesis import given, strategies

from seqbench.events import Asked, Detail, Estimate, Measuring, Phase, Remark, Settled
from seqbench.hosts.wire import decode, encode

MEASURING = Measuring(
    benchmark="a", program="b", is_pilot=True, round_number=1, rounds=2, fraction_done=0.5, remaining_s=None
)


@pytest.mark.parametrize(
    "event",
    [
        Phase(text="ü"),
        Detail(text="x"),
        Estimate(total_s=1.5),
        MEASURING,
        Remark(text="line\nline"),
        Asked(text="{}"),
        Settled(benchmark="a", text="b"),
    ],
)
def test_event_survives_the_way(event: Phase) -> None:
    line = encode(event)
    assert "\n" not in line
    assert decode(line) == event


def test_last_line_is_the_exit_code() -> None:
    assert decode('{"event": "Ended", "status": 130}') == 130


def test_texts_are_printable() -> None:
    assert decode('{"event": "Remark", "text": "a\\u001b]0;x\\u0007\\u202e"}') == Remark(text=r"a\x1b]0;x\x07\u202e")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "x",
        "[]",
        "null",
        '{"event": 3}',
        '{"event": "Phase"}',
        '{"event": "Phase", "text": 3}',
        '{"text": "x"}',
        '{"event": "Ended"}',
        '{"event": "Ended", "status": "x"}',
        '{"event": "Exit", "text": "x"}',
        '{"event": "Ended", "status": Infinity}',
        '{"event": "Ended", "status": 1e999}',
        '{"event": "Ended", "status": NaN}',
        '{"event": "Estimate", "total_s": NaN}',
        '{"event": "Estimate", "total_s": 1e999}',
        '{"event": "Measuring", "fraction_done": Infinity}',
        '{"event": {}}',
    ],
)
def test_anything_else_is_nothing(line: str) -> None:
    assert decode(line) is None


@given(strategies.text())
def test_no_line_of_a_host_ends_the_reader(line: str) -> None:
    decode(line)
