"""The connection to a host, by Fabric: only to a host whose key is known."""

import io
import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from fabric import Config, Connection
from paramiko import (
    AuthenticationException,
    BadHostKeyException,
    Channel,
    SFTPError,
    SSHException,
    Transport,
)
from paramiko.ssh_exception import ChannelException, PasswordRequiredException

from seqbench.hosts import scripts
from seqbench.hosts.known_keys import Refuse, UnknownKeyError, load_keys
from seqbench.hosts.problem import HostError, LostError, excerpt, fix_of
from seqbench.text import printable

_CONNECT_S = 15
_KEEPALIVE_S = 15
# Between looks at whether the run is to be stopped, and the silence after which the host is asked whether it is there.
_LOOK_S = 0.1
_SILENCE_S = 60.0
_ANSWER_S = 30.0
# How long a connection may be dead before what waits for it fails.
_DEAD_S = 60
_MOST_BYTES = 500_000_000
_READ_BYTES = 1 << 16
_KNOWN_HOSTS = ("/etc/ssh/ssh_known_hosts", "~/.ssh/known_hosts", "~/.ssh/known_hosts2")
# Paramiko's own messages name hosts, users and addresses, and would go to standard error.
logging.getLogger("paramiko").addHandler(logging.NullHandler())
logging.getLogger("paramiko").propagate = False


class Link:
    """A connection to one host, which can be opened again."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._connection = self._new()
        self._was_open = False

    def _new(self) -> Connection:
        """Return a connection that is not open yet, by the user's ssh configuration.

        Raises
        ------
        HostError
            The configuration cannot be used.
        """
        try:
            connection = Connection(self.name, config=Config(), connect_timeout=_CONNECT_S)
        except (OSError, ValueError, SSHException) as error:
            raise HostError(
                f"{self.name}: its ssh configuration cannot be used: {printable(str(error))}", "correct ~/.ssh/config"
            ) from error
        for each in _chain(connection):
            _know_keys(each)
        return connection

    def open(self) -> None:
        """Connect.

        Raises
        ------
        HostError
            It is unknown, cannot be reached, its key is not the known one, or it refuses the user's keys.
        """
        name = self.name
        address = f"{self._connection.host}:{self._connection.port}"
        try:
            self._connection.open()
        except UnknownKeyError as error:
            raise HostError(
                f"{name}: the key of the host is not known", f"ssh {name}, compare the key that it shows, and accept it"
            ) from error
        except BadHostKeyException as error:
            raise HostError(
                f"{name}: the key of the host has changed: it may be another machine that answers for it",
                f"ask who runs {name}; if the key was changed on purpose: ssh-keygen -R "
                f"{_known_name(self._connection)}, then ssh {name}",
            ) from error
        except PasswordRequiredException as error:
            raise HostError(f"{name}: the key of the user needs a passphrase", "ssh-add, then try again") from error
        except AuthenticationException as error:
            raise HostError(
                f"{name}: refuses the keys of the user",
                f"ssh-copy-id {name}, or name the key in ~/.ssh/config",
            ) from error
        except socket.gaierror as error:
            # Without a network no name is found, and that may pass.
            is_passing = self._was_open or error.errno == socket.EAI_AGAIN
            fix = f"ssh {name} shows why" if is_passing else f"name it in ~/.ssh/config, and try ssh {name}"
            kind = LostError if is_passing else HostError
            raise kind(f"{name}: no such host: {error.strerror}", fix) from error
        except (OSError, EOFError, SSHException) as error:
            what = printable(str(error)) or type(error).__name__
            raise LostError(f"{name}: cannot connect to {address}: {what}", f"ssh {name} shows why") from error
        self._was_open = True
        for each in _chain(self._connection):
            if each.transport is not None:
                _watch(each.transport)

    def reopen(self) -> None:
        """Connect anew.

        Raises
        ------
        HostError
            See `open`.
        """
        self.close()
        self._connection = self._new()
        self.open()

    def close(self) -> None:
        """Close the connection, if there is one."""
        with suppress(OSError, EOFError, SSHException):
            self._connection.close()

    def run(self, script: str, *, doing: str) -> str:
        """Run a script to its end, and return what it printed.

        Parameters
        ----------
        doing
            What it does, for errors.

        Raises
        ------
        HostError
            It failed, or the connection broke.
        """
        try:
            done = self._connection.run(
                scripts.shell(script), hide=True, warn=True, in_stream=False, encoding="utf-8", echo=False
            )
        except _BROKEN as error:
            raise self._lost(error) from error
        if done.exited < 0:
            raise LostError(f"{self.name}: the connection broke", f"ssh {self.name} shows whether it is there")
        if done.exited != 0:
            said = excerpt(done.stderr or done.stdout)
            raise HostError(
                f"{self.name}: cannot {doing} (exit code {done.exited}):\n  {said}", fix_of(said, self.name)
            )
        return str(done.stdout)

    def put(self, path: str, content: bytes) -> None:
        """Write a file.

        Raises
        ------
        HostError
            It cannot be written, or the connection broke.
        """
        try:
            self._connection.put(io.BytesIO(content), remote=path)
        except _BROKEN as error:
            raise self._lost(error, doing=f"write {path}", fix=f"free disk space on {self.name}") from error

    def get(self, path: str) -> bytes:
        """Read a file; empty if there is none.

        Raises
        ------
        HostError
            It is too large, or the connection broke.
        """
        content = io.BytesIO()
        try:
            size = self._connection.sftp().stat(path).st_size or 0
            if size > _MOST_BYTES:
                raise HostError(
                    f"{self.name}: {path} has {size // 1_000_000} MB: expected at most {_MOST_BYTES // 1_000_000} MB",
                    "measure fewer benchmarks at once",
                )
            self._connection.get(path, local=content)
        except FileNotFoundError:
            return b""
        except _BROKEN as error:
            raise self._lost(error, doing=f"read {path}", fix=f"ssh {self.name}, and look at {path}") from error
        return content.getvalue()

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names of the files in a folder, the newest last; none if there is no such folder.

        Raises
        ------
        HostError
            The connection broke.
        """
        try:
            found = self._connection.sftp().listdir_attr(folder)
        except FileNotFoundError:
            return ()
        except _BROKEN as error:
            raise self._lost(error, doing=f"read {folder}", fix=f"ssh {self.name}, and look at {folder}") from error
        return tuple(each.filename for each in sorted(found, key=lambda each: each.st_mtime or 0))

    def lines(self, script: str, *, look: Callable[[], None], silent: Callable[[], None]) -> Iterator[str]:
        """Run a script, and yield its lines as they come; a connection that was closed is an end of it too.

        Parameters
        ----------
        look
            Called a few times a second.
        silent
            Called where nothing came for a minute.

        Raises
        ------
        HostError
            The connection broke.
        """
        try:
            channel = self._connection.create_session()
        except _BROKEN as error:
            raise self._lost(error) from error
        try:
            channel.settimeout(_LOOK_S)
            channel.exec_command(scripts.shell(script))
            rest, heard_s = b"", time.monotonic()
            while True:
                look()
                fresh = _received(channel)
                if fresh is None:
                    if time.monotonic() - heard_s > _SILENCE_S:
                        silent()
                        heard_s = time.monotonic()
                    continue
                if not fresh:
                    return
                heard_s = time.monotonic()
                *whole, rest = (rest + fresh).split(b"\n")
                for line in whole:
                    yield line.decode(errors="replace")
        except _BROKEN as error:
            raise self._lost(error) from error
        finally:
            with suppress(*_BROKEN):
                channel.close()

    def require_answer(self) -> None:
        """Raise a LostError if the host does not answer; nothing is started there."""
        transport = self._connection.transport
        try:
            if transport is None:
                raise EOFError
            transport.open_session(timeout=_ANSWER_S).close()
        except _BROKEN as error:
            raise self._lost(error) from error

    def _answers(self) -> bool:
        """Return whether the host answers: Paramiko ends the channels of a broken connection before it says so."""
        try:
            self.require_answer()
        except HostError:
            return False
        return True

    def _lost(self, error: BaseException, doing: str = "", fix: str = "") -> HostError:
        what = printable(str(error)) or type(error).__name__
        if doing and self._answers():
            if not isinstance(error, OSError):
                fix = f"sftp {self.name} shows why: it needs sftp, and a shell that prints nothing at a login"
            return HostError(f"{self.name}: cannot {doing}: {what}", fix)
        return LostError(f"{self.name}: the connection broke: {what}", f"ssh {self.name} shows whether it is there")


_BROKEN = (OSError, EOFError, SSHException, ChannelException, SFTPError)


def _received(channel: Channel) -> bytes | None:
    """Return what came, nothing at the end; None if nothing came in a moment."""
    try:
        return channel.recv(_READ_BYTES)
    except TimeoutError:
        return None


def _chain(connection: Connection) -> Iterator[Connection]:
    """Yield a connection and those to the hosts in between (ProxyJump), which are connections of their own."""
    each: object = connection
    while isinstance(each, Connection):
        yield each
        each = each.gateway


def _know_keys(connection: Connection) -> None:
    """Let a connection know the keys in the user's and the system's files, and accept no other one."""
    client = connection.client
    client.set_missing_host_key_policy(Refuse())
    named = [str(connection.ssh_config.get(key, "")) for key in ("userknownhostsfile", "globalknownhostsfile")]
    load_keys(client, [file for text in named for file in text.split()] or _KNOWN_HOSTS)


def _watch(transport: Transport) -> None:
    """Let whatever waits for a dead connection fail."""
    transport.set_keepalive(_KEEPALIVE_S)
    transport.channel_timeout = _DEAD_S
    if isinstance(transport.sock, socket.socket) and hasattr(socket, "TCP_USER_TIMEOUT"):
        with suppress(OSError):
            transport.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAD_S * 1000)


def _known_name(connection: Connection) -> str:
    """Return the name of a host in known_hosts."""
    usual = 22
    return str(connection.host) if connection.port == usual else f"'[{connection.host}]:{connection.port}'"
