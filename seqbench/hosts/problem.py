"""Define the error of a host, and make text from a host safe to show. Pure."""

from seqbench.errors import ExitCode, SeqbenchError

_KEPT = "\n\t"
_LONGEST = 4000


class HostError(SeqbenchError):
    """A host cannot be used: it is unknown or unreachable, lacks something, or went away."""

    exit_code = ExitCode.TOOLCHAIN


class LostError(HostError):
    """The connection to a host broke; what runs there goes on."""


def printable(text: str) -> str:
    r"""Escape the characters of a text that would change how a terminal or a page shows the text around them.

    Examples
    --------
    >>> printable("skynet\x1b[2J")
    'skynet\\x1b[2J'
    """
    return "".join(c if c.isprintable() or c in _KEPT else c.encode("unicode_escape").decode() for c in text)


def excerpt(text: str) -> str:
    """Return the end of what a host printed, printable and indented as the lines of an error."""
    return printable(text.strip()[-_LONGEST:]).replace("\n", "\n  ")
