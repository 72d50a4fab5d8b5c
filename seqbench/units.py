"""Reading and writing of durations, counts and sizes as people write them. Pure."""

import re
from datetime import UTC, datetime, timedelta
from math import inf

NS_PER_S = 1_000_000_000

_DURATION = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>ms|s|m|min|h)?")
_SECONDS = {"ms": 0.001, "s": 1.0, None: 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_COUNT = re.compile(r"\d+(?:_\d+)*")
_LONGEST_COUNT = 100
_AGE = re.compile(r"(?P<number>\d{1,9})\s*(?P<unit>h|d|w)")
_AGE_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def parse_duration_s(text: str) -> float:
    """Read `250ms`, `90s`, `10m`, `1h`, or a bare number of seconds.

    Raises
    ------
    ValueError : it is none of these, or not above zero.

    Examples
    --------
    >>> parse_duration_s("250ms"), parse_duration_s("10m")
    (0.25, 600.0)
    """
    match = _DURATION.fullmatch(text.strip())
    seconds = float(match["number"]) * _SECONDS[match["unit"]] if match else 0.0
    if not 0 < seconds < inf:
        raise ValueError(f"{text!r} is not a duration above zero such as 250ms, 90s, 10m or 1h")
    return seconds


def parse_count(text: str) -> int:
    """Read a whole number above zero, with `_` between its digits where one likes.

    Raises
    ------
    ValueError : it is not one.

    Examples
    --------
    >>> parse_count("1_000_000")
    1000000
    """
    if not _COUNT.fullmatch(text.strip()) or len(text) > _LONGEST_COUNT or int(text) == 0:
        raise ValueError(f"{text!r} is not a whole number above zero")
    return int(text)


def short_duration(nanoseconds: float) -> str:
    """Write a time with three significant digits, in ms up to ten seconds.

    Examples
    --------
    >>> [short_duration(time) for time in (36.6e9, 502e6, 250e3, 90)]
    ['36.6s', '502ms', '0.25ms', '90ns']
    """
    milliseconds = nanoseconds / 1e6
    if milliseconds >= 10_000:  # noqa: PLR2004 - above ten seconds nobody reads milliseconds
        return f"{milliseconds / 1e3:.3g}s" if milliseconds < 999_500 else f"{milliseconds / 1e3:,.0f}s"  # noqa: PLR2004
    if milliseconds >= 100:  # noqa: PLR2004 - three digits stand before the point
        return f"{milliseconds:.0f}ms"
    # Below 0.0001 `g` would write an exponent.
    return f"{nanoseconds:.3g}ns" if 0 < abs(milliseconds) < 1e-4 else f"{milliseconds:.3g}ms"  # noqa: PLR2004


def fine_duration(nanoseconds: float) -> str:
    """Write what one of many items takes, from a millisecond on as `short_duration`.

    Examples
    --------
    >>> fine_duration(190), fine_duration(1_940)
    ('190ns', '1.94us')
    """
    if nanoseconds >= 999_500:  # noqa: PLR2004 - what would read 1e+03us
        return short_duration(nanoseconds)
    return f"{nanoseconds:.3g}ns" if nanoseconds < 999.5 else f"{nanoseconds / 1e3:.3g}us"  # noqa: PLR2004 - as above


def milliseconds(nanoseconds: float) -> str:
    """Write a time in whole milliseconds whatever its size, for columns that are compared.

    Examples
    --------
    >>> milliseconds(54.21e9)
    '54,210ms'
    """
    return f"{nanoseconds / 1e6:,.0f}ms"


def clock_duration(seconds: float) -> str:
    """Write a span in seconds or in minutes and seconds.

    Examples
    --------
    >>> clock_duration(42.4), clock_duration(200)
    ('42 s', '3 min 20 s')
    """
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02} s"  # noqa: PLR2004 - s in a min


def short_rate(per_second: float) -> str:
    """Write a rate with its thousands folded.

    Examples
    --------
    >>> short_rate(3_984_000), short_rate(30_400), short_rate(950)
    ('4.0M', '30.4k', '950')
    """
    for limit, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if per_second >= 0.9995 * limit:  # what would read 1000.0k is 1.0M
            return f"{per_second / limit:.1f}{suffix}"
    return f"{per_second:.0f}"


def short_bytes(count: float) -> str:
    """Write an amount of memory.

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
    """Write a ratio with two digits, or three from ten on.

    Examples
    --------
    >>> short_ratio(2.31), short_ratio(57), short_ratio(0.851)
    ('2.3x', '57.0x', '0.85x')
    """
    if ratio < 0.995:  # noqa: PLR2004 - 0.995 and above reads as 1.0x
        return f"{ratio:.2g}x"
    return f"{ratio:.1f}x" if ratio < 99.5 else f"{ratio:.0f}x"  # noqa: PLR2004 - two or three digits


def iso_utc(moment: datetime, *, timespec: str = "seconds") -> str:
    """Write a moment as ISO 8601 in UTC with Z, to the second or as `datetime.isoformat` is told to.

    Examples
    --------
    >>> iso_utc(parse_iso("2026-11-24T04:20:39+01:00"))
    '2026-11-24T03:20:39Z'
    """
    # strftime would not fill a year before 1000 to the four digits that can be read back.
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=timespec)}Z"


def parse_iso(text: str) -> datetime:
    """Read ISO 8601 with a time zone, any zone.

    Raises
    ------
    ValueError : it is no such moment, or has no zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} is out of range") from error


def parse_since(text: str, now: datetime) -> datetime:
    """Read a moment in the past: an age such as `30d`, `2w` or `12h`, or a date in UTC such as `2026-11-01`.

    Raises
    ------
    ValueError : it is neither, or no moment that there was.

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
