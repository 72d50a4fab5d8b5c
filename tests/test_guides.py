"""The guides to suites of others: each example of docs/SUITES.md is written as files and measured."""

import re
import sys

import pytest

from seqbench.sessions import report
from tests.support.world import REPOSITORY, World

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="`date` of other systems counts no nanoseconds")

PAGE = (REPOSITORY / "docs" / "SUITES.md").read_text(encoding="utf-8")
# A block of code begins with the name of its file.
BLOCK = re.compile(r"^```\w+\n# (\S+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
RUNTIMES = dict(BLOCK.findall(PAGE.partition("\n## ")[0]))["runtimes"]
GUIDES = {text.partition("\n")[0]: text for text in PAGE.split("\n## ")[1:]}
ROWS = {
    "A folder for each runtime": ["Sum"],
    "An extension for each language": ["Sum"],
    "Several tests from one program": ["Sum / small", "Sum / large"],
    "Decimals, other units and zeros": ["Sum"],
    "No clock at all": ["Sum (wall clock)"],
    "Commands": ["Sort (wall clock)"],
    "Names, sizes and expected results": ["Sum"],
}


def test_every_guide_is_tried() -> None:
    assert list(GUIDES) == list(ROWS)


@pytest.mark.parametrize("title", ROWS)
def test_guide_gives_a_ratio_and_leaves_the_folder_as_it_was(world: World, title: str) -> None:
    files = dict(BLOCK.findall(GUIDES[title]))
    folder, described = world.root / "sums", world.root / "suite.toml"
    described.write_text(f"{files.pop('suite.toml')}\n{RUNTIMES}")
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    names = "old,new" if title == "Commands" else "awk,sh"
    session = world.bench(suite=str(folder), suite_file=str(described), runtimes=names)

    assert session.failures() == (), report.failure_details(session)
    assert [row.title for row in report.headline_rows(session)] == ROWS[title]
    assert all(row.ratio is not None for row in report.headline_rows(session))
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == set(files)
