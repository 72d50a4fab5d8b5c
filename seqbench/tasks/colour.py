"""Colour bands, verdicts and the kinds of messages on a terminal. Every word says the same without its colour."""

import re
from collections.abc import Mapping
from typing import TextIO

_GREEN, _CYAN, _YELLOW, _RED = 32, 36, 33, 31
_COLOURS = {
    **dict.fromkeys(("Excellent", "faster", "pass", "ok", "✓"), _GREEN),
    **dict.fromkeys(("Good", "same"), _CYAN),
    **dict.fromkeys(("inconclusive", "unfit", "warning", "skipped", "no verdict", "?"), _YELLOW),
    **dict.fromkeys(("Investigate", "slower", "fail", "failed", "missing", "not comparable", "error", "✗"), _RED),
}
_WORD = re.compile("|".join(sorted(map(re.escape, _COLOURS), key=len, reverse=True)))
_BAND = "(?:Excellent|Good|Investigate)"
_VERDICT = "(?:faster|slower|same|inconclusive)"
_CHANGE = r"[+-][\d.]+ % \[[+-][\d.]+, [+-][\d.]+\]"
# A cell of a table begins after two spaces, or after a ratio with or without an interval, and ends likewise.
_PLACES = re.compile(
    rf"(?:(?<=\] )|(?<=\dx )|(?<=  ))(?:or )?{_BAND}(?: or {_BAND})*(?=\??(?:  |$))"
    rf"|(?:(?<=\] )|(?<=  )){_VERDICT}(?=  | \d|$)"
    r"|(?<=  )(?:not comparable|no verdict)(?=  |$)"
    r"|(?<=  )(?:failed|skipped|not comparable|no verdict)(?=: )"
    r"|(?<=: )(?:not comparable|no verdict)(?=: )"
    r"|(?<=^gate: )(?:pass|fail|inconclusive|unfit)$"
    r"|(?<= is the first version that is )(?:faster|slower)"
    r"|(?<=: )(?:faster|slower)(?= after )"
    r"|(?<=  )(?:faster|slower)(?= by \d)"
    rf"|(?<=: ){_VERDICT}(?= by [a-z-]+, |, )"
    rf"|(?:(?<=  )|(?<=^step: )){_CHANGE}(?=  |$| from )",
    re.MULTILINE,
)
# The message of a host follows its name.
_KIND = re.compile(r"(?P<host>(?:\S+: )?)(?P<kind>error|warning)(?=: )")


def is_wanted(stream: TextIO | None, environment: Mapping[str, str]) -> bool:
    """Return whether a stream gets colours.

    `NO_COLOR` turns them off (https://no-color.org), then `FORCE_COLOR` and `CLICOLOR_FORCE` turn them on, also where
    there is no terminal. On a terminal they are on, unless that is `dumb` or `CLICOLOR` is 0 (https://bixense.com/clicolors).
    """
    if environment.get("NO_COLOR"):
        return False
    if forced := environment.get("FORCE_COLOR") or environment.get("CLICOLOR_FORCE"):
        return forced != "0"
    if stream is None or not stream.isatty():
        return False
    return environment.get("TERM") != "dumb" and environment.get("CLICOLOR") != "0"


def coloured(text: str) -> str:
    r"""Return the text of a report with the bands, verdicts and steps in its tables coloured.

    Examples
    --------
    >>> coloured("Skynet  46.5s  698ms  66.4x [49.1, 75.5] Investigate")
    'Skynet  46.5s  698ms  66.4x [49.1, 75.5] \x1b[31mInvestigate\x1b[0m'
    >>> coloured("Excellent up to 2x, Good 2-5x, Investigate above 5x.")
    'Excellent up to 2x, Good 2-5x, Investigate above 5x.'
    """
    return _PLACES.sub(lambda found: _painted(found[0]), text)


def coloured_message(text: str) -> str:
    r"""Return a message with `error` or `warning` at its start coloured.

    Examples
    --------
    >>> coloured_message("error: no benchmark named 'pingpnog'")
    "\x1b[31merror\x1b[0m: no benchmark named 'pingpnog'"
    """
    found = _KIND.match(text)
    return found["host"] + coloured_word(found["kind"]) + text[found.end() :] if found else text


def coloured_word(word: str) -> str:
    """Return a verdict, a mark of `ci` or the kind of a message, which stands by itself, in its colour."""
    return _WORD.sub(lambda found: _in(_COLOURS[found[0]], found[0]), word)


def _painted(text: str) -> str:
    if text[0] in "+-":
        return _in(_RED if text[0] == "+" else _GREEN, text)
    return coloured_word(text)


def _in(colour: int, text: str) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m"
