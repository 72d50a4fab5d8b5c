import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.stats.intervals import Band, Interval, Ratio, Summary, band_of, inner_range, paired_ratio, summarize
from tests.support.laws import FEW

_times = st.floats(min_value=1e-3, max_value=1e12)
_pairs = st.lists(st.tuples(_times, _times), min_size=1, max_size=15)
_odd_pairs = _pairs.filter(lambda pairs: len(pairs) % 2 == 1)


@pytest.mark.parametrize(
    ("values", "least_spread", "ends"),
    [
        ((7.0,), 0.0, (7.0, 7.0)),
        ((5.0, 1.0), 0.0, (1.0, 5.0)),
        # Quartiles 2 and 4: as far as 3 * 2 outside them is near.
        ((1.0, 2.0, 3.0, 4.0, 10.0), 0.0, (1.0, 10.0)),
        ((1.0, 2.0, 3.0, 4.0, 10.1), 0.0, (1.0, 4.0)),
        ((-4.1, 2.0, 3.0, 4.0, 5.0), 0.0, (2.0, 5.0)),
        ((3.0, 3.0, 3.0, 3.0, 3.1), 0.0, (3.0, 3.0)),
        ((3.0, 3.0, 3.0, 3.0, 3.1), 0.1, (3.0, 3.1)),
    ],
)
def test_what_is_far_out_is_outside_the_inner_range(
    values: tuple[float, ...], least_spread: float, ends: tuple[float, float]
) -> None:
    assert inner_range(values, least_spread=least_spread) == ends


@given(st.lists(_times, min_size=1), st.sampled_from((0.0, 1.0)))
def test_the_inner_range_has_the_median_in_it_and_nothing_that_was_not_given(
    values: list[float], least_spread: float
) -> None:
    low, high = inner_range(values, least_spread=least_spread)
    assert low <= sorted(values)[len(values) // 2] <= high or low <= sorted(values)[(len(values) - 1) // 2] <= high
    assert {low, high} <= set(values)


def _ratio(pairs: list[tuple[float, float]]) -> Ratio:
    return paired_ratio([first for first, _ in pairs], [second for _, second in pairs])


@pytest.mark.parametrize(
    ("count", "first", "last"),
    [(6, 1, 6), (8, 1, 8), (9, 2, 8), (10, 2, 9), (12, 3, 10), (15, 4, 12), (20, 6, 15), (25, 8, 18), (30, 10, 21)],
)
def test_the_interval_lies_between_the_ranks_of_the_published_tables(count: int, first: int, last: int) -> None:
    # Conover, Practical Nonparametric Statistics, 3.2; Hahn and Meeker, table A.15.
    shuffled = [*range(1, count + 1, 2), *range(2, count + 1, 2)]
    assert summarize(shuffled) == Summary(median=(count + 1) / 2, interval=Interval(low=first, high=last), count=count)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_fewer_than_six_samples_have_no_interval(count: int) -> None:
    summary = summarize(range(count))
    assert (summary.median, summary.interval, summary.count) == ((count - 1) / 2, None, count)


def test_there_is_no_summary_of_nothing() -> None:
    with pytest.raises(ValueError, match="no values to summarize"):
        summarize([])


@pytest.mark.parametrize("count", [6, 10, 20])
def test_the_interval_covers_the_true_median_of_skewed_samples_in_95_percent(count: int) -> None:
    # The logarithm of the times is normal around 0, so their true median is 1.
    trials = np.random.default_rng(20260301).lognormal(sigma=0.5, size=(4_000, count)).tolist()
    intervals = [summarize(trial).interval for trial in trials]
    covered = sum(interval is not None and interval.low <= 1 <= interval.high for interval in intervals)
    assert covered / len(intervals) >= 0.95


@pytest.mark.parametrize("count", [6, 10])
def test_the_interval_of_a_ratio_covers_the_true_ratio_under_a_drift_that_both_sides_share(count: int) -> None:
    draw = np.random.default_rng(20260301)
    covered = 0
    for _ in range(400):
        drift = draw.lognormal(sigma=1.0, size=count)
        first, second = (drift * draw.lognormal(sigma=0.1, size=count) for _ in range(2))
        interval = paired_ratio((3 * first).tolist(), second.tolist()).interval
        covered += interval is not None and interval.low <= 3 <= interval.high
        assert interval is not None
        assert interval.high / interval.low < 3, "the drift of e to either side must cancel"
    assert covered >= 0.95 * 400


@given(st.lists(_times, min_size=1, max_size=30))
def test_the_order_of_the_samples_does_not_matter_and_the_median_is_in_its_interval(values: list[float]) -> None:
    summary = summarize(values)
    assert summary == summarize(sorted(values, reverse=True))
    if summary.interval is not None:
        assert min(values) <= summary.interval.low <= summary.median <= summary.interval.high <= max(values)


@FEW
@given(_pairs)
def test_interval_of_a_ratio_is_between_ratios_of_its_rounds(pairs: list[tuple[float, float]]) -> None:
    ratio = _ratio(pairs)
    of_rounds = sorted(first / second for first, second in pairs)
    assert ratio.count == len(pairs)
    assert (ratio.interval is None) == (len(pairs) < 6)
    if ratio.interval is not None:
        assert {ratio.interval.low, ratio.interval.high} <= set(of_rounds)
        assert ratio.interval.low <= ratio.median <= ratio.interval.high


@FEW
@given(_pairs, st.floats(min_value=1e-3, max_value=1e3))
def test_a_machine_of_another_speed_gives_the_same_ratio(pairs: list[tuple[float, float]], speed: float) -> None:
    ratio = _ratio(pairs)
    scaled = _ratio([(first * speed, second * speed) for first, second in pairs])
    assert scaled.median == pytest.approx(ratio.median)
    if ratio.interval is not None and scaled.interval is not None:
        assert scaled.interval.low == pytest.approx(ratio.interval.low)
        assert scaled.interval.high == pytest.approx(ratio.interval.high)


@FEW
@given(_odd_pairs)
def test_the_sides_the_other_way_round_give_the_reciprocal(pairs: list[tuple[float, float]]) -> None:
    ratio = _ratio(pairs)
    swapped = _ratio([(second, first) for first, second in pairs])
    assert swapped.median == pytest.approx(1 / ratio.median)
    if ratio.interval is not None and swapped.interval is not None:
        assert swapped.interval.low == pytest.approx(1 / ratio.interval.high)
        assert swapped.interval.high == pytest.approx(1 / ratio.interval.low)


def test_pairs_are_of_the_same_round_and_not_of_the_same_rank() -> None:
    assert _ratio([(1, 1), (20, 10), (900, 300)]).median == 2
    assert _ratio([(1, 300), (20, 10), (900, 1)]).median == 2
    assert _ratio([(1, 10), (20, 1), (900, 300)]).median == 3


@pytest.mark.parametrize(
    ("numerators", "denominators"), [([], []), ([1.0], []), ([1.0, 2.0], [1.0]), ([0.0], [1.0]), ([1.0], [-1.0])]
)
def test_what_makes_no_pairs_of_times_is_refused(numerators: list[float], denominators: list[float]) -> None:
    with pytest.raises(ValueError, match=r"cannot pair|above zero"):
        paired_ratio(numerators, denominators)


@pytest.mark.parametrize(
    ("ratio", "band"),
    [
        (0.5, Band.EXCELLENT),
        (2.0, Band.EXCELLENT),
        (2.000_001, Band.GOOD),
        (5.0, Band.GOOD),
        (5.000_001, Band.INVESTIGATE),
        (35.0, Band.INVESTIGATE),
    ],
)
def test_a_limit_belongs_to_the_better_band(ratio: float, band: Band) -> None:
    assert band_of(ratio) is band
    assert Ratio(median=ratio, interval=None, count=1).bands() == (band,)


@pytest.mark.parametrize(
    ("low", "high", "bands"),
    [
        (1.0, 2.0, (Band.EXCELLENT,)),
        (2.1, 5.0, (Band.GOOD,)),
        (5.1, 9.0, (Band.INVESTIGATE,)),
        (1.9, 2.1, (Band.EXCELLENT, Band.GOOD)),
        (4.9, 5.1, (Band.GOOD, Band.INVESTIGATE)),
        (2.0, 5.1, (Band.EXCELLENT, Band.GOOD, Band.INVESTIGATE)),
    ],
)
def test_a_ratio_is_in_every_band_that_its_interval_touches(low: float, high: float, bands: tuple[Band, ...]) -> None:
    assert Ratio(median=2.0, interval=Interval(low=low, high=high), count=6).bands() == bands
