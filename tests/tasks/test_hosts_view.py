"""The progress of several hosts in one view."""

import io
from contextlib import redirect_stderr

import pytest
from rich.console import Console

from seqbench.events import Detail, Estimate, Event, Phase, Remark
from seqbench.tasks.progress import HostsView, hosts_progress, progress
from tests.support.rounds import measuring


def shown(*events: tuple[str, Event], terminal: bool = False) -> list[str]:
    """Return the lines that these events of the hosts `one` and `two` come to."""
    out = io.StringIO()
    with HostsView(Console(file=out, force_terminal=terminal, width=100), ("one", "two")) as view:
        for name, event in events:
            view.listener(name)(event)
    return out.getvalue().splitlines()


def test_what_a_host_says_has_its_name_and_what_is_of_all_has_none() -> None:
    assert shown(
        ("one", Phase(text="building [seqc]")),
        ("two", Remark(text="another run is measuring")),
        ("two", Estimate(total_s=90.0)),
        ("", Phase(text="comparing")),
    ) == [
        "one: building [seqc]",
        "two: another run is measuring",
        "two: measuring takes about 1 min 30 s",
        "comparing",
    ]


def test_rounds_of_each_host_are_a_line_for_each_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqbench.tasks.progress._QUIET_INTERVAL_S", 1e9)
    rounds: list[tuple[str, Event]] = [
        (host, measuring(name, number)) for name in ("alpha", "beta") for number in (1, 2) for host in ("one", "two")
    ]
    lines = shown(*rounds, ("one", Detail(text="step 2 of 3")))
    assert lines == [f"{host}: {name} (Seq): round 1 of 30" for name in ("alpha", "beta") for host in ("one", "two")]


def test_terminal_has_a_bar_for_each_host_and_remarks_stay() -> None:
    events: list[tuple[str, Event]] = [
        ("one", Phase(text="building")),
        ("one", Detail(text="step 2 of 3")),
        ("two", measuring("alpha", 15)),
    ]
    text = "\n".join(shown(*events, ("two", Remark(text="stay")), terminal=True))
    for part in ("one", "step 2 of 3", "alpha (Seq): round 15 of 30", "two: stay"):
        assert part in text
    assert "one: building" not in text


def test_progress_of_this_and_of_other_machines_is_on_standard_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SEQBENCH_EVENTS", raising=False)
    with progress() as view, hosts_progress(("one",)) as views:
        view(Phase(text="here"))
        views.listener("one")(Phase(text="there"))
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "here\none: there\n")


def test_reader_of_the_progress_that_went_away_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    monkeypatch.delenv("SEQBENCH_EVENTS", raising=False)
    with redirect_stderr(Gone()), progress() as view:
        for text in ("building", "measuring"):
            view(Phase(text=text))
