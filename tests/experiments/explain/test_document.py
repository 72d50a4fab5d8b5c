import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given

from seqbench.errors import UsageError
from seqbench.experiments.explain.document import Explanation, InstrumentedRun, explanation_to_json, load_explanation
from seqbench.experiments.explain.report import full_text
from seqbench.sessions.session import Failed, Session, Stage
from seqbench.sessions.store import to_json
from tests.support.explanations import a_measured_result, an_explanation, an_instrumented_run, explanations, ran
from tests.support.laws import FEW
from tests.support.strategies import a_sample, a_session


def with_wanted(instrumented: InstrumentedRun, **wanted: int) -> InstrumentedRun:
    return replace(instrumented, wanted=tuple(wanted.items()))


def test_a_report_agrees_when_every_figure_is_as_the_ledger_lets_expect() -> None:
    instrumented = an_instrumented_run(spawned=101, completed=101, sent=5)

    assert with_wanted(instrumented, spawned=101, completed=101).agrees()
    assert not with_wanted(instrumented, spawned=100).agrees()
    assert not with_wanted(instrumented, received=1).agrees()


def test_what_did_not_work_agrees_with_nothing() -> None:
    assert not InstrumentedRun(benchmark="a", runtime="seq", variant="", parameters=(), problem="timed out").agrees()


def test_a_figure_that_does_not_occur_is_0() -> None:
    assert (an_instrumented_run(mmap=3).figure("mmap"), an_instrumented_run(mmap=3).figure("munmap")) == (3, 0)


def test_titles_are_those_of_the_columns_and_an_unknown_runtime_is_its_name() -> None:
    explanation = an_explanation()

    assert (explanation.title("may"), explanation.title("tokio")) == ("May", "tokio")


@pytest.mark.parametrize("where", ["small", "large"])
def test_a_failure_in_any_session_is_one(where: str) -> None:
    fine = a_session(a_measured_result("skynet", {"seq": ran(a_sample())}))
    bad = a_session(a_measured_result("skynet", {"seq": Failed(stage=Stage.RUN, reason="timed out", detail="")}))
    sessions: dict[str, Session] = {"small": fine, "large": fine}

    assert not an_explanation(fine, fine).has_failures()
    sessions[where] = bad
    assert an_explanation(sessions["small"], sessions["large"]).has_failures()


def test_a_file_with_the_probes_of_earlier_versions_is_read() -> None:
    explanation = load_explanation(Path(__file__).parent / "data" / "explanation-with-probes.json")

    assert [result.name for result in explanation.large.results] == ["skynet"]
    text = full_text(explanation)
    assert "- skynet: Seq / Go 9.0x [" in text
    assert "unread" not in text


@FEW
@given(explanations)
def test_every_explanation_survives_the_way_out_and_back(explanation: Explanation) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "explain-1.json"
        path.write_text(explanation_to_json(explanation))
        assert load_explanation(path) == explanation


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text: text[: len(text) // 2], "not JSON, or cut short"),
        (lambda _text: to_json(a_session()), "not an explanation of seqbench"),
        (lambda text: text.replace('"roles"', '"rules"', 1), "roles"),
    ],
)
def test_a_file_that_is_no_whole_explanation_is_refused_by_name(
    tmp_path: Path, spoil: Callable[[str], str], said: str
) -> None:
    path = tmp_path / "explain-1.json"
    path.write_text(spoil(explanation_to_json(an_explanation())))
    with pytest.raises(UsageError, match=re.escape(said)) as caught:
        load_explanation(path)
    assert str(path) in caught.value.message
