"""Which answers hosts get to the question whether a benchmark stops."""

import random

import pytest

from seqbench.compare.asking import Question, question_from_json, question_to_json
from seqbench.compare.machines import Stratum
from seqbench.compare.machines_gate import ProbeStrata
from seqbench.compare.verdict import Looks
from seqbench.events import Event, Remark, Settled
from seqbench.hosts.deciding import CommonLooks

SLOWER, OPEN = 0.1, 0.0
NAMES = ("a", "b", "c")


def _stratum(shift: float, seed: int = 0, rounds: int = 20) -> Stratum:
    generator = random.Random(seed)  # noqa: S311 - noise, not secrets
    logs = tuple(shift + generator.gauss(0, 0.01 if shift else 0.2) for _ in range(rounds))
    return Stratum(logs=logs, looks=Looks(pairs=(rounds,), spent=(0.3,)))


def _probe(shift: float, seed: int) -> ProbeStrata:
    return ProbeStrata(plain=_stratum(OPEN, seed), slowed=_stratum(shift, seed), injected=0.1)


def _question(
    number: int,
    shift: float | None,
    *,
    benchmark: str = "hop",
    turn: tuple[int, int] = (1, 0),
    is_waiting: bool = True,
    is_alone: bool = False,
    probe: float | None = None,
    memory: float | None = None,
) -> str:
    return question_to_json(
        Question(
            number=number,
            benchmark=benchmark,
            turn=turn,
            strata={
                benchmark: None if shift is None else _stratum(shift, number),
                **({} if memory is None else {f"{benchmark} by peak-memory": _stratum(memory, number)}),
            },
            family=1,
            margin=0.02,
            is_waiting=is_waiting,
            is_alone=is_alone,
            probes={} if probe is None else {benchmark: _probe(probe, number)},
        )
    )


class _Deciding:
    """A decider with what it reported and sent."""

    def __init__(self, names: tuple[str, ...] = NAMES) -> None:
        self.events: list[Event] = []
        self.looks = CommonLooks(names, self.events.append)

    def sent(self, name: str) -> list[str]:
        found: list[str] = []
        self.looks.deliver(name, found.append)
        return found

    def all_sent(self) -> dict[str, list[str]]:
        return {name: self.sent(name) for name in NAMES}


@pytest.fixture
def deciding() -> _Deciding:
    return _Deciding()


@pytest.mark.parametrize(("shift", "answer"), [(SLOWER, "1 stop"), (OPEN, "1 go-on")])
def test_all_hosts_get_the_same_answer_once_the_last_one_has_asked(
    deciding: _Deciding, shift: float, answer: str
) -> None:
    for name in NAMES[:2]:
        deciding.looks.asked(name, _question(1, shift))
    assert deciding.all_sent() == {"a": [], "b": [], "c": []}
    assert [deciding.looks.is_waiting(name) for name in NAMES] == [True, True, False]
    deciding.looks.asked("c", _question(1, shift))
    assert deciding.all_sent() == {name: [answer] for name in NAMES}
    assert deciding.all_sent() == {"a": [], "b": [], "c": []}
    assert not any(map(deciding.looks.is_waiting, NAMES))
    assert deciding.looks.waited_s("a") > deciding.looks.waited_s("c") >= 0
    settled = [event.text for event in deciding.events if isinstance(event, Settled)]
    assert settled == (["hop: slower over all hosts, at look 1"] if shift else [])


@pytest.mark.parametrize(
    ("shift", "probe", "answer"),
    [
        (SLOWER, SLOWER, "1 stop"),
        (SLOWER, OPEN, "1 go-on"),
        (OPEN, SLOWER, "1 go-on-without-probe"),
        (OPEN, OPEN, "1 go-on"),
    ],
)
def test_gate_stops_once_its_verdict_and_its_probe_stand(
    deciding: _Deciding, shift: float, probe: float, answer: str
) -> None:
    for name in NAMES:
        deciding.looks.asked(name, _question(1, shift, probe=probe))
    assert deciding.all_sent() == {name: [answer] for name in NAMES}


def test_probe_that_one_host_has_not_run_is_not_found(deciding: _Deciding) -> None:
    for name in NAMES:
        deciding.looks.asked(name, _question(1, SLOWER, probe=None if name == "c" else SLOWER))
    assert deciding.all_sent() == {name: ["1 go-on"] for name in NAMES}


def test_verdict_over_all_hosts_decides_and_not_that_of_one(deciding: _Deciding) -> None:
    for name, shift in zip(NAMES, (SLOWER, -SLOWER, OPEN), strict=True):
        deciding.looks.asked(name, _question(1, shift))
    assert deciding.all_sent() == {name: ["1 go-on"] for name in NAMES}


def test_host_at_a_later_turn_waits_for_those_at_the_earlier_one(deciding: _Deciding) -> None:
    """A host whose plan holds no round of a benchmark has no look at it, so that nobody stops it."""
    deciding.looks.asked("c", _question(1, SLOWER, benchmark="later", turn=(1, 1)))
    for name in NAMES[:2]:
        deciding.looks.asked(name, _question(1, SLOWER))
    assert deciding.all_sent() == {"a": ["1 go-on"], "b": ["1 go-on"], "c": []}
    for name in NAMES[:2]:
        deciding.looks.asked(name, _question(2, SLOWER, benchmark="later", turn=(1, 1)))
    assert deciding.all_sent() == {"a": ["2 stop"], "b": ["2 stop"], "c": ["1 stop"]}


def test_host_that_ended_counts_with_its_last_look(deciding: _Deciding) -> None:
    deciding.looks.asked("c", _question(1, SLOWER, is_waiting=False))
    deciding.looks.ended("c")
    for name in NAMES[:2]:
        deciding.looks.asked(name, _question(1, SLOWER))
    assert deciding.all_sent() == {"a": ["1 stop"], "b": ["1 stop"], "c": []}


def test_benchmark_that_failed_on_a_host_goes_on_on_the_others(deciding: _Deciding) -> None:
    deciding.looks.asked("c", _question(1, None, is_waiting=False))
    deciding.looks.ended("c")
    for name in NAMES[:2]:
        deciding.looks.asked(name, _question(1, SLOWER))
    assert deciding.all_sent() == {"a": ["1 go-on"], "b": ["1 go-on"], "c": []}


@pytest.mark.parametrize("how", ["lost", "alone"])
def test_without_one_host_all_others_go_on_to_the_end_and_that_is_said_once(deciding: _Deciding, how: str) -> None:
    deciding.looks.asked("a", _question(1, SLOWER))
    if how == "lost":
        deciding.looks.lost("c")
    else:
        deciding.looks.asked("c", _question(2, SLOWER, is_waiting=False, is_alone=True))
    deciding.looks.asked("b", _question(1, SLOWER))
    deciding.looks.asked("a", _question(2, SLOWER, turn=(2, 0)))
    assert deciding.all_sent() == {"a": ["1 go-on", "2 go-on"], "b": ["1 go-on"], "c": []}
    (remark,) = [event for event in deciding.events if isinstance(event, Remark)]
    assert "the others run all planned rounds" in remark.text


def test_loss_of_a_host_of_a_task_without_looks_is_not_about_looks(deciding: _Deciding) -> None:
    deciding.looks.lost("c")
    assert deciding.events == []


def test_answer_that_could_not_be_sent_is_sent_the_next_time() -> None:
    deciding = _Deciding(("a",))
    deciding.looks.asked("a", _question(1, SLOWER))

    def broken(_line: str) -> None:
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - of this test
        deciding.looks.deliver("a", broken)
    assert deciding.sent("a") == ["1 stop"]


def test_question_that_comes_again_after_a_broken_connection_is_answered_once() -> None:
    deciding = _Deciding(("a",))
    for _ in range(2):
        deciding.looks.asked("a", _question(1, SLOWER))
    assert deciding.sent("a") == ["1 stop"]


def _with_looks(pairs: str, spent: str) -> str:
    return _question(1, SLOWER).replace('"pairs":[20],"spent":[0.3]', f'"pairs":{pairs},"spent":{spent}')


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[1]",
        '{"number": "x"}',
        _with_looks("[21]", "[0.3]"),
        _with_looks("[-1]", "[0.3]"),
        _with_looks("[9,5]", "[0.1,0.3]"),
        _with_looks("[5,9]", "[0.3,0.1]"),
        _with_looks("[5,9]", "[0.3]"),
    ],
)
def test_what_is_no_question_is_ignored(deciding: _Deciding, text: str) -> None:
    assert question_from_json(text) is None
    deciding.looks.asked("a", text)
    assert not deciding.looks.is_waiting("a")


def test_question_survives_the_way() -> None:
    text = _question(3, SLOWER)
    found = question_from_json(text)
    assert found is not None
    assert question_to_json(found) == text
    assert "\n" not in text


@pytest.mark.parametrize(("memory", "answer"), [(SLOWER, "1 stop"), (OPEN, "1 go-on")])
def test_benchmark_stops_once_all_its_metrics_are_settled(deciding: _Deciding, memory: float, answer: str) -> None:
    for name in NAMES:
        deciding.looks.asked(name, _question(1, SLOWER, memory=memory))
    assert deciding.all_sent() == {name: [answer] for name in NAMES}


def test_metric_that_a_host_lacks_holds_up_no_other_verdict(deciding: _Deciding) -> None:
    for name, memory in zip(NAMES, (OPEN, None, OPEN), strict=True):
        deciding.looks.asked(name, _question(1, SLOWER, memory=memory))
    assert deciding.all_sent() == {name: ["1 stop"] for name in NAMES}


def test_host_that_only_times_builds_holds_up_nobody(deciding: _Deciding) -> None:
    for name in NAMES[:2]:
        deciding.looks.asked(name, _question(1, SLOWER))
    assert deciding.all_sent() == {"a": [], "b": [], "c": []}
    over = Question(
        number=1, benchmark="", turn=(0, 0), strata={}, family=1, margin=0.02, is_waiting=False, is_over=True
    )
    deciding.looks.asked("c", question_to_json(over))
    assert deciding.sent("a") == deciding.sent("b") != []
