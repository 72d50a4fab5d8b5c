"""A real sshd on this machine for the tests of the connection."""

from collections.abc import Iterator

import pytest

from tests.support.sshd import Host, Network, network
from tests.support.world import World


@pytest.fixture(scope="module")
def network_of_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with network(tmp_path_factory.mktemp("network"), ("near",)) as made:
        yield made


@pytest.fixture
def near(network_of_module: Network, world: World, monkeypatch: pytest.MonkeyPatch) -> Host:
    """Return a host that runs, known to the user whose home is that of the world."""
    host = network_of_module.hosts["near"]
    if not host.is_running:
        host.start(network_of_module.key)
    network_of_module.introduce(world)
    monkeypatch.setenv("HOME", str(world.home))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return host
