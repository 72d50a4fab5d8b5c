"""Variants, whose sources have a dot in their names, in languages where the name of the file means something."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from seqbench.bench.run import bench
from seqbench.bench.tools import find_tools
from seqbench.config import Config
from seqbench.events import ignore
from seqbench.flags import Flags, make_request
from seqbench.runtimes.registry import shipped
from seqbench.sessions.session import Measured
from tests.support.world import REPOSITORY

pytestmark = pytest.mark.toolchain


@pytest.mark.parametrize("name", ["erlang", "java"])
def test_variant_is_built_and_measured(cache: Path, environment: Mapping[str, str], tmp_path: Path, name: str) -> None:
    (runtime,) = shipped(name)
    suite = REPOSITORY / "benchmarks" / "pingpong"
    folder = tmp_path / "benchmarks" / "pingpong"
    folder.mkdir(parents=True)
    source = (suite / f"pingpong{runtime.extension}").read_text()
    variant = re.sub(r"^-module\(.*\)\.$", "-module('pingpong.fast').", source, flags=re.MULTILINE)
    for file, text in {
        f"pingpong{runtime.extension}": source,
        f"pingpong.fast{runtime.extension}": variant,
        "benchmark.toml": (suite / "benchmark.toml").read_text(),
    }.items():
        (folder / file).write_text(text)
    request = make_request(Flags(runtimes=name, size="quick", runs="1"), Config(), tmp_path, environment)
    if missing := find_tools((runtime,), request, ignore).missing:
        pytest.skip(str(missing[0][1]))
    (result,) = bench(request, listen=ignore, save=lambda _session: None).results

    found = {program.variant: type(program.outcome) for program in result.programs}
    assert found == {"": Measured, "fast": Measured}, result
