import json
import re
from dataclasses import replace

import pytest
from hypothesis import given

from seqbench.publish.export.programs import (
    json_text,
    measured_programs,
    one_line,
    sample_fields,
    seen_peak_bytes,
    without_samples,
)
from seqbench.sessions.session import Failed, Measured, Sample, Session, Skipped, Stage, State
from tests.support.laws import FEW
from tests.support.strategies import a_program, a_result, a_sample, a_session, any_text, measured, samples, sessions

_TIMED_OUT = Failed(stage=Stage.RUN, reason="timed out", detail="")


def _names(session: Session) -> list[str]:
    return [program.name for program in measured_programs(session)]


def test_a_program_is_named_by_benchmark_runtime_variant_and_size() -> None:
    result = replace(
        a_result(a_program(measured(1)), a_program(measured(2), "go", "idiomatic")),
        name="fanout",
        parameters=(("workers", 100), ("messages", 1_000)),
    )
    assert _names(a_session(result)) == [
        "fanout/runtime=seq/workers=100/messages=1000",
        "fanout/runtime=go/variant=idiomatic/workers=100/messages=1000",
    ]


def test_a_program_that_is_there_twice_has_two_names() -> None:
    session = a_session(a_result(a_program(measured(1)), a_program(measured(2)), a_program(measured(3))))
    name = "pingpong/runtime=seq/round_trips=1000000"
    assert _names(session) == [name, f"{name}/copy=2", f"{name}/copy=3"]


@FEW
@given(sessions)
def test_every_name_is_unique_and_has_no_spaces_whatever_the_session_holds(session: Session) -> None:
    names = _names(session)
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[!-~]+", name) for name in names)


@pytest.mark.parametrize("name", ["a b", "a/b", "a=b", "a%20b", "ä", "\udcff", "a\nb", "a\u2028b", "<a>", "$(a)"])
def test_what_means_something_in_a_format_is_encoded_in_a_name(name: str) -> None:
    plain, other = _names(a_session(a_result(a_program(measured(1))), a_result(a_program(measured(1)), name=name)))
    assert other.partition("/")[2] == plain.partition("/")[2]
    assert re.fullmatch(r"[A-Za-z0-9%.~_-]+", other.partition("/")[0])


def test_a_program_that_has_no_samples_is_not_among_them_and_is_told_with_its_reason() -> None:
    skipped = Skipped(reason="interrupted before its first run", remedy="invoke bench")
    result = a_result(
        a_program(measured(1)),
        a_program(_TIMED_OUT, "go"),
        a_program(skipped, "go", "idiomatic"),
        a_program(Measured(samples=(), warm_ups=(a_sample(),)), "may"),
    )
    session = replace(a_session(result), suite=("fanout", "pingpong", "skynet"), state=State.INTERRUPTED)

    assert _names(session) == ["pingpong/runtime=seq/round_trips=1000000"]
    assert without_samples(session) == (
        "pingpong/runtime=go/round_trips=1000000: failed: timed out",
        "pingpong/runtime=go/variant=idiomatic/round_trips=1000000: skipped: interrupted before its first run",
        "pingpong/runtime=may/round_trips=1000000: skipped: interrupted before its first counted run",
        "fanout, skynet: not run",
        "the session is not complete: interrupted",
    )
    assert without_samples(a_session(a_result(a_program(measured(1))))) == ()


def test_a_peak_that_the_harness_hides_is_not_seen() -> None:
    sample = a_sample(rss_mib=197)
    assert seen_peak_bytes(sample) == 197 << 20
    assert seen_peak_bytes(replace(sample, max_rss_floor_bytes=197 << 20)) is None


@given(samples)
def test_the_fields_of_a_sample_are_all_but_its_ledger(sample: Sample) -> None:
    fields = sample_fields(sample)
    assert replace(sample, **fields) == sample  # type: ignore[arg-type]
    assert "ledger" not in fields


@given(any_text)
def test_one_line_can_be_written_anywhere(text: str) -> None:
    assert len(one_line(text).encode().decode().splitlines()) <= 1


def test_json_is_ascii_and_ends_with_a_line_end() -> None:
    text = json_text({"ä": 1})
    assert text.isascii()
    assert text.endswith("}\n")
    assert json.loads(text) == {"ä": 1}
