"""Parse and format durations, counts and sizes. Pure."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import floor, inf, log10

NS_PER_S = 1_000_000_000

_DURATION = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>us|ms|s|m|min|h)?")
_SECONDS = {"us": 0.000_001, "ms": 0.001, "s": 1.0, None: 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_COUNT = re.compile(r"\d+(?:_\d+)*")
_LONGEST_COUNT = 100
_SIZE = re.compile(r"(?P<number>\d{1,18}(\.\d+)?)\s*(?:B|(?P<unit>[KMG])iB)?")
_AGE = re.compile(r"(?P<number>\d{1,9})\s*(?P<unit>h|d|w)")
_AGE_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class _TimeUnit:
    name: str
    size_ns: float

    def write(self, nanoseconds: float) -> str:
        return f"{_three_digits(nanoseconds / self.size_ns)} {self.name}"


_TIME_UNITS = (_TimeUnit("s", 1e9), _TimeUnit("ms", 1e6), _TimeUnit("us", 1e3), _TimeUnit("ns", 1.0))
# From here on three digits would round to 1,000 of a unit, so the next larger unit is used.
_FILLED = 0.9995


def parse_duration_s(text: str) -> float:
    """Parse `250ms`, `90s`, `10m`, `1h`, or a number of seconds without a unit.

    Raises
    ------
    ValueError
        The text is none of these, or not above zero.

    Examples
    --------
    >>> parse_duration_s("250ms"), parse_duration_s("10m")
    (0.25, 600.0)
    """
    match = _DURATION.fullmatch(text.strip())
    seconds = float(match["number"]) * _SECONDS[match["unit"]] if match else 0.0
    if not 0 < seconds < inf:
        raise ValueError(f"{text!r} is not a duration above zero: expected a value such as 250ms, 90s, 10m or 1h")
    return seconds


def parse_count(text: str) -> int:
    """Parse a whole number above zero, which may have `_` between digits.

    Raises
    ------
    ValueError
        The text is not such a number.

    Examples
    --------
    >>> parse_count("1_000_000")
    1000000
    """
    if not _COUNT.fullmatch(text.strip()) or len(text) > _LONGEST_COUNT or int(text) == 0:
        raise ValueError(f"{text!r} is not a whole number above zero")
    return int(text)


def parse_bytes(text: str) -> int:
    """Parse a size such as `64 MiB`, or a number of bytes without a unit.

    Raises
    ------
    ValueError
        The text is not a size.

    Examples
    --------
    >>> parse_bytes("64 MiB"), parse_bytes("400")
    (67108864, 400)
    """
    match = _SIZE.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a size: expected a value such as 400, 12 KiB, 64 MiB or 1 GiB")
    return round(float(match["number"]) * (1 << 10 * " KMG".index((match["unit"] or " ")[0])))


def time_writer(nanoseconds: Iterable[float]) -> Callable[[float], str]:
    """Return a function that formats times with three significant digits in one unit.

    The unit is the largest that is not above the longest of these times. All times of a table row use the same unit,
    so that they are comparable at a glance.

    Examples
    --------
    >>> write = time_writer([44.3e9, 610e6])
    >>> write(44.3e9), write(610e6), write(0)
    ('44.3 s', '0.610 s', '0 s')
    """
    longest = max(map(abs, nanoseconds), default=0.0)
    unit = next((each for each in _TIME_UNITS if longest >= _FILLED * each.size_ns), _TIME_UNITS[-1])
    return unit.write


def durations(nanoseconds: Sequence[float]) -> list[str]:
    """Format times in a common unit; see `time_writer`.

    Examples
    --------
    >>> durations([53_387e6, 20_080e6, 154e6])
    ['53.4 s', '20.1 s', '0.154 s']
    """
    return list(map(time_writer(nanoseconds), nanoseconds))


def duration(nanoseconds: float) -> str:
    """Format one time with three significant digits.

    Examples
    --------
    >>> [duration(time) for time in (36.6e9, 502e6, 4e6, 1_940, 90)]
    ['36.6 s', '502 ms', '4.00 ms', '1.94 us', '90.0 ns']
    """
    return time_writer([nanoseconds])(nanoseconds)


def trimmed_duration(nanoseconds: float) -> str:
    """Format one time without trailing zeros, for the scale of a plot.

    Examples
    --------
    >>> trimmed_duration(4e6), trimmed_duration(1_500), trimmed_duration(100e9)
    ('4 ms', '1.5 us', '100 s')
    """
    number, _, unit = duration(nanoseconds).partition(" ")
    return f"{number.rstrip('0').rstrip('.') if '.' in number else number} {unit}"


def short_duration(nanoseconds: float) -> str:
    """Format one time for a cell of the headline table: without a space, in ms up to ten seconds.

    Examples
    --------
    >>> [short_duration(time) for time in (36.6e9, 502e6, 250e3, 90)]
    ['36.6s', '502ms', '0.25ms', '90ns']
    """
    milliseconds = nanoseconds / 1e6
    if milliseconds >= 10_000:  # noqa: PLR2004 - ten seconds and more read better in s
        return f"{milliseconds / 1e3:.3g}s" if milliseconds < 999_500 else f"{milliseconds / 1e3:,.0f}s"  # noqa: PLR2004
    if milliseconds >= 100:  # noqa: PLR2004 - three digits stand before the point
        return f"{milliseconds:.0f}ms"
    # The format `g` would use an exponent below 0.0001.
    return f"{nanoseconds:.3g}ns" if 0 < abs(milliseconds) < 1e-4 else f"{milliseconds:.3g}ms"  # noqa: PLR2004


def clock_duration(seconds: float) -> str:
    """Format a number of seconds as seconds, or as minutes and seconds.

    Examples
    --------
    >>> clock_duration(42.4), clock_duration(200)
    ('42 s', '3 min 20 s')
    """
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02} s"  # noqa: PLR2004 - s in a min


def change(ratio: float, low: float, high: float) -> str:
    """Write a ratio and the ends of its interval as changes.

    Examples
    --------
    >>> change(1.052, 1.041, 1.063)
    '+5.2 % [+4.1, +6.3]'
    """
    middle, start, end = (f"{100 * (each - 1):+.1f}" for each in (ratio, low, high))
    return f"{middle} % [{start}, {end}]"


def percent(share: float, *, digits: int = 0) -> str:
    """Format a share as percent for a table.

    Examples
    --------
    >>> percent(1.263), percent(0.0213, digits=1)
    ('126 %', '2.1 %')
    """
    return f"{100 * share:.{digits}f} %"


def rough_percent(share: float) -> str:
    """Format a share as percent with two significant digits, for a sentence.

    Examples
    --------
    >>> rough_percent(0.337), rough_percent(0.0213), rough_percent(0.0042), rough_percent(2.3)
    ('34 %', '2.1 %', '0.42 %', '230 %')
    """
    return f"{float(f'{100 * share:.2g}'):g} %"


def short_rate(per_second: float) -> str:
    """Format a rate with the suffix G, M or k.

    Examples
    --------
    >>> short_rate(3_984_000), short_rate(30_400), short_rate(950)
    ('4.0M', '30.4k', '950')
    """
    for limit, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if per_second >= 0.9995 * limit:  # 999,950 is 1.0M, not 1000.0k
            return f"{per_second / limit:.1f}{suffix}"
    return f"{per_second:.0f}"


def short_bytes(count: float) -> str:
    """Format a number of bytes.

    Examples
    --------
    >>> short_bytes(13.3 * 2**30), short_bytes(12_288)
    ('13.3 GiB', '12.0 KiB')
    """
    for limit, suffix in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if count >= limit:
            value = count / limit
            return f"{value:.1f} {suffix}" if value < 100 else f"{value:.0f} {suffix}"  # noqa: PLR2004 - 3 digits
    return f"{count:.0f} B"


def short_ratio(ratio: float) -> str:
    """Format a ratio with two significant digits, or three from ten on.

    Examples
    --------
    >>> short_ratio(2.31), short_ratio(57), short_ratio(0.851)
    ('2.3x', '57.0x', '0.85x')
    """
    if ratio < 0.995:  # noqa: PLR2004 - 0.995 and above reads as 1.0x
        return f"{ratio:.2g}x"
    return f"{ratio:.1f}x" if ratio < 99.5 else f"{ratio:.0f}x"  # noqa: PLR2004 - two or three digits


def iso_utc(moment: datetime, *, timespec: str = "seconds") -> str:
    """Format a moment as ISO 8601 in UTC with Z.

    Parameters
    ----------
    timespec : the precision, as for `datetime.isoformat`.

    Examples
    --------
    >>> iso_utc(parse_iso("2026-11-24T04:20:39+01:00"))
    '2026-11-24T03:20:39Z'
    """
    # strftime would write a year before 1000 with fewer than four digits, which `parse_iso` could not read.
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=timespec)}Z"


def parse_iso(text: str) -> datetime:
    """Parse ISO 8601 with any time zone, and return the moment in UTC.

    Raises
    ------
    ValueError
        The text is not such a moment, or has no time zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} is out of range") from error


def parse_since(text: str, now: datetime) -> datetime:
    """Parse a moment: an age such as `30d`, `2w` or `12h`, or a date in UTC such as `2026-11-01`.

    Raises
    ------
    ValueError
        The text is neither, or out of range.

    Examples
    --------
    >>> now = parse_iso("2026-11-24T03:20:39Z")
    >>> iso_utc(parse_since("2w", now)), iso_utc(parse_since("2026-11-01", now))
    ('2026-11-10T03:20:39Z', '2026-11-01T00:00:00Z')
    """
    try:
        if match := _AGE.fullmatch(text.strip()):
            return now - timedelta(**{_AGE_UNITS[match["unit"]]: int(match["number"])})
        moment = datetime.fromisoformat(text.strip())
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r} is neither an age such as 30d, 2w or 12h nor a date such as 2026-11-01") from error


def _three_digits(value: float) -> str:
    if value == 0:
        return "0"
    rounded = float(f"{value:.3g}")
    # Use as many decimals as three digits need, and never an exponent.
    return f"{rounded:,.{max(0, 2 - floor(log10(abs(rounded))))}f}"
