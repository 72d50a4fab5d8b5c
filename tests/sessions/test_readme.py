from dataclasses import replace

import pytest

from seqbench.errors import UsageError
from seqbench.sessions.readme import picture_path, with_tables
from seqbench.sessions.recording import record_of
from tests.support.strategies import a_program, a_result, a_session, measured
from tests.support.world import REPOSITORY

_RECORD = record_of(a_session(a_result(a_program(measured(502, 502)), a_program(measured(217, 217), "go"))))
_MARKS = "before\n<!-- begin: LATEST_RUN.txt -->\nold\n<!-- end: LATEST_RUN.txt -->\nafter\n"


def test_both_tables_and_the_machine_stand_between_the_marks_and_the_rest_is_left() -> None:
    text = with_tables(_MARKS, _RECORD)
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "502ms" in text
    assert "Peak memory" in text
    assert _RECORD.machine in text
    assert "seed" not in text


def test_a_second_time_changes_nothing() -> None:
    assert with_tables(with_tables(_MARKS, _RECORD), _RECORD) == with_tables(_MARKS, _RECORD)


def test_a_readme_without_marks_is_refused() -> None:
    with pytest.raises(UsageError, match="no marks"):
        with_tables("before\nafter\n", _RECORD)


def test_the_readme_has_the_marks() -> None:
    assert "502ms" in with_tables((REPOSITORY / "README.md").read_text(encoding="utf-8"), _RECORD)


@pytest.mark.parametrize("path", ["/etc/ratios-dark.svg", "../ratios-dark.svg", "ratios-blue.svg"])
def test_only_a_picture_inside_the_project_is_written(path: str) -> None:
    assert picture_path(f"![ratios]({path})", "dark") == ""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_readme_shows_the_picture_in_both_themes(theme: str) -> None:
    path = picture_path((REPOSITORY / "README.md").read_text(encoding="utf-8"), theme)
    assert (REPOSITORY / path).is_file()


def test_tables_with_backticks_stay_in_their_block() -> None:
    text = with_tables(_MARKS, replace(_RECORD, table="```\nnot the end", costs="c"))
    assert "\n`````text\n```\nnot the end\n\nc\n`````\n" in text
