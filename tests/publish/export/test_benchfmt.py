import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given

from seqbench.publish.export.benchfmt import benchfmt
from seqbench.publish.export.programs import seen_peak_bytes
from seqbench.sessions.session import Measured, Session
from seqbench.text import writable
from tests.support.exported import SESSION, all_samples
from tests.support.laws import FEW
from tests.support.strategies import a_program, a_result, a_sample, a_session, sessions

# --- Go's benchmark format

_LINE = re.compile(r"Benchmark(?P<name>\S+) 1(?P<pairs>( [\d.]+ [A-Za-z/-]+)+)")


def _benchmark_lines(text: str) -> list[tuple[str, dict[str, Decimal]]]:
    """Read the lines of results as the format's description says: a name, iterations, and pairs of value and unit."""
    found = []
    for line in text.splitlines():
        if line.startswith("Benchmark"):
            match = _LINE.fullmatch(line)
            assert match is not None, line
            words = match["pairs"].split()
            found.append(
                (match["name"], {unit: Decimal(value) for value, unit in zip(words[::2], words[1::2], strict=True)})
            )
    return found


def test_benchfmt_has_configuration_and_comments_and_a_line_a_sample() -> None:
    text = benchfmt(replace(SESSION, settings=(("SEQ_A", "1"),)))
    first, second, third = text.removesuffix("\n").split("\n\n")
    assert first.splitlines() == [
        "goos: linux",
        "goarch: amd64",
        "pkg: seqbench",
        "cpu: A processor",
        "cores: 8",
        "machine: ab12",
    ]
    assert second.splitlines() == [
        "# seqbench 0.1.0, 2026-03-01T12:00:00Z, commit 0123456789abcdef",
        "# go 1.27.3 (a wheel; sha256:cccccccccccc)",
        "# SEQ_A=1",
    ]
    assert third.splitlines()[0] == (
        "BenchmarkFanout/runtime=seq/workers=100 1 400000000 ns/op 0.800000000 wall-sec/op 1.200000000 user-sec/op "
        "0.400000000 sys-sec/op 206569472 peak-RSS-bytes 1234 page-faults/op 5678 context-switches/op"
    )
    assert len(third.splitlines()) == 3


@pytest.mark.parametrize(
    ("system", "first", "second"),
    [
        ("Linux 6.1 aarch64", "goos: linux", "goarch: arm64"),
        ("Darwin 25 arm64", "goos: darwin", "goarch: arm64"),
        ("", "pkg: seqbench", "cpu: A processor"),
    ],
)
def test_benchfmt_names_system_and_architecture_as_go_does(system: str, first: str, second: str) -> None:
    session = replace(SESSION, machine=replace(SESSION.machine, system=system))
    assert benchfmt(session).splitlines()[:2] == [first, second]


def test_benchfmt_leaves_out_a_peak_that_is_hidden() -> None:
    hidden = replace(a_sample(500), max_rss_floor_bytes=1 << 40)
    text = benchfmt(a_session(a_result(a_program(Measured(samples=(hidden,), warm_ups=())))))
    assert "peak-RSS-bytes" not in text


def test_benchfmt_has_no_unit_that_benchstat_converts_only_above_zero() -> None:
    idle = replace(a_sample(500), user_ns=0, system_ns=0)
    ((_, values),) = _benchmark_lines(benchfmt(a_session(a_result(a_program(Measured(samples=(idle,), warm_ups=()))))))
    assert values["user-sec/op"] == values["sys-sec/op"] == Decimal(0)
    assert [unit for unit in values if "ns" in re.split("[-/]", unit)] == ["ns/op"]


@FEW
@given(sessions)
def test_benchfmt_read_back_has_the_same_numbers_and_no_line_that_means_something_else(session: Session) -> None:
    text = writable(benchfmt(session))
    found = _benchmark_lines(text)
    samples = all_samples(session)
    assert [values["ns/op"] for _, values in found] == [sample.elapsed_ns for sample in samples]
    assert [values["sys-sec/op"] * 10**9 for _, values in found] == [sample.system_ns for sample in samples]
    assert [values.get("peak-RSS-bytes") for _, values in found] == [seen_peak_bytes(sample) for sample in samples]
    others = [line for line in text.split("\n") if line and not line.startswith(("Benchmark", "# "))]
    assert all(re.match("(goos|goarch|pkg|cpu|cores|machine): .", line) for line in others)
