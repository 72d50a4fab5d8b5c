"""Define the errors of hosts, and show what a host printed. Pure."""

from seqbench.errors import ExitCode, SeqbenchError
from seqbench.text import printable

MAY_CONTINUE = "what runs on hosts may continue"
"""Of an interrupt that did not wait for the end of all runs."""
_LONGEST = 4000


class HostError(SeqbenchError):
    """A host cannot be used: it is unknown or unreachable, lacks something, or went away."""

    exit_code = ExitCode.TOOLCHAIN


class LostError(HostError):
    """The connection to a host broke; the run on the host continues."""


def excerpt(text: str) -> str:
    """Return the end of what a host printed, printable and indented as the lines of an error."""
    return printable(text.strip()[-_LONGEST:]).replace("\n", "\n  ")


def fix_of(said: str, name: str) -> str:
    """Return the fix for the output of a script that failed."""
    if "ensurepip" in said or "No module named venv" in said:
        return f"ssh {name} sudo apt install python3-venv"
    if "No space left" in said:
        return f"free disk space on {name}"
    if "No matching distribution" in said or "Could not find a version" in said:
        return f"let pip on {name} reach a package index (pip config), or install the libraries there"
    return f"ssh {name}, and correct what it says"
