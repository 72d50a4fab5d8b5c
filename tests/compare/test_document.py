from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.compare.document import StoredComparison, comparison_from_json, comparison_to_json, load_comparison
from seqbench.errors import UsageError
from seqbench.sessions import store
from tests.support.laws import FEW
from tests.support.strategies import a_session, amounts, any_text, names, sessions, several

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
    session = a_session()
    text = comparison_to_json(
        StoredComparison(base_spec="7.7.3", head_spec="7.7.5", only=(), margin=0.01, sessions=(session, session))
    )
    with pytest.raises(UsageError, match="expected schema 'seqbench/session'"):
        store.from_json(text, "a file")
    with pytest.raises(UsageError, match="not a comparison of seqbench: expected schema 'seqbench/comparison'"):
        comparison_from_json(store.to_json(session), "a file")


def test_a_comparison_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "comparison.json"
    with pytest.raises(UsageError, match=r"comparison\.json: cannot be read"):
        load_comparison(path)
    path.write_text('{"schema": "seqbench/comparison", "schema_version": 1}')
    with pytest.raises(UsageError, match=r"comparison\.json: Object missing required field `base_spec`"):
        load_comparison(path)
