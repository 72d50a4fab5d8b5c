import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.calibration import Calibration, Characteristics
from seqbench.errors import UsageError
from seqbench.session import Failed, Session, Skipped, Stage
from seqbench.store import (
    StoredComparison,
    calibration_to_json,
    comparison_from_json,
    comparison_to_json,
    from_json,
    load,
    load_calibration,
    load_comparison,
    result_path,
    save,
    to_json,
)
from tests.strategies import (
    FEW,
    LAW,
    NOON,
    a_program,
    a_result,
    a_session,
    amounts,
    any_text,
    counts,
    measured,
    moments,
    names,
    sessions,
    several,
)

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
    assert caught.value.remedy
    return caught.value


def _changed(*path: str | int, to: Any) -> str:  # noqa: ANN401 - any JSON value
    """Give the file with one value changed."""
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
        "not a session of seqbench: wanted schema 'seqbench/session'" in _refused(_changed("schema", to=schema)).message
    )


@pytest.mark.parametrize("number", [0, 2, "1", None, [1]])
def test_another_version_is_refused_with_the_one_that_is_read(number: object) -> None:
    message = _refused(_changed("schema_version", to=number)).message
    assert f"schema version {number!r}, and this seqbench reads 1" in message


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


@pytest.mark.parametrize("key", sorted(json.loads(_TEXT).keys() - {"schema", "schema_version"}))
def test_a_value_that_is_missing_is_refused_by_name(key: str) -> None:
    document = json.loads(_TEXT)
    del document[key]
    assert f"missing required field `{key}`" in _refused(json.dumps(document)).message


_json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.sampled_from("\udcffa7\n"), max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(("kind", "name", "\udcff")), inner),
    max_leaves=4,
)


@LAW
@given(st.sampled_from(sorted(json.loads(_TEXT))), _json_values)
def test_no_value_anywhere_makes_another_error_than_a_usage_error(key: str, value: object) -> None:
    text = _changed(key, to=value)
    try:
        session = from_json(text, "a file")
    except UsageError as error:
        assert "a file" in error.message  # noqa: PT017 - it may as well be a session
    else:
        assert isinstance(session, Session)


_comparisons = st.builds(
    StoredComparison,
    base_spec=any_text,
    head_spec=any_text,
    only=several(names),
    margin=amounts,
    sessions=several(sessions),
)


@FEW
@given(_comparisons)
def test_every_comparison_survives_the_way_out_and_back(comparison: StoredComparison) -> None:
    assert comparison_from_json(comparison_to_json(comparison), "a file") == comparison


def test_a_session_is_no_comparison_and_a_comparison_no_session() -> None:
    comparison = StoredComparison(
        base_spec="7.7.3", head_spec="7.7.5", only=(), margin=0.01, sessions=(_SESSION, _SESSION)
    )
    text = comparison_to_json(comparison)
    assert "wanted schema 'seqbench/session'" in _refused(text).message
    with pytest.raises(UsageError, match="not a comparison of seqbench: wanted schema 'seqbench/comparison'"):
        comparison_from_json(_TEXT, "a file")


def test_a_comparison_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "comparison.json"
    with pytest.raises(UsageError, match=r"comparison\.json: cannot be read"):
        load_comparison(path)
    path.write_text('{"schema": "seqbench/comparison", "schema_version": 1}')
    with pytest.raises(UsageError, match=r"comparison\.json: Object missing required field `base_spec`"):
        load_comparison(path)


_shares = st.floats(min_value=0, max_value=1)
_calibrations = st.builds(
    Calibration,
    machine=any_text,
    measured_at=moments,
    benchmarks=several(
        st.builds(
            Characteristics,
            name=names,
            rounds=counts,
            false_slower=_shares,
            false_faster=_shares,
            power=several(st.tuples(_shares, _shares)),
            smallest=st.none() | _shares,
            spread=_shares,
        )
    ),
)


@FEW
@given(_calibrations)
def test_every_calibration_survives_the_way_out_and_back(calibration: Calibration) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "calibration.json"
        path.write_text(calibration_to_json(calibration))
        assert load_calibration(path) == calibration


@pytest.mark.parametrize(
    "text", [None, "", "{", "[]", _TEXT, '{"schema": "seqbench/calibration", "schema_version": 1}']
)
def test_a_calibration_that_cannot_be_read_is_none(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "calibration.json"
    if text is not None:
        path.write_text(text)
    assert load_calibration(path) is None


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
    path = result_path(Path("results"), _SESSION)
    assert path == Path("results/2026-03-01T12-00-00Z-7.json")
    assert result_path(Path("results"), replace(_SESSION, seed=8)) != path
