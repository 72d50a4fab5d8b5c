"""Code layouts in calibrate, and the warning of a margin below their spread in compare and gate."""

import json
from pathlib import Path

import pytest

from seqbench.compare.calibration import load_calibration
from seqbench.compare.document import load_comparison
from tests.support.layouts import link_in_layouts
from tests.support.outcomes import row
from tests.support.world import World

_WARNING = "warning: alpha: the margin of 2.0 % is below the spread of code layouts, 5.0 % [5.0, 5.0]"


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world whose calibration has layouts that are up to 5 % slower."""
    world = World(tmp_path_factory.mktemp("layouts"))
    link_in_layouts(world)
    world.add_right("alpha")
    said = world.task("calibrate", "--runs", "16", "--json", "calibration.json")
    assert said.code == 0, said.err
    (world.root / "out").write_text(said.out)
    (world.root / "err").write_text(said.err)
    return world


@pytest.mark.whole
def test_calibration_says_the_spread_of_five_layouts_and_warns_of_the_margin(calibrated: World) -> None:
    words = row((calibrated.root / "out").read_text().partition("Code layouts")[2], "alpha").split()
    assert words == ["alpha", "16", "5.0", "%", "[5.0,", "5.0]", "1.020", "1.030", "1.040", "1.050"]
    assert _WARNING in (calibrated.root / "err").read_text()
    stored = json.loads((calibrated.project / "calibration.json").read_text())
    assert stored["layouts"][0]["spread"] == pytest.approx(0.05)
    (warning,) = stored["warnings"]
    assert f"warning: {warning}".startswith(_WARNING)
    found = load_calibration(calibrated.cache / "calibration.json")
    assert found is not None
    assert found.layouts[0].rounds == 16


@pytest.mark.whole
def test_samples_of_the_layouts_are_kept(calibrated: World) -> None:
    (kept,) = calibrated.results.glob("calibrate-*.json")
    assert len(load_comparison(kept).layouts) == 5


@pytest.mark.whole
@pytest.mark.parametrize("task", ["compare", "gate"])
def test_margin_below_the_spread_is_warned_of(calibrated: World, tmp_path: Path, task: str) -> None:
    seqc = str(calibrated.tools / "seqc")
    words = (task, "--base", seqc, "--head", seqc, "--runs", "16", "--json", str(tmp_path / "x.json"))
    said = calibrated.task(*words)
    (warning,) = _warnings(tmp_path)
    assert f"warning: {warning}".startswith(_WARNING)
    assert f"warning: {warning}" in said.err

    said = calibrated.task(*words, "--margin", "6%")
    assert "code layouts" not in said.err
    assert _warnings(tmp_path) == []


def _warnings(folder: Path) -> list[str]:
    found: list[str] = json.loads((folder / "x.json").read_text())["warnings"]
    return found


@pytest.mark.whole
def test_calibration_without_layouts_says_why(world: World) -> None:
    world.add_right("alpha")
    said = world.task("calibrate", "--runs", "16")

    assert said.code == 0, said.err
    assert "code layouts were not measured: alpha is the same in every code layout" in said.out
