from dataclasses import replace

import pytest

from seqbench.compare.layouts import measure_layouts, spreads_of, unmeasured
from seqbench.events import ignore
from tests.support.compared import CALM, FAILED, session_of
from tests.support.layouts import link_in_layouts
from tests.support.strategies import measured
from tests.support.world import World


def test_layouts_run_in_common_rounds_at_the_sizes_of_the_calibration(world: World) -> None:
    link_in_layouts(world)
    world.add_right("alpha")
    session = world.bench(only="alpha", runtimes="seq")
    request = replace(world.request(runs="9"), runtimes=("seq",))
    found = measure_layouts(request, request.spec, session, listen=ignore, save=lambda _sessions: None)

    assert len(found) == 5
    assert "layout 4 of 5" in found[3].toolchain[1].provenance
    (spread,) = spreads_of(found, "seq")
    assert spread.rounds == 9
    assert spread.spread == pytest.approx(0.05)
    assert unmeasured(found, [spread]) == ""


def test_layout_that_fails_leaves_no_spread_and_is_named() -> None:
    sessions = (session_of(measured(*CALM)), session_of(FAILED))

    assert spreads_of(sessions, "seq") == ()
    assert "no spread of code layouts for" in unmeasured(sessions, ())
    assert spreads_of((), "seq") == ()
