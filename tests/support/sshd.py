"""Hosts on this machine: each a real sshd in mount and UTS namespaces with an ID, a name and a home of its own.

To seqbench they are different machines. Their compilers are the scripts of `tests/support/fakes`, and their Python
makes environments that have the libraries of this one, because no index is reached.
"""

import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from seqbench.hosts import scripts
from seqbench.hosts.bundle import code_bundle, toolchain_extra
from seqbench.hosts.probe import Facts, Python
from seqbench.hosts.scripts import Places
from tests.support.world import SYSTEM_PATH, TOOLS, World, until

NAMES = ("north", "south", "west")
_SSHD = "/usr/sbin/sshd"
_CLIENT_KEY = "key"
_OFFLINE = {
    "PIP_NO_INDEX": "1",
    "PIP_NO_DEPS": "1",
    "PIP_CONFIG_FILE": os.devnull,
    "PYTHONDONTWRITEBYTECODE": "1",
}
_PYTHON = """\
#!/bin/sh
{python} "$@" || exit
case "$*" in
*"-m venv"*)
    for last; do :; done
    for packages in "$last"/lib/python*/site-packages; do
        printf '%s\\n' '{purelib}' '{platlib}' >"$packages/dependencies.pth"
    done
    ;;
esac
"""

# A compiler whose programs take another time.
_SLOW_SEQC = """\
#!/bin/sh
case $1 in
build)
    "${0%/*}/seqc" "$@" || exit
    shift
    while [ $# -gt 0 ]; do
        case $1 in
        -o) sed -i 's/OLD/NEW/' "$2"; shift 2 ;;
        *) shift ;;
        esac
    done
    ;;
*) exec "${0%/*}/seqc" "$@" ;;
esac
"""


class Host:
    """One host, with the folder that is all it has."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self.home = folder / "home"
        self.tools = folder / "tools"
        self.cache = self.home / ".cache" / "seqbench"
        self.port = _free_port()
        self.id_file = folder / "machine-id"
        self.environment: dict[str, str] = {}
        self.sftp = "internal-sftp"
        """What sshd starts for sftp."""
        self.mounts: list[str] = []
        """More commands that its namespaces are set up with."""
        self._running: subprocess.Popen[bytes] | None = None
        for each in (self.home, self.tools, folder / "tmp"):
            each.mkdir(parents=True)
        self.id_file.write_text(f"{name.encode().hex():0<32}\n")
        for tool in TOOLS:
            shutil.copyfile(Path(__file__).parent / "fakes" / tool, self.tools / tool)
            (self.tools / tool).chmod(0o755)
        paths = sysconfig.get_paths()
        self.tool("python3", _PYTHON.format(python=sys.executable, purelib=paths["purelib"], platlib=paths["platlib"]))
        _keygen(folder / "host_key")

    def tool(self, name: str, text: str) -> None:
        """Put a script first on its PATH."""
        path = self.tools / name
        path.write_text(text)
        path.chmod(0o755)

    def add_compilers(self, old: str, new: str) -> None:
        """Put `seqc` into its home, and `slow-seqc`, whose programs have another number in place of one."""
        shutil.copy(self.tools / "seqc", self.home / "seqc")
        (self.home / "slow-seqc").write_text(_SLOW_SEQC.replace("OLD", old).replace("NEW", new))
        (self.home / "slow-seqc").chmod(0o755)

    def seed(self, environment: Path) -> None:
        """Put an environment of `make_environment` into its cache, as if an earlier run had made it."""
        for code in environment.glob("code-*"):
            shutil.copytree(code, self.cache / "hosts" / code.name, symlinks=True)

    def start(self, client_key: Path) -> None:
        """Start its sshd, and wait until it listens."""
        environment = {
            "HOME": str(self.home),
            "PATH": f"{self.tools}:{SYSTEM_PATH}",
            "SEQC": str(self.tools / "seqc"),
            "GO": str(self.tools / "go"),
            "CLANG": str(self.tools / "clang"),
            **_OFFLINE,
            **self.environment,
        }
        config = self.folder / "sshd_config"
        config.write_text(
            "\n".join(
                (
                    f"Port {self.port}",
                    "ListenAddress 127.0.0.1",
                    f"HostKey {self.folder}/host_key",
                    "PidFile none",
                    f"AuthorizedKeysFile {client_key}.pub",
                    "StrictModes no",
                    "UsePAM no",
                    "PasswordAuthentication no",
                    "KbdInteractiveAuthentication no",
                    "PermitRootLogin yes",
                    f"Subsystem sftp {self.sftp}",
                    "SetEnv " + " ".join(f'"{key}={value}"' for key, value in environment.items()),
                    "",
                )
            )
        )
        setup = " && ".join(
            (
                f"hostname {self.name}",
                f"mount --bind {self.id_file} /etc/machine-id",
                "mount -t tmpfs tmpfs /run",
                "mkdir /run/sshd",
                *self.mounts,
                f"exec {_SSHD} -D -e -f {config}",
            )
        )
        with (self.folder / "log").open("ab") as log:
            self._running = subprocess.Popen(
                ("unshare", "--mount", "--uts", "sh", "-c", setup), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        until(lambda: self._running is None or self._running.poll() is not None or self._listens(), "sshd listens")
        if self._running.poll() is not None:
            pytest.skip(f"sshd cannot run in namespaces here: {(self.folder / 'log').read_text()[-300:]}")

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        """End its sshd and all connections; the run on it continues."""
        if self._running is not None:
            self.break_connections()
            self._running.kill()
            self._running.wait()
            self._running = None

    @property
    def is_running(self) -> bool:
        """Return whether its sshd runs."""
        return self._running is not None

    def break_connections(self) -> int:
        """Kill the processes of all connections; return how many there were."""
        assert self._running is not None
        sessions = _descendants(self._running.pid)
        for pid in sessions:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        return len(sessions)

    def processes(self) -> list[str]:
        """Return the command lines of all processes with its home in their environment."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if f"HOME={self.home}\0".encode() in (folder / "environ").read_bytes() + b"\0":
                    found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue
        return found

    @property
    def runs(self) -> list[Path]:
        """Return the folders of the runs on it."""
        return sorted((self.cache / "hosts").glob("run-*"))


class Network:
    """Some hosts, and the ssh configuration of a user who knows them."""

    def __init__(self, folder: Path, names: tuple[str, ...] = NAMES) -> None:
        self.folder = folder
        self.hosts = {name: Host(name, folder / name) for name in names}
        self.key = folder / _CLIENT_KEY
        _keygen(self.key)
        _keygen(folder / "other_key")

    def start(self) -> None:
        """Start all hosts."""
        for host in self.hosts.values():
            host.start(self.key)

    def stop(self) -> None:
        """Stop all hosts, and end what runs there."""
        for host in self.hosts.values():
            host.stop()

    def known_hosts(self, **keys: Path) -> str:
        """Return the text of a known_hosts; `keys` are other keys for some of the hosts."""
        lines = []
        for name, host in self.hosts.items():
            key = keys.get(name, host.folder / "host_key")
            lines.append(f"[127.0.0.1]:{host.port} {' '.join(Path(f'{key}.pub').read_text().split()[:2])}")
        return "\n".join((*lines, ""))

    def introduce(self, world: World, *, aliases: Mapping[str, str] | None = None) -> Path:
        """Give the user of a world an ssh configuration with all hosts; return its folder. `aliases` are more names."""
        ssh = world.home / ".ssh"
        ssh.mkdir(mode=0o700, exist_ok=True)
        names = {**{name: name for name in self.hosts}, **(aliases or {})}
        (ssh / "config").write_text(
            "".join(
                f"Host {alias}\n  HostName 127.0.0.1\n  Port {self.hosts[name].port}\n  User root\n"
                f"  IdentityFile {self.key}\n"
                for alias, name in names.items()
            )
        )
        (ssh / "known_hosts").write_text(self.known_hosts())
        return ssh


@contextmanager
def network(folder: Path, names: tuple[str, ...] = NAMES) -> Iterator[Network]:
    """Make hosts, or skip the test with the reason why there are none here."""
    require_sshd()
    made = Network(folder, names)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def make_environment(folder: Path) -> None:
    """Install seqbench into an environment in this folder, as on a host of this machine; that takes seconds."""
    host = Host("maker", folder / "maker")
    code = code_bundle()
    version = sys.version_info[:3]
    facts = Facts(
        system="",
        architecture=platform.machine(),
        identity="",
        cache="",
        free_kb=None,
        has_compiler=True,
        clock_ahead_s=0,
        pythons=(Python(path=str(host.tools / "python3"), version=version),),
    )
    name = scripts.code_name(code.digest, toolchain_extra(), facts)
    (folder / "wheel").mkdir()
    (folder / "wheel" / code.name).write_bytes(code.content)
    to = Places(folder=str(folder), code=f"{folder}/{name}", suite="", run="")
    script = scripts.install(facts, to, f"{folder}/wheel/{code.name}", "")
    environment = {"PATH": SYSTEM_PATH, "HOME": str(host.home), **_OFFLINE}
    subprocess.run(("sh", "-c", script), env=environment, check=True, capture_output=True)


def require_sshd() -> None:
    """Skip the test where hosts cannot be had."""
    if not Path(_SSHD).exists():
        pytest.skip("there is no sshd; fix: apt-get install openssh-server")
    tried = subprocess.run(
        ("unshare", "--mount", "--uts", "sh", "-c", "hostname there && mount -t tmpfs tmpfs /run"),
        capture_output=True,
        text=True,
        check=False,
    )
    if tried.returncode != 0:
        pytest.skip(f"there are no namespaces here: {tried.stderr.strip()}")


def _keygen(path: Path) -> None:
    subprocess.run(("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)), check=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _descendants(pid: int) -> list[int]:
    """Return the processes below one that are in its session's tree; a run on a host has left it."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue
        children.setdefault(int(text.rpartition(")")[2].split()[1]), []).append(int(stat.parent.name))
    found, queue = [], [pid]
    while queue:
        for child in children.get(queue.pop(), []):
            found.append(child)
            queue.append(child)
    return found
