import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.errors import UsageError
from seqbench.sessions.session import Failed, Session, Skipped, Stage
from seqbench.sessions.store import from_json, is_of_another_kind, load, load_latest, result_stem, save, to_json
from tests.support.laws import FEW
from tests.support.strategies import NOON, a_program, a_result, a_session, measured, sessions

_SESSION = replace(
    a_session(
        a_result(
            a_program(measured(1, 2)),
            a_program(Failed(stage=Stage.RUN, reason="timed out", detail="then\nstderr"), "go"),
            a_program(Skipped(reason="interrupted", remedy="invoke bench"), "go", "idiomatic"),
        )
    ),
    started_at=NOON + timedelta(microseconds=123_456),
    settings=(("SEQ_A", "\udcff"),),
)
_TEXT = to_json(_SESSION)


def _refused(text: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        from_json(text, "results/one.json")
    assert "results/one.json" in caught.value.message
    assert caught.value.fix
    return caught.value


def _changed(*path: str | int, to: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return the file with one value changed."""
    document = json.loads(_TEXT)
    *way, last = path
    inner = document
    for key in way:
        inner = inner[key]
    inner[last] = to
    return json.dumps(document)


@FEW
@given(sessions)
def test_every_session_survives_the_way_out_and_back(session: Session) -> None:
    assert from_json(to_json(session).encode().decode(), "a file") == session


def test_a_session_with_every_kind_of_outcome_survives_the_way_out_and_back() -> None:
    assert from_json(_TEXT, "a file") == _SESSION


def test_the_file_begins_with_its_schema_and_is_readable_json() -> None:
    document = json.loads(_TEXT)
    assert list(document)[:2] == ["schema", "schema_version"]
    assert document["schema"] == "seqbench/session"
    assert document["schema_version"] == 1
    assert document["started_at"] == "2026-03-01T12:00:00.123456Z"
    assert [program["outcome"]["kind"] for program in document["results"][0]["programs"]] == [
        "measured",
        "failed",
        "skipped",
    ]


def test_a_file_that_was_cut_short_anywhere_is_refused_by_name() -> None:
    for end in range(len(_TEXT) - 1):  # the last character is the end of the last line
        assert "not JSON, or cut short" in _refused(_TEXT[:end]).message


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "7", '"seqbench/session"', "[" * 100_000, '{"a":' * 100_000])
def test_what_is_no_session_at_all_is_refused_by_name(text: str) -> None:
    assert "not" in _refused(text).message


@pytest.mark.parametrize("schema", ["hyperfine", None, 1, ["seqbench/session"]])
def test_another_schema_is_refused_by_name(schema: object) -> None:
    assert (
        "not a session of seqbench: expected schema 'seqbench/session'"
        in _refused(_changed("schema", to=schema)).message
    )


@pytest.mark.parametrize("number", [0, 2, "1", None, [1]])
def test_another_version_is_refused_with_the_one_that_is_read(number: object) -> None:
    message = _refused(_changed("schema_version", to=number)).message
    assert f"schema version {number!r}, expected 1" in message


_SAMPLE = ("results", 0, "programs", 0, "outcome", "samples", 0)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("seed",), "7"),
        (("seed",), 7.5),
        (("seed",), True),
        (("dirty",), "no"),
        (("commit",), None),
        (("state",), "finished"),
        (("state",), "\udcff"),
        (("started_at",), "yesterday"),
        (("started_at",), 1772366400),
        (("started_at",), "\udcff"),
        (("budget_s",), "100s"),
        (("suite",), "pingpong"),
        (("settings",), [["SEQ_A"]]),
        (("machine",), None),
        (("machine", "cores"), "8"),
        (("runtimes", 0), "seq"),
        (("results",), {}),
        (("results", 0, "programs", 0, "outcome", "kind"), "won"),
        (("results", 0, "programs", 0, "outcome"), None),
        (("results", 0, "programs", 1, "outcome", "stage"), "lunch"),
        ((*_SAMPLE, "elapsed_ns"), 1.5),
        ((*_SAMPLE, "elapsed_ns"), None),
        ((*_SAMPLE, "ledger"), [["tasks", "1"]]),
        ((*_SAMPLE, "ledger"), [["tasks", 1, 2]]),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_by_name(path: tuple[str | int, ...], value: object) -> None:
    _refused(_changed(*path, to=value))


def test_a_value_of_the_wrong_kind_is_refused_with_its_place() -> None:
    message = _refused(_changed(*_SAMPLE, "elapsed_ns", to="1")).message
    assert "Expected `int`, got `str`" in message
    assert "results[0].programs[0].outcome.samples[0].elapsed_ns" in message


@pytest.mark.parametrize(
    "key",
    sorted(
        json.loads(_TEXT).keys()
        - {
            "schema",
            "schema_version",
            "settings_without_effect",
            "setting_notes",
            "target_cpu",
            "changed",
            "keeps_budget",
            "reference",
        }
    ),
)
def test_a_value_that_is_missing_is_refused_by_name(key: str) -> None:
    document = json.loads(_TEXT)
    del document[key]
    assert f"missing required field `{key}`" in _refused(json.dumps(document)).message


_json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.sampled_from("\udcffa7\n"), max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(("kind", "name", "\udcff")), inner),
    max_leaves=4,
)


@given(st.sampled_from(sorted(json.loads(_TEXT))), _json_values)
def test_no_value_anywhere_makes_another_error_than_a_usage_error(key: str, value: object) -> None:
    text = _changed(key, to=value)
    try:
        session = from_json(text, "a file")
    except UsageError as error:
        assert "a file" in error.message  # noqa: PT017 - it may as well be a session
    else:
        assert isinstance(session, Session)


def test_a_session_that_was_saved_can_be_loaded(tmp_path: Path) -> None:
    path = tmp_path / "results" / "one.json"
    save(path, _SESSION)
    assert load(path) == _SESSION
    assert [file.name for file in path.parent.iterdir()] == ["one.json"]


def test_a_session_that_is_saved_again_replaces_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    save(path, _SESSION)
    save(path, replace(_SESSION, seed=8))
    assert load(path).seed == 8


def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe")
    for path in (tmp_path / "missing.json", tmp_path, binary):
        with pytest.raises(UsageError, match="cannot be read") as caught:
            load(path)
        assert str(path) in caught.value.message


def test_a_file_that_was_cut_short_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "short.json"
    path.write_text(_TEXT[:100])
    with pytest.raises(UsageError, match="cut short") as caught:
        load(path)
    assert str(path) in caught.value.message


def test_sessions_are_kept_by_their_start_and_seed_in_names_that_every_system_takes() -> None:
    assert result_stem(_SESSION) == "2026-03-01T12-00-00Z-7"
    assert result_stem(replace(_SESSION, seed=8)) != result_stem(_SESSION)


def _kept(folder: Path, name: str, days: int) -> Session:
    session = replace(_SESSION, started_at=NOON + timedelta(days=days))
    save(folder / name, session)
    return session


def test_the_latest_session_is_the_one_that_began_last(tmp_path: Path) -> None:
    _kept(tmp_path, "c.json", 1)
    last = _kept(tmp_path, "b.json", 3)
    _kept(tmp_path, "a.json", 2)
    (tmp_path / "compare-1.json").write_text('{"schema": "seqbench/comparison"}')
    (tmp_path / "z.txt").write_text("no JSON at all")
    assert load_latest(tmp_path) == (tmp_path / "b.json", last, ())


def test_a_session_whose_fields_stand_in_another_order_is_found_too(tmp_path: Path) -> None:
    _kept(tmp_path, "a.json", 1)
    document = json.loads(to_json(replace(_SESSION, started_at=NOON + timedelta(days=2))))
    backwards = dict(reversed([*document.items(), ("seqbench_version", "x" * 5_000)]))
    (tmp_path / "b.json").write_text(json.dumps(backwards))
    assert load_latest(tmp_path)[0].name == "b.json"


def test_a_later_file_that_cannot_be_read_is_passed_over_and_named(tmp_path: Path) -> None:
    _kept(tmp_path, "a.json", 1)
    _kept(tmp_path, "b.json", 2)
    for name, text in (("c.json", (tmp_path / "b.json").read_text()[:1_000]), ("d.json", "{}"), ("e.json", "\0")):
        (tmp_path / name).write_text(text)
    (tmp_path / "f.json").mkdir()
    path, _, problems = load_latest(tmp_path)
    assert path.name == "b.json"
    assert sorted(Path(problem.partition(": ")[0]).name for problem in problems) == [
        "c.json",
        "d.json",
        "e.json",
        "f.json",
    ]


@pytest.mark.parametrize("text", [None, "{}"])
def test_where_there_is_no_session_the_mend_says_how_to_get_one(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "a.json").write_text(text)
    with pytest.raises(UsageError, match="there is no stored session in") as caught:
        load_latest(tmp_path)
    assert ("a.json: not a session" in caught.value.message) == (text is not None)
    assert "{invoke} bench" in caught.value.fix


@pytest.mark.parametrize(
    ("text", "is_other"),
    [
        ('{"schema": "seqbench/comparison"}', True),
        ('{"schema": "seqbench/what-comes-later", "schema_version": 9}', True),
        (_TEXT, False),
        ('{"schema": "seqbench/session", "schema_version": 9}', False),
        ('{"schema": "hyperfine"}', False),
        ('{"schema": 7}', False),
        ("[]", False),
        ("{", False),
        (None, False),
    ],
)
def test_a_file_of_another_kind_is_told_from_a_session_and_from_what_is_none_of_ours(
    tmp_path: Path, text: str | None, *, is_other: bool
) -> None:
    path = tmp_path / "a.json"
    if text is not None:
        path.write_text(text)
    assert is_of_another_kind(path) == is_other
