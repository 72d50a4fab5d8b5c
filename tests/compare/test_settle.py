"""What would settle an inconclusive comparison."""

import json
from dataclasses import replace
from math import exp

import numpy as np
import pytest

from seqbench.compare.compared import samples_of
from seqbench.compare.comparison import Comparison, compare
from seqbench.compare.document import StoredComparison, comparison_from_json, judged_to_json, verdicts_of
from seqbench.compare.metrics import Metric
from seqbench.compare.settle import Settling, settle_lines, settlings
from seqbench.compare.verdict import Verdict, judge
from tests.support.compared import CALM, FAILED, WILD, pair, slowed


def _compared(head: object = WILD) -> Comparison:
    return compare(*pair(head), runtime="seq", paired=True, margin=0.02)  # type: ignore[arg-type]


def _settling() -> Settling:
    (found,) = settlings(_compared())
    return found


def test_only_an_inconclusive_benchmark_has_something_to_settle() -> None:
    assert settlings(_compared(slowed(CALM, 1.05))) == ()
    assert settlings(_compared(FAILED)) == ()
    assert _settling().name == "pingpong"


def test_times_are_those_of_a_round_and_the_budget_holds_the_most_rounds_with_the_pilot() -> None:
    found = _settling()
    base, head = pair(WILD)
    samples = [sample for each in (base, head) for sample in samples_of(each, "pingpong", "seq")]
    round_s = sum(sample.wall_ns for sample in samples) / 60 / 1e9
    assert found.seconds[1] == pytest.approx(round_s * found.rounds[1], rel=0.1)
    assert found.budget_s > found.seconds[1] + 20 * round_s


@pytest.mark.parametrize(
    ("rounds", "seconds", "says"),
    [
        ((41, 137), (4.1, 14.0), "41 to 140 rounds would settle it, which take 4 s to 14 s"),
        ((687, 1_354), (90.0, 800.0), "690 to 1,400 rounds would settle it, which take 1 min 30 s to 13 min 20 s"),
        ((900, 20_000), (5.0, 50.0), "900 to 10,000 rounds or more would settle it, which take 5 s to 50 s"),
        ((9, 10), (0.2, 0.2), "9 to 10 rounds would settle it, which take 0 s"),
        (
            (30_000, 90_000),
            (5.0, 5.0),
            "more than 10,000 rounds, the most that a comparison runs, would be needed to settle it",
        ),
    ],
)
def test_range_of_rounds_has_two_digits_and_its_times(
    rounds: tuple[int, int], seconds: tuple[float, float], says: str
) -> None:
    assert replace(_settling(), rounds=rounds, seconds=seconds).sentence() == says


@pytest.mark.parametrize(("budget_s", "typed"), [(0.3, "10s"), (90.2, "91s"), (120.5, "3m"), (1_501.0, "26m")])
def test_command_has_a_budget_that_can_be_typed(budget_s: float, typed: str) -> None:
    command = replace(_settling(), budget_s=budget_s).command("gate", "7.7.3", "checkout:a b", _compared())
    assert command == (
        f"{{invoke}} gate --base 7.7.3 --head 'checkout:a b' --only pingpong --margin 2% --budget {typed}"
    )


@pytest.mark.parametrize(
    ("size", "flag"), [("quick", "quick"), ("10,000", "10000"), ("full pingpong=10", "full,pingpong=10")]
)
def test_command_repeats_the_size(size: str, flag: str) -> None:
    compared = _compared()
    asked = replace(compared, base=replace(compared.base, size=size))
    assert f" --size {flag} --margin " in _settling().command("compare", "a", "b", asked)


def test_command_repeats_another_metric() -> None:
    line = replace(_settling(), metric=Metric.PEAK_MEMORY).command("compare", "a", "b", _compared())
    assert " --only pingpong --metric peak-memory --margin 2% " in line


def test_command_repeats_a_native_target() -> None:
    compared = _compared()
    native = replace(
        compared,
        base=replace(compared.base, target_cpu="native"),
        head=replace(compared.head, target_cpu="native"),
    )
    assert _settling().command("compare", "a", "b", native).endswith(" --target-cpu native")


def test_lines_say_what_would_have_been_detected() -> None:
    first, second = settle_lines((replace(_settling(), detectable=0.337),), "compare", "a", "b", _compared())
    assert first.startswith("Ping-Pong: inconclusive, would detect a slowdown of 34 %; ")
    assert second.startswith("  {invoke} compare --base a --head b ")


def test_json_has_the_verdicts_and_is_still_a_comparison() -> None:
    compared = _compared()
    stored = StoredComparison(
        base_spec="a", head_spec="b", only=(), margin=0.02, sessions=(compared.base, compared.head)
    )
    text = judged_to_json(stored, verdicts_of(compared, settlings(compared)))
    (verdict,) = json.loads(text)["verdicts"]
    assert (verdict["benchmark"], verdict["verdict"], verdict["rounds"]) == ("pingpong", "inconclusive", 60)
    assert verdict["low"] <= verdict["ratio"] <= verdict["high"]
    assert verdict["rounds_to_settle"] == list(_settling().rounds)
    assert verdict["seconds_to_settle"] == list(_settling().seconds)
    assert comparison_from_json(text, "x") == stored


def test_json_of_a_failed_side_has_its_reason() -> None:
    compared = _compared(FAILED)
    (verdict,) = verdicts_of(compared, settlings(compared))
    assert (verdict.verdict, verdict.ratio, verdict.would_detect) == (Verdict.NOT_COMPARABLE, None, None)
    assert "killed by SIGABRT" in verdict.reason


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shift", "spread", "pairs"), [(0.0, 0.05, 16), (0.01, 0.05, 16), (0.02, 0.05, 16), (0, 0.1, 20)]
)
def test_few_runs_settle_at_the_low_end_and_most_at_the_high_end(shift: float, spread: float, pairs: int) -> None:
    random = np.random.default_rng(1)
    settled: tuple[list[bool], list[bool]] = ([], [])

    def is_settled(rounds: int) -> bool:
        logs = random.normal(shift, spread, rounds)
        found = judge([1.0] * rounds, [exp(log) for log in logs], margin=0.02, family=3)
        return found.verdict is not Verdict.INCONCLUSIVE

    for _ in range(60):
        first = judge([1.0] * pairs, np.exp(random.normal(shift, spread, pairs)).tolist(), margin=0.02, family=3)
        for rounds, came in zip(first.rounds_range or (), settled, strict=False):
            came.append(is_settled(rounds))
    assert np.mean(settled[0]) < 0.4
    assert np.mean(settled[1]) > 0.8


def test_command_repeats_the_suite_and_what_is_compared_in_it() -> None:
    stored = StoredComparison(
        base_spec="GOGC=1",
        head_spec="GOGC=2",
        only=(),
        margin=0.02,
        sessions=(),
        runtime="go",
        suite="/a b",
        suite_file="/x.toml",
    )
    found = replace(_settling(), name="hop/fast")
    line = found.command("compare", stored.base_spec, stored.head_spec, _compared(), flags=stored.flags())

    assert "--runtime go --suite '/a b' --suite-file /x.toml --only hop --margin" in line


def test_command_repeats_the_values_of_commands() -> None:
    stored = StoredComparison(
        base_spec="run:./a {n}",
        head_spec="run:./b {n}",
        only=(),
        margin=0.02,
        sessions=(),
        runtime="run",
        values=(("n", 5),),
        pattern="(?P<elapsed_ms>.*)",
    )
    line = _settling().command("compare", stored.base_spec, stored.head_spec, _compared(), flags=stored.flags())

    assert "--head 'run:./b {n}' --set n=5 --pattern '(?P<elapsed_ms>.*)' --margin" in line
