import numpy as np
import pytest

from seqbench.compare.layout_spread import LayoutSpread, layout_spread, layout_text, least_rounds
from seqbench.sessions.session import Sample
from tests.support.strategies import a_sample


def samples(ratio: float, *, rounds: int = 60, sigma: float = 0.0, seed: int = 1) -> list[Sample]:
    noise = np.random.default_rng(seed).normal(0.0, sigma, rounds)
    return [
        a_sample(100 * ratio * float(np.exp(each)), round_number=number) for number, each in enumerate(noise, start=1)
    ]


def spread(*ratios: float, rounds: int = 60, sigma: float = 0.0) -> LayoutSpread:
    sides = [samples(ratio, rounds=rounds, sigma=sigma, seed=number) for number, ratio in enumerate(ratios)]
    found = layout_spread("alpha", sides)
    assert found is not None
    return found


def test_spread_is_that_of_the_slowest_and_the_fastest_layout() -> None:
    found = spread(1.0, 1.01, 0.99, 1.0, 1.02)

    assert found.spread == pytest.approx(1.02 / 0.99 - 1, abs=1e-6)
    assert (found.low, found.high) == pytest.approx((found.spread, found.spread))
    assert found.ratios == pytest.approx((1.0, 1.01, 0.99, 1.0, 1.02))
    assert found.exceeds(0.02)
    assert not found.exceeds(0.04)


def test_layouts_that_noise_hides_are_not_told_apart() -> None:
    found = spread(1.0, 1.0, 1.0, 1.0, 1.0, sigma=0.05)

    assert (found.low, found.differs, found.exceeds(0.0001)) == (0.0, False, False)
    assert 0 < found.spread < found.high
    assert "no difference seen" in layout_text([found])


def test_interval_encloses_the_true_spread() -> None:
    found = spread(1.0, 1.03, 0.99, 1.0, 1.01, sigma=0.02, rounds=200)
    assert 0.02 < found.low < 1.03 / 0.99 - 1 < found.high < 0.06


def test_too_few_rounds_give_no_spread() -> None:
    assert least_rounds(5) == 9
    assert layout_spread("alpha", [samples(1.0, rounds=8)] * 5) is None
    assert layout_spread("alpha", [samples(1.0, rounds=9)] * 5) is not None


def test_one_layout_has_no_spread() -> None:
    with pytest.raises(ValueError, match="expected two or more"):
        layout_spread("alpha", [samples(1.0)])


def test_warning_names_the_margin_that_is_enough() -> None:
    text = spread(1.0, 1.0, 1.0, 1.0, 1.0231).warning(0.02)

    assert text.startswith("alpha: the margin of 2.0 % is below the spread of code layouts, 2.3 % [2.3, 2.3]")
    assert text.endswith("use --margin 2.4%")
    # No margin is so wide.
    assert spread(1.0, 1.0, 1.0, 1.0, 2.5).warning(0.02).endswith("measure where less other work is done")


def test_table_drops_the_ratios_where_it_is_too_wide() -> None:
    found = spread(1.0, 1.01, 0.99, 1.0, 1.02)
    assert "Layout 5" in layout_text([found])
    assert "3.0 % [3.0, 3.0]" in layout_text([found])
    assert "Layout 5" not in layout_text([found], width=50).splitlines()[0]
    assert layout_text([]) == ""
