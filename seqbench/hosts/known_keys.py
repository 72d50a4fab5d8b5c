"""Know the keys of hosts in known_hosts files, and refuse every other one.

Paramiko's own reader ends at the first line that is not of its kind.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from paramiko import PKey, SSHClient, SSHException
from paramiko.client import MissingHostKeyPolicy
from paramiko.hostkeys import HostKeyEntry, HostKeys, InvalidHostKey

from seqbench.hosts.problem import HostError
from seqbench.text import printable

_REVOKED = "@revoked"
_MARK = "@"
_HASHED = "|1|"


class UnknownKeyError(SSHException):
    """The key of a host is not known."""


class Refuse(MissingHostKeyPolicy):
    """Accepts no host whose key is not known; Fabric itself would accept every one."""

    def missing_host_key(self, client: SSHClient, hostname: str, key: PKey) -> NoReturn:  # noqa: ARG002
        """Refuse the key of a host."""
        raise UnknownKeyError(hostname)


def load_keys(client: SSHClient, files: Iterable[str]) -> None:
    """Let a client know the keys in some files, but those that one of them revokes; a missing file has none.

    Keys of authorities (`@cert-authority`) are left out: Paramiko checks no certificates of hosts.

    Raises
    ------
    HostError
        A file or a line cannot be read.
    """
    known = client.get_host_keys()
    found: list[HostKeyEntry] = []
    revoked: set[bytes] = set()
    for path in (Path(file).expanduser() for file in files):
        for number, line in enumerate(_lines(path), start=1):
            words = line.split()
            is_revoked = words[:1] == [_REVOKED]
            entry = _entry(words[is_revoked:], path, number)
            if is_revoked and entry:
                revoked.add(entry.key.asbytes())
            elif entry:
                found.append(entry)
    for entry in found:
        kind = entry.key.get_name()
        for name in entry.hostnames:
            # The first key of a kind counts.
            if entry.key.asbytes() not in revoked and kind not in (known.lookup(name) or {}):
                known.add(name, kind, entry.key)


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        return []
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise HostError(f"{path}: cannot be read: {error.strerror}", f"correct the permissions of {path}") from error


def _entry(words: list[str], path: Path, number: int) -> HostKeyEntry | None:
    """Return the key of a line; None if it has none, or one of a kind that Paramiko does not know."""
    if not words or words[0].startswith(("#", _MARK)):
        return None
    try:
        entry = HostKeyEntry.from_line(" ".join(words), number)
        for name in entry.hostnames if entry else ():
            if name.startswith(_HASHED):
                # As a later search does.
                HostKeys.hash_host("", name)
    except (InvalidHostKey, SSHException, ValueError, IndexError, AssertionError) as error:
        what = printable(" ".join(words[:2]))
        raise HostError(
            f"{path}, line {number}: the key of {what} cannot be read", f"remove line {number} of {path}"
        ) from error
    return entry
