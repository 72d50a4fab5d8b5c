"""The connection to a host, to a real sshd: what it does, and what is said when it cannot."""

import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from seqbench.hosts import link as module
from seqbench.hosts.link import Link
from seqbench.hosts.problem import HostError, LostError
from tests.support.sshd import Host, Network
from tests.support.world import World

pytestmark = pytest.mark.whole
BREAK = "kill -9 $PPID"
"""Ends the connection that runs it."""


class _EnoughError(Exception):
    """Ends what would go on."""


def _enough() -> None:
    raise _EnoughError


def _nothing() -> None:
    """Do nothing."""


@pytest.fixture
def link(near: Host) -> Iterator[Link]:
    made = Link("near")
    made.open()
    yield made
    made.close()


@pytest.fixture
def lost(near: Host, link: Link) -> Link:
    """Return a connection to a host that has gone away."""
    near.stop()
    return link


def test_script_runs_in_the_shell_of_posix_and_its_output_comes_back(link: Link, near: Host) -> None:
    assert link.run('echo "$HOME ü"', doing="look") == f"{near.home} ü\n"


@pytest.mark.parametrize(
    ("said", "fix"),
    [
        ("ensurepip is not available", "ssh near sudo apt install python3-venv"),
        ("No module named venv", "ssh near sudo apt install python3-venv"),
        ("cp: No space left on device", "free disk space on near"),
        ("ERROR: No matching distribution found for msgspec", "let pip on near reach a package index"),
        ("what else", "ssh near, and correct what it says"),
    ],
)
def test_script_that_fails_is_an_error_with_what_it_printed_and_a_fix(link: Link, said: str, fix: str) -> None:
    with pytest.raises(HostError) as caught:
        link.run(f"echo '{said}' >&2; exit 7", doing="try it")
    assert caught.value.message == f"near: cannot try it (exit code 7):\n  {said}"
    assert caught.value.fix.startswith(fix)


def test_connection_that_breaks_during_a_script_is_lost_and_can_be_opened_again(link: Link) -> None:
    with pytest.raises(LostError, match="near: the connection broke"):
        link.run(BREAK, doing="break it")
    link.reopen()
    assert link.run("echo again", doing="try it") == "again\n"


def test_files_go_there_and_come_back(link: Link, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    link.put(f"{folder}/b", b"\0\xff")
    link.put(f"{folder}/a", b"later")
    os.utime(folder / "b", (1, 1))
    assert link.get(f"{folder}/b") == b"\0\xff"
    assert link.names(str(folder)) == ("b", "a")


def test_file_and_folder_that_are_not_there_are_empty(link: Link, tmp_path: Path) -> None:
    assert link.get(str(tmp_path / "x")) == b""
    assert link.names(str(tmp_path / "x")) == ()


def test_file_that_cannot_be_written_or_read_is_named(link: Link, tmp_path: Path) -> None:
    with pytest.raises(HostError, match=f"near: cannot write {tmp_path}/no/file"):
        link.put(f"{tmp_path}/no/file", b"")
    with pytest.raises(HostError, match=f"near: cannot read {tmp_path}"):
        link.get(str(tmp_path))


def test_file_that_is_too_large_is_not_read(link: Link, tmp_path: Path) -> None:
    (tmp_path / "large").touch()
    os.truncate(tmp_path / "large", 600_000_000)
    with pytest.raises(HostError, match="large has 600 MB"):
        link.get(str(tmp_path / "large"))


@pytest.mark.parametrize(
    "use",
    [
        lambda link: link.run("true", doing="try it"),
        lambda link: link.put("/tmp/x", b""),  # noqa: S108 - never written
        lambda link: link.get("/etc/hostname"),
        lambda link: link.names("/etc"),
        lambda link: list(link.lines("true", look=_nothing, silent=_nothing)),
        lambda link: link.require_answer(),
    ],
    ids=["run", "put", "get", "names", "lines", "require_answer"],
)
def test_everything_says_that_the_connection_broke(lost: Link, use: Callable[[Link], object]) -> None:
    with pytest.raises(LostError, match="near: the connection broke") as caught:
        use(lost)
    assert caught.value.fix == "ssh near shows whether it is there"


def test_lines_come_whole_and_end_with_the_script(link: Link) -> None:
    script = "printf 'first\\nsec'; printf 'ond\\nrest'"
    assert list(link.lines(script, look=_nothing, silent=_nothing)) == ["first", "second"]


def test_user_is_looked_after_while_no_line_comes(link: Link) -> None:
    with pytest.raises(_EnoughError):
        list(link.lines("sleep 60", look=_enough, silent=_nothing))


def test_silent_host_is_asked_whether_it_is_there(link: Link, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SILENCE_S", 0.0)
    with pytest.raises(_EnoughError):
        list(link.lines("sleep 60", look=_nothing, silent=_enough))
    link.require_answer()


def test_connection_that_was_never_opened_has_no_answer(near: Host) -> None:
    with pytest.raises(LostError):
        Link("near").require_answer()


def test_host_that_does_not_listen_is_lost_with_its_address(near: Host) -> None:
    near.stop()
    with pytest.raises(LostError, match=f"near: cannot connect to 127.0.0.1:{near.port}") as caught:
        Link("near").open()
    assert caught.value.fix == "ssh near shows why"


def test_configuration_that_cannot_be_read_is_named(near: Host, world: World) -> None:
    (world.home / ".ssh" / "config").write_text("Host near\n  what is this\nMatch nothing\n")
    with pytest.raises(HostError, match="near: its ssh configuration cannot be used") as caught:
        Link("near").open()
    assert caught.value.fix == "correct ~/.ssh/config"


def test_key_with_a_passphrase_needs_an_agent(near: Host, world: World, tmp_path: Path) -> None:
    key = tmp_path / "locked"
    subprocess.run(("ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", str(key)), check=True)
    config = world.home / ".ssh" / "config"
    config.write_text(f"Host near\n  HostName 127.0.0.1\n  Port {near.port}\n  User root\n  IdentityFile {key}\n")
    with pytest.raises(HostError, match="near: the key of the user needs a passphrase") as caught:
        Link("near").open()
    assert caught.value.fix == "ssh-add, then try again"


def test_known_hosts_may_be_another_file(near: Host, world: World, tmp_path: Path) -> None:
    ssh = world.home / ".ssh"
    (ssh / "known_hosts").rename(tmp_path / "others")
    (ssh / "config").write_text(f"{(ssh / 'config').read_text()}  UserKnownHostsFile {tmp_path}/others\n")
    link = Link("near")
    link.open()
    assert link.run("echo there", doing="look") == "there\n"
    link.close()


def test_name_that_is_not_found_on_a_reconnect_is_a_lost_connection(link: Link, world: World) -> None:
    (world.home / ".ssh" / "config").write_text("Host near\n  HostName nowhere.invalid\n")
    with pytest.raises(LostError, match="near: no such host") as caught:
        link.reopen()
    assert caught.value.fix == "ssh near shows why"


def test_name_that_is_not_found_for_the_moment_is_a_lost_connection(
    near: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No resolver can be made to say this in a test, so it is said in its place."""

    def away(*_words: object, **_more: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", away)
    with pytest.raises(LostError, match="near: no such host: Temporary failure"):
        Link("near").open()


def test_dead_connection_fails_after_a_minute(link: Link) -> None:
    transport = link._connection.transport
    assert transport is not None
    assert transport.channel_timeout == 60
    assert isinstance(transport.sock, socket.socket)
    assert transport.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000


@pytest.fixture
def without_sftp(request: pytest.FixtureRequest, near: Host, network_of_module: Network) -> Iterator[Link]:
    """Return a connection to a host with another program for sftp."""
    near.stop()
    near.tool("sftp-server", f"#!/bin/sh\n{request.param}\n")
    near.sftp = f"{near.tools}/sftp-server"
    near.start(network_of_module.key)
    made = Link("near")
    made.open()
    yield made
    made.close()
    near.stop()
    near.sftp = "internal-sftp"


@pytest.mark.parametrize(
    "use",
    [lambda link: link.put("/x", b""), lambda link: link.get("/x"), lambda link: link.names("/x")],
    ids=["put", "get", "names"],
)
@pytest.mark.parametrize("without_sftp", ["exit 1", "echo Welcome; sleep 600"], indirect=True)
def test_sftp_that_does_not_work_is_no_full_disk(without_sftp: Link, use: Callable[[Link], object]) -> None:
    with pytest.raises(HostError, match="near: cannot ") as caught:
        use(without_sftp)
    assert not isinstance(caught.value, LostError)
    assert caught.value.fix.startswith("sftp near shows why: it needs sftp, and a shell that prints nothing")


def test_full_disk_is_named_where_a_file_cannot_be_written(link: Link) -> None:
    with pytest.raises(HostError, match="near: cannot write /dev/full") as caught:
        link.put("/dev/full", b"x")
    assert caught.value.fix == "free disk space on near"


def _known(world: World, *lines: str) -> Path:
    """Put lines before those of the hosts into known_hosts."""
    path = world.home / ".ssh" / "known_hosts"
    path.write_text("".join(f"{line}\n" for line in lines) + path.read_text())
    return path


def test_keys_of_authorities_and_of_unknown_kinds_are_left_out(near: Host, world: World) -> None:
    _known(
        world,
        "# comment",
        "",
        "@cert-authority *.example.org ssh-rsa AAAA",
        "near ssh-new AAAA",
        "near",
        "@other x y z",
    )
    link = Link("near")
    link.open()
    assert link.run("echo there", doing="look") == "there\n"
    link.close()


@pytest.mark.parametrize(
    "line",
    [
        "other ssh-ed25519 AAAAx",
        "other ssh-ed25519 AAAA",
        "other ssh-rsa AAAAB3NzaC1yc2E=",
        "@revoked * ssh-rsa x",
        "|1|x ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
    ],
)
def test_line_of_known_hosts_that_cannot_be_read_is_named(near: Host, world: World, line: str) -> None:
    path = _known(world, "# comment", line)
    with pytest.raises(HostError, match=f"{path}, line 2: the key of .* cannot be read") as caught:
        Link("near")
    assert caught.value.fix == f"remove line 2 of {path}"


def test_known_hosts_that_is_no_text_is_read_as_far_as_it_is(near: Host, world: World) -> None:
    path = world.home / ".ssh" / "known_hosts"
    path.write_bytes(b"# \xff\n" + path.read_bytes())
    link = Link("near")
    link.open()
    link.close()


def test_key_that_is_revoked_is_refused(near: Host, world: World) -> None:
    key = (near.folder / "host_key.pub").read_text().split()
    _known(world, f"@revoked * {key[0]} {key[1]}")
    with pytest.raises(HostError, match="near: the key of the host is not known"):
        Link("near").open()
