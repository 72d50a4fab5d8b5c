import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given

from seqbench.errors import UsageError
from seqbench.experiments.tune.document import Advice, TuneDocument, advice, confirmed, load_tune, tune_to_json
from seqbench.experiments.tune.report import full_text
from seqbench.sessions.session import Session, State
from tests.support.laws import FEW
from tests.support.tunings import SMALL_GRID, a_stage, a_tuning, confirmation, tunings

_DEFAULT, _FLAG, _POOL, _BOTH = SMALL_GRID.whole()


def advised(sessions: tuple[Session, ...]) -> Advice:
    comparison = confirmed(a_tuning(chosen=_POOL, confirmation=sessions))
    assert comparison is not None
    return advice(comparison)


def test_only_what_was_confirmed_as_faster_somewhere_and_slower_nowhere_is_advised() -> None:
    assert advised(confirmation(skynet=0.5)) is Advice.USE
    assert advised(confirmation(skynet=0.5, pingpong=1.0)) is Advice.USE
    assert advised(confirmation(skynet=0.5, pingpong=1.5)) is Advice.MIXED
    assert advised(confirmation(skynet=1.5)) is Advice.KEEP
    # What is within the margin is the same.
    assert advised(confirmation(skynet=0.99)) is Advice.KEEP
    assert advised(confirmation(skynet=0.5, pingpong=1.0, failed="pingpong")) is Advice.KEEP


def test_there_is_no_comparison_before_the_confirmation_has_ended() -> None:
    base, head = confirmation(skynet=0.5)
    assert confirmed(a_tuning(chosen=_POOL)) is None
    assert confirmed(a_tuning(chosen=_POOL, confirmation=(base, replace(head, state=State.INTERRUPTED)))) is None


def test_what_was_measured_is_the_sum_of_the_stages() -> None:
    stage = a_stage((_DEFAULT, _POOL), lambda *_of: 1.0)
    for count, document in enumerate(
        (
            a_tuning(),
            a_tuning(stage),
            a_tuning(stage, pilot=stage),
            a_tuning(stage, pilot=stage, confirmation=confirmation(skynet=1)),
        )
    ):
        assert document.programs_ns == count * 6_000_000_000
        assert not document.default_failed()


def test_a_default_that_failed_at_any_stage_is_told() -> None:
    stage = a_stage((_DEFAULT, _POOL), lambda *_of: 1.0, failing={(_DEFAULT, "pingpong"): "wrong result"})
    other = a_stage((_DEFAULT, _POOL), lambda *_of: 1.0, failing={(_POOL, "pingpong"): "wrong result"})
    assert a_tuning(pilot=stage).default_failed()
    assert a_tuning(other, confirmation=stage.sessions).default_failed()
    assert not a_tuning(other, pilot=other).default_failed()


@given(tunings)
@FEW
def test_what_is_written_is_read_back(document: TuneDocument) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "tune.json"
        path.write_text(tune_to_json(document), encoding="utf-8")
        assert load_tune(path) == document


def test_a_file_with_the_observations_of_earlier_versions_is_read() -> None:
    document = load_tune(Path(__file__).parent / "data" / "tune-with-observations.json")
    assert document.screening is not None
    assert document.screening.variants == SMALL_GRID.whole()
    assert "recommendation: none" not in full_text(
        replace(document, chosen=_POOL, confirmation=confirmation(skynet=0.5))
    )


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text: text[:500], "not JSON, or cut short"),
        (lambda text: text.replace("seqbench/tune", "seqbench/session"), "not a tune of seqbench"),
        (lambda text: text.replace('"schema_version": 1', '"schema_version": 2'), "schema version 2"),
        (lambda text: text.replace('"whole_needs_s"', '"renamed"'), "whole_needs_s"),
        (lambda text: text.replace('"margin": 0.02', '"margin": "much"'), "margin"),
    ],
)
def test_a_file_that_is_none_of_ours_is_refused(tmp_path: Path, spoil: object, said: str) -> None:
    assert callable(spoil)
    path = tmp_path / "tune.json"
    path.write_text(spoil(tune_to_json(a_tuning(a_stage((_DEFAULT, _POOL), lambda *_of: 1.0)))))
    with pytest.raises(UsageError, match=said):
        load_tune(path)


def test_the_schema_is_told_first() -> None:
    assert list(json.loads(tune_to_json(a_tuning())))[:2] == ["schema", "schema_version"]
