from dataclasses import replace
from pathlib import Path

import pytest

from seqbench.events import Detail, Event
from seqbench.publish.history.database import HistoryError, record
from seqbench.publish.html import history as module
from seqbench.publish.html.history import KIND, MOST_MACHINES, read_history
from seqbench.sessions.session import Failed, Session, Stage
from tests.support.histories import past
from tests.support.page import read_page
from tests.support.strategies import a_program, a_result


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


def _on(identity: str, session: Session) -> Session:
    return replace(session, machine=replace(session.machine, identity=identity, cpu=f"The processor of {identity}"))


def test_without_a_history_there_is_no_section_and_none_is_made(path: Path) -> None:
    assert read_history(path).sections == ()
    assert not path.exists()


def test_an_empty_file_and_a_history_of_other_suites_alone_have_no_section(path: Path) -> None:
    path.touch()
    assert read_history(path).sections == ()
    record(path, replace(past(1, 500), is_default_suite=False))
    assert read_history(path).sections == ()


def test_a_machine_has_a_section_with_its_plots_and_what_invoke_history_shows(path: Path) -> None:
    for day in range(3):
        record(path, past(day, 500 + day))
    (section,) = read_history(path).sections
    assert (section.kind, section.title) == (KIND, "A processor, 8 cores, 16.0 GiB, Linux 6 x86_64")
    assert section.about == "history.db, machine ab12, 2026-03-01 to 2026-03-03"
    assert [plot.title for plot in section.plots] == ["Ping-Pong [1,000,000 round trips]"]
    assert [row[2] for row in section.plots[0].rows] == [
        "500.000",
        "501.000",
        "502.000",
        "250.000",
        "250.500",
        "251.000",
    ]
    assert section.text.startswith("machine ab12: A processor")
    assert "Ping-Pong [1,000,000 round trips], Seq" in section.text
    assert section.remarks == ()


def test_the_latest_points_are_shown_as_many_as_invoke_history_shows(path: Path) -> None:
    for day in range(35):
        record(path, past(day, 500 + day))
    (section,) = read_history(path).sections
    assert [row[2] for row in section.plots[0].rows][:30] == [f"{500 + day}.000" for day in range(5, 35)]
    assert "30 of 35" in section.text


def test_one_or_two_points_are_a_sentence_and_no_plot(path: Path) -> None:
    for day in range(2):
        record(path, past(day, 500))
    (section,) = read_history(path).sections
    assert section.plots == ()
    seq, go = (f"Ping-Pong [1,000,000 round trips], {name}: 2" for name in ("Seq", "Go"))
    assert section.remarks == (f"Too few sessions for a plot, which needs 3: {seq}; {go}.",)
    # Beside a program that has enough.
    failed = Failed(stage=Stage.RUN, reason="timed out", detail="")
    result = a_result(a_program(failed), past(2, 500).results[0].programs[1])
    record(path, replace(past(2, 500), results=(result,)))
    (section,) = read_history(path).sections
    assert {row[0] for row in section.plots[0].rows} == {"Go"}
    assert section.remarks == (f"Too few sessions for a plot, which needs 3: {seq}.",)
    assert "2, 1 failed" in section.text


def test_machines_are_never_in_one_section_and_the_ones_of_the_page_come_first(path: Path) -> None:
    for day in range(3):
        record(path, _on("old", past(day, 300)))
        record(path, _on("new", past(day + 10, 900)))
    assert [section.about.split(",")[1] for section in read_history(path).sections] == [" machine new", " machine old"]
    old, new = read_history(path, ("old", "nowhere")).sections
    assert "The processor of old" in old.title
    for section, own, other in ((old, "300.000", "900.000"), (new, "900.000", "300.000")):
        cells = {cell for plot in section.plots for row in plot.rows for cell in row}
        assert own in cells
        assert other not in cells
        assert len(section.plots) == 1
    for at, section in enumerate((old, new), start=1):
        assert read_page(section.plots[0].drawing).one("title", id=f"h{at}-1-title")


@pytest.mark.whole
def test_of_many_machines_the_last_ones_with_a_line_to_draw_are_shown_and_the_others_counted(path: Path) -> None:
    for number in range(MOST_MACHINES + 2):
        for day in range(3):
            record(path, _on(f"m{number}", past(10 * number + day, 500)))
    # Those of a runner of CI, each of which was there once.
    for number in range(5):
        record(path, _on(f"ci{number}", past(100 + number, 500)))
    found = read_history(path).sections
    assert [section.title.split(",")[0] for section in found] == [
        f"The processor of m{number}" for number in range(MOST_MACHINES + 1, 1, -1)
    ]
    assert found[0].remarks == ("7 more machines have sessions in the history; invoke history shows them.",)
    assert found[1].remarks == ()
    assert "ci3" in read_history(path, ("ci3",)).sections[0].title


def test_plots_beyond_what_a_page_holds_are_counted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PLOTS", 2)
    session = past(0, 500)
    results = tuple(
        replace(session.results[0], parameters=(("n", size),), size_label=str(size)) for size in range(1, 4)
    )
    for day in range(3):
        record(path, replace(past(day, 500), results=results))
        record(path, _on("other", replace(past(day - 9, 500), results=results)))
    one, other = read_history(path).sections
    assert [len(section.plots) for section in (one, other)] == [2, 0]
    assert one.remarks == ("1 more plot was left out; the table has its figures.",)
    assert other.remarks == ("3 more plots were left out; the table has their figures.",)


def test_it_tells_which_program_it_is_at(path: Path) -> None:
    record(path, past(0, 500))
    told: list[Event] = []
    read_history(path, listen=told.append)
    assert Detail(text="history of Ping-Pong [1,000,000 round trips], Seq") in told


def test_a_history_that_cannot_be_read_is_an_error_with_its_mend(path: Path) -> None:
    path.write_bytes(b"no database at all " * 99)
    with pytest.raises(HistoryError, match="is broken") as caught:
        read_history(path)
    assert caught.value.fix
