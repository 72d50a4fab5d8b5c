from dataclasses import replace

import pytest

from seqbench.compare.calibration import Calibration, Characteristics
from seqbench.compare.document import Versus
from seqbench.compare.run import versus
from seqbench.system.machine import this_machine
from tests.support.strategies import NOON
from tests.support.world import MANIFEST, World, says


@pytest.mark.parametrize(("messages", "is_used"), [(100, True), (1_000, False)])
def test_a_calibration_shares_the_budget_out_where_it_was_of_the_same_sizes(
    world: World, messages: int, *, is_used: bool
) -> None:
    def characteristics(name: str, smallest: float) -> Characteristics:
        return Characteristics(
            name=name,
            rounds=100,
            false_slower=0.0,
            false_faster=0.0,
            power=(),
            smallest=smallest,
            spread=smallest,
            family=2,
            parameters=(("messages", messages),),
        )

    for name in ("alpha", "beta"):
        world.add(name, seq=says("$1"), toml=MANIFEST.format(name=name))
    known = Calibration(
        machine=this_machine().identity,
        measured_at=NOON,
        benchmarks=(characteristics("alpha", 0.2), characteristics("beta", 0.02)),
    )
    given = replace(world.request(budget="2s", size="100"), runs=None)
    wanted = Versus(base=given.spec, head=given.spec, margin=0.02)
    base, _ = versus(given, wanted, listen=world.events.append, save=lambda _sessions: None, calibration=known)

    alpha, beta = (result.rounds for result in base.results)
    # The calibration makes it sixteenfold. Without it they have the same noise, none, and cost about the same.
    assert (alpha > 8 * beta) is is_used
