"""Read the names of `--hosts`, and find hosts that are one machine. Pure."""

import re
from collections.abc import Mapping

from seqbench.errors import UsageError

# As in a ssh configuration or on a command line of ssh; nothing that a shell, a terminal or a file name could read.
_NAME = re.compile(r"(?:[A-Za-z0-9_.-]+@)?[A-Za-z0-9][A-Za-z0-9_.-]*(?::[0-9]{1,5})?")
_FILE = re.compile(r"[^A-Za-z0-9_.-]")


def parse_hosts(text: str) -> tuple[str, ...]:
    """Return the names of `--hosts a,b`, which are those of the user's ssh configuration.

    Raises
    ------
    UsageError
        There is no name, one is not a name of a host, or one is given twice.

    Examples
    --------
    >>> parse_hosts("laptop, me@server:2222")
    ('laptop', 'me@server:2222')
    """
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise UsageError(f"--hosts {text!r} contains no name", "use --hosts a,b with names of your ssh configuration")
    for name in names:
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"--hosts: {name!r} is not the name of a host: expected HOST, USER@HOST or USER@HOST:PORT",
                "give it a name in ~/.ssh/config, and use that",
            )
        if names.count(name) > 1:
            raise UsageError(f"--hosts: {name} is given twice: it would count twice", f"remove one {name}")
    return names


def same_machine(identities: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the first two names with the same identity; None if every host is a machine of its own.

    Examples
    --------
    >>> same_machine({"a": "1", "b": "2", "c": "1"})
    ('a', 'c')
    """
    seen: dict[str, str] = {}
    for name, identity in identities.items():
        if identity in seen:
            return seen[identity], name
        seen[identity] = name
    return None


def file_stem(name: str) -> str:
    """Return a name for a file of this host."""
    return _FILE.sub("-", name)
