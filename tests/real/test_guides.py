"""The examples of the guides that need a real compiler."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from seqbench.bench.run import bench
from seqbench.config import Config
from seqbench.events import ignore
from seqbench.flags import Flags, make_request
from seqbench.sessions.report import headline_rows
from seqbench.sessions.session import Session
from tests.support.world import REPOSITORY

pytestmark = pytest.mark.toolchain

_NAMES = {"toml": "suite.toml", "awk": "hop/hop.awk", "go": "hop/hop.go"}


def test_suite_of_the_guide_to_runtimes_is_measured(tmp_path: Path, environment: Mapping[str, str]) -> None:
    page = (REPOSITORY / "docs" / "guides" / "add-a-runtime.md").read_text(encoding="utf-8")
    suite = tmp_path / "awk-suite"
    (suite / "hop").mkdir(parents=True)
    for kind, text in re.findall(r"```(toml|awk|go)\n(.*?)```", page, re.DOTALL):
        (suite / _NAMES[kind]).write_text(text)
    flags = Flags(suite=str(suite), runtimes="go,awk", reference="go", runs="1")

    def keep_nothing(_session: Session) -> None:
        pass

    session = bench(make_request(flags, Config(), tmp_path, environment), listen=ignore, save=keep_nothing)
    assert session.failures() == ()
    (row,) = headline_rows(session)
    assert row.ratio is not None
