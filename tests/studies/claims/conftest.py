import pytest

from seqbench.experiments.sweep.ranges import Over
from studies.claims import run
from tests.support.claim_cases import WORK
from tests.support.traced import a_strace
from tests.support.world import MANIFEST, World, says, script


@pytest.fixture
def small(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world in which everything is measured in a second: one benchmark, and one sweep of three points."""
    monkeypatch.setattr(run, "SWEEPS", (("alpha", Over(name="messages", low=10, high=30)),))
    monkeypatch.setattr(run, "_EVERY", ("seq", "go"))
    # Six settings in place of thirty-six.
    monkeypatch.setattr("seqbench.experiments.tune.settings._LEVELS", {"SEQ_POOL_CAPACITY": ("10000", "1000")})
    a_strace(world)
    probe = world.project / "probes" / "unread"
    probe.mkdir(parents=True)
    (probe / "unread.seq").write_text(says(1_000))
    world.add("alpha", seq=script('echo run >>"$HOME/runs"', WORK), go=script(WORK), toml=MANIFEST.format(name="alpha"))
    return world
