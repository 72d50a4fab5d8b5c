"""The tools that the exports are made for read them back: benchstat, pyperf and hyperfine's scripts."""

import csv
import hashlib
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest

from seqbench.bench import run as pipeline
from seqbench.bench.request import Request
from seqbench.ci.go_tool import provide_go_program
from seqbench.events import ignore
from seqbench.publish.export.formats import export, find_format
from seqbench.publish.export.programs import measured_programs
from seqbench.sessions.session import Measured, Session
from seqbench.toolchain.toolchain import Toolchain
from seqbench.toolchain.tools import find_cargo
from tests.support.strategies import a_program, a_result, a_sample, a_session, measured

pytestmark = pytest.mark.toolchain

_BENCHSTAT = "golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da"
# Both forms of hyperfine's JSON are in use; the scripts are in the crates, with the digest of each crate's file.
_HYPERFINE = {
    "1.20.0": "c5fe697e6fdd7bd20438836076f8901094926ae40cf13f3f7255c1f3f085122c",
    "2.0.0": "aca5e6f74c882defe4f5faa41fd8be7ff4fb9ebaaf050b62a517490f8632b3c4",
}
_SEQ = "pingpong/runtime=seq/round_trips=1000000"
_GO = "pingpong/runtime=go/round_trips=1000000"
_TIMES_MS = (100, 101, 102, 99, 103, 98, 100, 101)


def _session(factor: int) -> Session:
    seq, go = measured(*(factor * time for time in _TIMES_MS)), measured(*(time / 2 for time in _TIMES_MS))
    return a_session(a_result(a_program(seq), a_program(go, "go")))


def _written(session: Session, name: str, path: Path) -> Path:
    path.write_text(export(session, find_format(name)).text)
    return path


def _old_and_new(name: str, folder: Path) -> tuple[str, str]:
    """Write two sessions; in the new one Seq took twice the time, and Go the same."""
    old, new = (_written(_session(factor), name, folder / f"{side}.json") for side, factor in (("old", 1), ("new", 2)))
    return str(old), str(new)


def _said(*argv: str, environment: Mapping[str, str] | None = None, folder: Path | None = None) -> str:
    done = subprocess.run(
        argv, env=environment, cwd=folder, capture_output=True, text=True, timeout=900, check=False, encoding="utf-8"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def real(request_for_quick_run: Request, tools: Toolchain) -> Session:
    """What the real compilers' programs really took."""
    request = replace(request_for_quick_run, only=("pingpong",), runtimes=("seq", "go"), runs=6)
    return pipeline.bench(request, listen=ignore, save=lambda _session: None)


def _medians_ns(session: Session) -> dict[str, float]:
    return {each.name: median(sample.elapsed_ns for sample in each.samples) for each in measured_programs(session)}


# --- benchstat


@pytest.fixture(scope="module")
def benchstat(cache: Path, environment: Mapping[str, str]) -> Callable[..., list[list[str]]]:
    program = provide_go_program(_BENCHSTAT, cache=cache, environment=environment)

    def rows(*words: str) -> list[list[str]]:
        return list(csv.reader(_said(str(program), "-format", "csv", *words).splitlines()))

    return rows


def test_benchstat_compares_old_with_new(benchstat: Callable[..., list[list[str]]], tmp_path: Path) -> None:
    rows = benchstat(*_old_and_new("benchfmt", tmp_path))
    assert ["machine: ab12"] in rows
    units = [row[1] for row in rows if row[0:1] == [""] and row[2:3] == ["CI"]]
    assert units == [
        "sec/op",
        "wall-sec/op",
        "user-sec/op",
        "sys-sec/op",
        "peak-RSS-bytes",
        "page-faults/op",
        "context-switches/op",
    ]
    seq, *_ = (row for row in rows if row[0:1] == [_SEQ.capitalize()])
    go, *_ = (row for row in rows if row[0:1] == [_GO.capitalize()])
    assert (seq[1], seq[3], seq[5]) == ("0.1005", "0.201", "+100.00%")
    assert (go[1], go[3], go[5]) == ("0.05025", "0.05025", "~")


def test_benchstat_shows_zeros_in_the_table_of_their_unit(
    benchstat: Callable[..., list[list[str]]], tmp_path: Path
) -> None:
    samples = [replace(a_sample(time), user_ns=0, round_number=n) for n, time in enumerate(_TIMES_MS, 1)]
    half = [replace(each, user_ns=4_000_000 * (each.round_number % 2)) for each in samples]
    programs = [a_program(Measured(samples=tuple(each), warm_ups=())) for each in (samples, half)]
    paths = [_written(a_session(a_result(each)), "benchfmt", tmp_path / str(n)) for n, each in enumerate(programs)]
    rows = benchstat(*map(str, paths))
    units = [row[1] for row in rows if row[0:1] == [""] and row[2:3] == ["CI"]]
    assert len(units) == len(set(units))
    assert "user-sec/op" in units
    assert not any("ns/op" in unit for unit in units)


def test_benchstat_compares_the_runtimes_of_a_real_session(
    benchstat: Callable[..., list[list[str]]], real: Session, tmp_path: Path
) -> None:
    path = _written(real, "benchfmt", tmp_path / "real.txt")
    rows = benchstat("-col", "/runtime", "-filter", ".unit:ns/op", str(path))
    assert ["", "seq", "", "go", "", "", ""] in rows
    (found,) = (row for row in rows if row[0:1] and row[0].startswith("Pingpong/"))
    medians_s = [ns / 1e9 for ns in _medians_ns(real).values()]
    assert [float(found[1]), float(found[3])] == pytest.approx(medians_s)


def test_benchstat_does_not_compare_two_machines(benchstat: Callable[..., list[list[str]]], tmp_path: Path) -> None:
    here = _session(1)
    there = replace(here, machine=replace(here.machine, identity="cd34"))
    paths = [_written(each, "benchfmt", tmp_path / each.machine.identity) for each in (here, there)]
    rows = benchstat(*map(str, paths))
    assert not any("vs base" in row for row in rows)


# --- pyperf


def _pyperf(*words: str) -> str:
    return _said(sys.executable, "-m", "pyperf", *words)


def test_pyperf_compares_old_with_new(tmp_path: Path) -> None:
    said = _pyperf("compare_to", *_old_and_new("pyperf", tmp_path))
    assert f"{_SEQ}: Mean +- std dev: [old] 100 ms +- 2 ms -> [new] 201 ms +- 3 ms: 2.00x slower" in said
    assert f"not significant (1): {_GO}" in said


def test_pyperf_draws_counts_and_shows_a_real_session(real: Session, tmp_path: Path) -> None:
    path = str(_written(real, "pyperf", tmp_path / "real.json"))
    assert _pyperf("hist", path).count("###") >= 2
    stats = _pyperf("stats", path)
    assert stats.count("Number of run with values: 6") == stats.count("Number of calibration run: 1") == 2
    for name in _medians_ns(real):
        assert f"{name}\n----" in stats
    assert f"- cpu_model_name: {' '.join(real.machine.cpu.split())}" in _pyperf("metadata", path)
    assert "value 1: " in _pyperf("dump", path)
    assert "round_trips" in _pyperf("show", path)


def test_pyperf_makes_other_figures_of_a_sample_its_values(tmp_path: Path) -> None:
    old, _ = _old_and_new("pyperf", tmp_path)
    _pyperf("convert", old, "--extract-metadata", "command_max_rss", "-o", str(tmp_path / "memory.json"))
    assert "Mean +- std dev: 197.0 MiB" in _pyperf("show", str(tmp_path / "memory.json"))


# --- hyperfine's scripts


@pytest.fixture(scope="module", params=_HYPERFINE)
def hyperfine(
    request: pytest.FixtureRequest, environment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., str]:
    """Run a script of this version of hyperfine, from its crate, which cargo fetches once and keeps."""
    version = str(request.param)
    folder = tmp_path_factory.mktemp("hyperfine")
    with tarfile.open(_crate(version, environment)) as crate:
        scripts = [each for each in crate.getmembers() if "/scripts/" in each.name]
        crate.extractall(folder, scripts, filter="data")
    # It opens no window.
    headless = {**environment, "MPLBACKEND": "Agg"}

    def run(script: str, *words: str) -> str:
        path = folder / f"hyperfine-{version}" / "scripts" / f"{script}.py"
        return _said(sys.executable, str(path), *words, environment=headless, folder=folder)

    return run


def _crate(version: str, environment: Mapping[str, str]) -> Path:
    """Return the file of the crate as cargo keeps it, with the digest that is expected of it."""
    cargo = find_cargo(environment)
    home = Path(environment.get("CARGO_HOME") or Path(environment.get("HOME", "/")) / ".cargo")

    def kept() -> list[Path]:
        return sorted((home / "registry" / "cache").glob(f"*/hyperfine-{version}.crate"))

    if not kept():
        path = f"{environment['PATH']}{os.pathsep}{cargo.parent}"
        _said(str(cargo), "info", f"hyperfine@{version}", environment={**environment, "PATH": path}, folder=Path("/"))
    found = next(path for path in kept())
    assert hashlib.sha256(found.read_bytes()).hexdigest() == _HYPERFINE[version]
    return found


@pytest.mark.parametrize("script", ["plot_whisker", "plot_histogram"])
def test_hyperfines_scripts_plot_a_real_session(
    hyperfine: Callable[..., str], script: str, real: Session, tmp_path: Path
) -> None:
    path = _written(real, "hyperfine", tmp_path / "real.json")
    image = tmp_path / "plot.png"
    hyperfine(script, str(path), "-o", str(image))
    assert image.read_bytes().startswith(b"\x89PNG\r\n")


def test_hyperfines_statistics_are_ours(hyperfine: Callable[..., str], tmp_path: Path) -> None:
    said = hyperfine("advanced_statistics", _old_and_new("hyperfine", tmp_path)[0], "--time-unit", "millisecond")
    seq, go = said.split("Command ")[1:]
    for block, name, factor in ((seq, _SEQ, 1), (go, _GO, 0.5)):
        words = block.split()
        assert words[0] == f"'{name}'"
        figures = {key: float(words[words.index(key) + 1]) for key in ("mean:", "median:", "min:", "max:")}
        assert figures == {
            "mean:": pytest.approx(factor * 100.5, abs=0.001),
            "median:": pytest.approx(factor * 100.5, abs=0.001),
            "min:": factor * 98,
            "max:": factor * 103,
        }


def test_the_real_session_is_the_same_in_every_format_that_holds_its_samples(real: Session, tmp_path: Path) -> None:
    hyperfine = json.loads(_written(real, "hyperfine", tmp_path / "a").read_text())["results"]
    rows = list(csv.DictReader(_written(real, "csv", tmp_path / "b").read_text().splitlines()))
    for result, program in zip(hyperfine, measured_programs(real), strict=True):
        times = [sample.elapsed_ns for sample in program.samples]
        assert [round(time * 1e9) for time in result["times"]] == times
        assert [int(row["elapsed_ns"]) for row in rows if row["runtime"] == program.runtime] == times
