import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench import units

_DAY_NS = 24 * 3600 * 10**9


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("250ms", 0.25),
        ("90s", 90),
        ("1.5s", 1.5),
        ("10m", 600),
        ("10min", 600),
        ("1h", 3600),
        ("45", 45),
        (" 2 m ", 120),
    ],
)
def test_a_duration_is_read_with_its_unit(text: str, seconds: float) -> None:
    assert units.parse_duration_s(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "0", "0ms", "-1s", "1d", "1 h 30 m", "s", "1,5s", ".5s", "1e3s", "inf", "nan", "9" * 400]
)
def test_what_is_no_duration_above_zero_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration above zero: expected a value such as 250ms"):
        units.parse_duration_s(text)


@given(st.integers(min_value=1))
def test_a_count_is_read_with_and_without_underscores(number: int) -> None:
    assert units.parse_count(str(number)) == units.parse_count(f" {number:_} ") == number


@pytest.mark.parametrize("text", ["", "0", "00", "-1", "+1", "1.0", "1,000", "1__0", "_1", "1_", "1e6", "ten"])
def test_what_is_no_whole_number_above_zero_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a whole number above zero"):
        units.parse_count(text)


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0ms"),
        (1, "1ns"),
        (250_000, "0.25ms"),
        (2_345_678, "2.35ms"),
        (45_600_000, "45.6ms"),
        (502_400_000, "502ms"),
        (4_779_000_000, "4779ms"),
        (10_000_000_000, "10s"),
        (36_620_000_000, "36.6s"),
        (999_700_000_000, "1,000s"),
        (3_723_000_000_000, "3,723s"),
    ],
)
def test_a_time_is_written_in_ms_up_to_ten_seconds_and_then_in_s(nanoseconds: float, text: str) -> None:
    assert units.short_duration(nanoseconds) == text


@given(st.floats(min_value=1, max_value=100 * _DAY_NS))
def test_a_written_time_reads_as_the_time_to_half_a_percent(nanoseconds: float) -> None:
    match = re.fullmatch(r"([\d,]+(?:\.\d+)?)(ns|ms|s)", units.short_duration(nanoseconds))
    assert match is not None
    factor = {"ns": 1, "ms": 1e6, "s": 1e9}[match[2]]
    assert float(match[1].replace(",", "")) * factor == pytest.approx(nanoseconds, rel=0.005_001)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (42.4, "42 s"), (59.7, "1 min 00 s"), (200, "3 min 20 s"), (3661, "61 min 01 s")]
)
def test_a_span_is_written_as_on_a_clock(seconds: float, text: str) -> None:
    assert units.clock_duration(seconds) == text


@pytest.mark.parametrize(
    ("rate", "text"),
    [(0, "0"), (950, "950"), (30_400, "30.4k"), (999_960, "1.0M"), (3_984_000, "4.0M"), (1_200_000_000, "1.2G")],
)
def test_a_rate_is_written_with_its_thousands_folded(rate: float, text: str) -> None:
    assert units.short_rate(rate) == text


@given(st.floats(min_value=10, max_value=9e11))
def test_a_written_rate_reads_as_the_rate_to_five_percent_and_has_three_digits_at_most(rate: float) -> None:
    match = re.fullmatch(r"(\d{1,3}(?:\.\d)?)([kMG]?)", units.short_rate(rate))
    assert match is not None
    assert float(match[1]) * {"": 1, "k": 1e3, "M": 1e6, "G": 1e9}[match[2]] == pytest.approx(rate, rel=0.05)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1 << 10, "1.0 KiB"),
        (12 << 10, "12.0 KiB"),
        (1 << 20, "1.0 MiB"),
        (100 << 20, "100 MiB"),
        (197 << 20, "197 MiB"),
        (1 << 30, "1.0 GiB"),
        (round(13.3 * 2**30), "13.3 GiB"),
    ],
)
def test_an_amount_of_memory_is_written_in_binary_units(count: float, text: str) -> None:
    assert units.short_bytes(count) == text


@given(st.integers(min_value=1, max_value=1 << 50))
def test_a_written_amount_of_memory_reads_as_the_amount_to_five_percent(count: int) -> None:
    number, unit = units.short_bytes(count).split(" ")
    factor = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}[unit]
    assert float(number) * factor == pytest.approx(count, rel=0.05)


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (2.31, "2.3x"),
        (1.0, "1.0x"),
        (0.996, "1.0x"),
        (0.994, "0.99x"),
        (0.853, "0.85x"),
        (0.012, "0.012x"),
        (100, "100x"),
        (120, "120x"),
    ],
)
def test_a_ratio_is_written_as_people_say_it(ratio: float, text: str) -> None:
    assert units.short_ratio(ratio) == text


offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_is_written_to_the_second_and_read_back(moment: datetime) -> None:
    assert units.parse_iso(units.iso_utc(moment)) == moment.replace(microsecond=0)


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=offsets))  # noqa: DTZ001 - the zone is drawn
def test_a_moment_is_written_in_utc_whatever_its_zone(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    assert units.iso_utc(moment) == units.iso_utc(whole.astimezone(UTC))
    assert units.parse_iso(whole.isoformat()) == whole
    assert units.parse_iso(whole.isoformat()).tzinfo is UTC


def test_a_moment_ends_with_z() -> None:
    assert units.iso_utc(datetime(2026, 3, 1, 13, 5, 9, 999_999, tzinfo=timezone(timedelta(hours=2)))) == (
        "2026-03-01T11:05:09Z"
    )


@pytest.mark.parametrize(
    "text",
    ["2026-03-01T12:00:00", "2026-03-01", "yesterday", "", "0001-01-01T00:00:00+02:00", "9999-12-31T23:59:59-00:01"],
)
def test_a_text_that_is_no_moment_with_a_zone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"time zone|isoformat|out of range"):
        units.parse_iso(text)


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0 ns"),
        (0.0421, "0.0421 ns"),
        (42.07, "42.1 ns"),
        (999.4, "999 ns"),
        (999.6, "1.00 us"),
        (-12_345, "-12.3 us"),
        (999_400, "999 us"),
        (999_600, "1.00 ms"),
        (8_401_000_000, "8.40 s"),
        (1_234_567_000_000, "1,230 s"),
    ],
)
def test_duration_has_three_digits_and_a_unit(nanoseconds: float, text: str) -> None:
    assert units.duration(nanoseconds) == text


@pytest.mark.parametrize(
    ("nanoseconds", "texts"),
    [
        ([], []),
        ([0, 0], ["0 ns", "0 ns"]),
        ([264e6, 271e6, 0], ["264 ms", "271 ms", "0 ms"]),
        ([44.3e9, 20_080e6, 53_387e6], ["44.3 s", "20.1 s", "53.4 s"]),
        ([61e9, 75_000], ["61.0 s", "0.0000750 s"]),
        ([-2e6, 1_500], ["-2.00 ms", "0.00150 ms"]),
    ],
)
def test_durations_of_a_row_share_the_unit_of_the_longest(nanoseconds: list[float], texts: list[str]) -> None:
    assert units.durations(nanoseconds) == texts


@given(st.lists(st.floats(min_value=-1e18, max_value=1e18), min_size=1))
def test_durations_are_read_back_within_three_digits_in_one_unit(nanoseconds: list[float]) -> None:
    texts = [text.split(" ") for text in units.durations(nanoseconds)]

    assert len({unit for _, unit in texts}) == 1
    size = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}[texts[0][1]]
    for time, (number, _) in zip(nanoseconds, texts, strict=True):
        assert "e" not in number
        assert float(number.replace(",", "")) * size == pytest.approx(time, rel=0.005)


@pytest.mark.parametrize(
    ("nanoseconds", "text"), [(100e6, "100 ms"), (2e6, "2 ms"), (2.5e6, "2.5 ms"), (20e9, "20 s"), (50, "50 ns")]
)
def test_trimmed_duration_has_no_zeros_at_its_end(nanoseconds: float, text: str) -> None:
    assert units.trimmed_duration(nanoseconds) == text


_NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("12h", _NOW - timedelta(hours=12)),
        ("30d", _NOW - timedelta(days=30)),
        (" 2 w ", _NOW - timedelta(weeks=2)),
        ("0d", _NOW),
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T06:00", datetime(2026, 11, 1, 6, tzinfo=UTC)),
        ("2026-11-01T06:00+02:00", datetime(2026, 11, 1, 4, tzinfo=UTC)),
    ],
)
def test_since_is_an_age_or_a_date_in_utc(text: str, moment: datetime) -> None:
    assert units.parse_since(text, _NOW) == moment


@pytest.mark.parametrize(
    "text",
    ["", "soon", "30", "d", "-3d", "1.5d", "30m", "2026-13-01", "999999999w", "0001-01-01T00:00+14:00"],
)
def test_what_is_no_age_and_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is neither an age such as 30d"):
        units.parse_since(text, _NOW)


def test_a_moment_can_be_written_to_the_microsecond() -> None:
    moment = datetime(26, 3, 1, 12, tzinfo=timezone(timedelta(hours=1)))
    assert units.iso_utc(moment, timespec="microseconds") == "0026-03-01T11:00:00.000000Z"
