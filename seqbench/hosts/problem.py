"""Define the errors of hosts, and show what a host printed. Pure."""

from seqbench.errors import ExitCode, SeqbenchError
from seqbench.text import printable

_LONGEST = 4000


class HostError(SeqbenchError):
    """A host cannot be used: it is unknown or unreachable, lacks something, or went away."""

    exit_code = ExitCode.TOOLCHAIN


class LostError(HostError):
    """The connection to a host broke; the run on the host continues."""


def excerpt(text: str) -> str:
    """Return the end of what a host printed, printable and indented as the lines of an error."""
    return printable(text.strip()[-_LONGEST:]).replace("\n", "\n  ")
