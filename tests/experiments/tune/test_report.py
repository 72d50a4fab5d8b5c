import re
from dataclasses import replace

import pytest

from seqbench.experiments.tune.report import full_text
from seqbench.experiments.tune.settings import LeftOut, grid_around
from seqbench.sessions.session import Measured, State
from seqbench.toolchain.compiler_spec import parse_spec
from tests.support.strategies import a_program
from tests.support.tunings import SMALL_GRID, a_stage, a_tuning, confirmation

_WHOLE = SMALL_GRID.whole()
_DEFAULT, _FLAG, _POOL, _BOTH = _WHOLE
_STAGE = a_stage(
    _WHOLE,
    lambda variant, name, _number: 100.0 * (0.5 if variant[0] == "1000" and name == "skynet" else 1.0),
    benchmarks=("pingpong", "skynet"),
)


def row(text: str, beginning: str) -> list[str]:
    return re.split(r"  +", next(line for line in text.splitlines() if line.startswith(beginning)).strip())


def test_every_variant_has_its_ratios_and_they_are_marked_as_screening() -> None:
    text = full_text(a_tuning(_STAGE))

    assert "Screening: every combination, 4 variants in the same 6 rounds." in text
    assert "the best of many variants is partly luck" in text
    assert row(text, "SEQ_POOL_CAPACITY=1000 ") == ["SEQ_POOL_CAPACITY=1000", "1.000", "0.500", "0.707"]
    assert row(text, "--loop-opt") == ["--loop-opt", "1.000", "1.000", "1.000"]
    first = text.index("SEQ_POOL_CAPACITY=1000 ")
    assert first < text.index("SEQ_POOL_CAPACITY=1000,--loop-opt") < text.index("\n--loop-opt")
    assert "default  " not in text


def test_one_benchmark_has_no_column_of_means() -> None:
    assert "Geometric mean" in full_text(a_tuning(_STAGE))
    text = full_text(a_tuning(a_stage(_WHOLE, lambda *_of: 1.0)))
    assert "Geometric mean" not in text
    assert row(text, "--loop-opt") == ["--loop-opt", "1.000"]


def test_the_main_effects_have_intervals_and_say_against_what() -> None:
    found = row(full_text(a_tuning(_STAGE)), "SEQ_POOL_CAPACITY  ")
    assert found[:3] == ["SEQ_POOL_CAPACITY", "1000 / 10000", "2"]
    assert found[3:] == ["1.000 [1.000, 1.000]", "0.500 [0.500, 0.500]", "0.707 [0.707, 0.707]"]


def test_one_level_at_a_time_says_what_the_whole_grid_would_need() -> None:
    text = full_text(a_tuning(a_stage(SMALL_GRID.one_at_a_time(), lambda *_of: 1.0), is_whole=False))
    assert "one level at a time (all 4 combinations need --budget 10m), 3 variants in the same 6 rounds" in text


def test_levels_that_did_not_fit_are_counted() -> None:
    text = full_text(a_tuning(a_stage(SMALL_GRID.one_at_a_time()[:2], lambda *_of: 1.0), is_whole=False))
    assert "one level at a time, the 1 of 2 that were fastest in the pilot (all 4 combinations need" in text


def test_a_variant_that_failed_has_no_ratio_and_is_shown_once_with_what_it_said() -> None:
    failing = {(variant, "skynet"): "killed by SIGABRT" for variant in (_POOL, _BOTH)}
    stage = a_stage(_WHOLE, lambda *_of: 1.0, benchmarks=("pingpong", "skynet"), failing=failing)
    text = full_text(a_tuning(stage))

    assert row(text, "SEQ_POOL_CAPACITY=1000 ")[1:] == ["failed in skynet: killed by SIGABRT"]
    assert (
        "SEQ_POOL_CAPACITY=1000; SEQ_POOL_CAPACITY=1000,--loop-opt: skynet, Seq: run failed: killed by SIGABRT" in text
    )
    assert text.count("no more stacks") == 1


def test_what_was_left_out_is_told_with_reason_and_mend() -> None:
    left_out = (
        LeftOut(what="SEQ_POOL_CAPACITY=100000", reason="too many maps", remedy="invoke doctor --fix"),
        LeftOut(what="--loop-opt", reason="does not compile: alpha\nerror: unexpected argument", remedy=""),
    )
    text = full_text(a_tuning(_STAGE, left_out=left_out))
    assert "left out: SEQ_POOL_CAPACITY=100000: too many maps\n    fix: invoke doctor --fix\n" in text
    assert "left out: --loop-opt: does not compile: alpha\n    error: unexpected argument\n" in text


def test_confirmed_variant_is_recommended_with_interval_cost_and_shell_lines() -> None:
    chosen = a_tuning(_STAGE, chosen=_BOTH, confirmation=confirmation(skynet=0.5, pingpong=1.0))
    text = full_text(chosen)

    assert "head is 7.7.5,SEQ_POOL_CAPACITY=1000,--loop-opt" in text
    assert "recommendation: use SEQ_POOL_CAPACITY=1000,--loop-opt\n" in text
    assert "  Skynet [1,000,000 round trips]: 0.500 [0.500, 0.500] faster\n" in text
    assert "export SEQ_POOL_CAPACITY=1000 " in text
    assert "seqc build --loop-opt program.seq -o program " in text
    assert "{invoke} bench --seqc 7.7.5,SEQ_POOL_CAPACITY=1000,--loop-opt " in text
    assert "{invoke} env" not in text
    # The wall clock is twice the own clock: 100 ms of start and exit against 50.
    table = text[text.index("Default start and exit") :]
    assert row(table, "Skynet") == ["Skynet", "197 MiB", "197 MiB", "101 ms", "50.3 ms"]


def test_cost_in_memory_and_start_is_named_if_large() -> None:
    base, head = confirmation(skynet=0.5)
    assert "  Cost: " not in full_text(a_tuning(_STAGE, chosen=_POOL, confirmation=(base, head)))

    (result,) = head.results
    outcome = result.programs[0].outcome
    assert isinstance(outcome, Measured)
    samples = tuple(
        replace(each, max_rss_bytes=each.max_rss_bytes + (700 << 20), wall_ns=each.wall_ns + 700_000_000)
        for each in outcome.samples
    )
    dear = replace(result, programs=(a_program(Measured(samples=samples, warm_ups=())),))
    text = full_text(a_tuning(_STAGE, chosen=_POOL, confirmation=(base, replace(head, results=(dear,)))))
    assert "  Cost: every process takes up to 700 MiB of memory and 650 ms to start and exit more." in text
    assert "may be more" not in text

    (result,) = base.results
    outcome = result.programs[0].outcome
    assert isinstance(outcome, Measured)
    hidden = tuple(replace(each, max_rss_floor_bytes=each.max_rss_bytes) for each in outcome.samples)
    result = replace(result, programs=(a_program(Measured(samples=hidden, warm_ups=())),))
    sides = (replace(base, results=(result,)), replace(head, results=(dear,)))
    text = full_text(a_tuning(_STAGE, chosen=_POOL, confirmation=sides))
    assert "The memory may be more: that of the default is an upper bound (<)." in text


def test_every_kind_of_setting_has_its_shell_line_and_a_smaller_stack_its_warning() -> None:
    grid = grid_around(parse_spec("7.7.5"), {})
    levels = ("16384", "1000", "off", "on")
    text = full_text(a_tuning(None, grid=grid, chosen=levels, confirmation=confirmation(skynet=0.5)))
    assert "export SEQ_STACK_SIZE=16384 SEQ_POOL_CAPACITY=1000 " in text
    assert 'eval "$({invoke} env --seqc 7.7.5,diagnostics=off)" ' in text
    assert "a stack of 128 KiB. A program that needs more is killed" in text


@pytest.mark.parametrize("ratio", [1.0, 1.2])
def test_what_was_not_confirmed_is_not_recommended(ratio: float) -> None:
    text = full_text(a_tuning(_STAGE, chosen=_POOL, confirmation=confirmation(skynet=ratio)))
    assert "recommendation: keep the defaults; SEQ_POOL_CAPACITY=1000 was not confirmed as faster" in text
    assert "export" not in text


def test_what_helps_some_and_harms_others_says_whom() -> None:
    text = full_text(a_tuning(_STAGE, chosen=_POOL, confirmation=confirmation(skynet=0.5, pingpong=2.0)))
    assert "keep the defaults, except for programs like those that are faster with SEQ_POOL_CAPACITY=1000" in text
    assert "Pingpong [1,000,000 round trips]: 2.000 [2.000, 2.000] slower" in text
    assert "export SEQ_POOL_CAPACITY=1000 " in text


def test_where_nothing_was_faster_the_defaults_are_recommended() -> None:
    stage = a_stage(_WHOLE, lambda variant, _name, _number: 1.0 if variant == _DEFAULT else 1.1)
    assert "recommendation: keep the defaults; no screened variant was faster" in full_text(a_tuning(stage))


def test_what_was_interrupted_recommends_nothing() -> None:
    cut_short = replace(
        _STAGE, sessions=tuple(replace(session, state=State.INTERRUPTED) for session in _STAGE.sessions)
    )
    text = full_text(a_tuning(cut_short, pilot=_STAGE))
    assert "The screening is not complete." in text
    assert "recommendation: none, because the tuning is not complete" in text
    half = tuple(replace(session, state=State.INTERRUPTED) for session in confirmation(skynet=0.5))
    assert "recommendation: none" in full_text(a_tuning(_STAGE, chosen=_POOL, confirmation=half))


def test_the_last_line_says_how_much_was_measurement() -> None:
    last = full_text(a_tuning(_STAGE, pilot=_STAGE)).splitlines()[-1]
    assert last == "20 s in all, 12 s of it (60 %) in measured programs"


def test_benchmark_without_ratios_because_of_zeros_is_named() -> None:
    some = a_stage(
        _WHOLE, lambda _variant, name, _number: 0.0 if name == "skynet" else 1.0, benchmarks=("pingpong", "skynet")
    )
    text = full_text(a_tuning(some))
    assert "Skynet [1,000,000 round trips] is left out: its clock printed a time of zero" in text
    assert row(text, "--loop-opt") == ["--loop-opt", "1.000"]

    text = full_text(a_tuning(a_stage(_WHOLE, lambda *_of: 0.0)))
    assert "recommendation: none, because no benchmark has a time above zero" in text
