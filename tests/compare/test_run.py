import pytest

from seqbench.bench.plan import Pilot
from seqbench.bench.prepare import prepared_to_compare
from seqbench.compare import run
from seqbench.compare.calibration import Calibration, Characteristics
from seqbench.compare.document import ComparisonRequest
from seqbench.errors import UsageError
from seqbench.events import ignore
from seqbench.sessions.session import Measured, Session, State
from seqbench.system.machine import this_machine
from tests.support.strategies import NOON
from tests.support.world import MANIFEST, World, says


def _characteristics(name: str, smallest: float, messages: int) -> Characteristics:
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


@pytest.mark.parametrize(("messages", "is_used"), [(100, True), (1_000, False)])
def test_calibration_shares_the_budget_out_where_it_was_of_the_same_sizes(
    world: World, messages: int, *, is_used: bool
) -> None:
    for name in ("alpha", "beta"):
        world.add(name, seq=says("$1"), toml=MANIFEST.format(name=name))
    known = Calibration(
        machine=this_machine().identity,
        measured_at=NOON,
        benchmarks=(_characteristics("alpha", 0.2, messages), _characteristics("beta", 0.02, messages)),
    )
    request = world.request(budget="10s")
    # Both cost the same, and neither has any noise that its pilot could see.
    pilots = [Pilot(cost_ns=5e6, parameters=(("messages", 100),)) for _ in range(2)]
    with prepared_to_compare(request, {"base": request.spec, "head": request.spec}, ignore) as ready:
        alpha, beta = run._Planner(prepared=ready, probe=False, calibration=known)(pilots, 10e9)

    assert (alpha.rounds > 3 * beta.rounds) is is_used
    assert (alpha.rounds == beta.rounds) is not is_used


@pytest.mark.parametrize(
    ("runs", "said"), [(8, "cannot be judged from fewer than 9 rounds"), (10_001, "from at most 10000 rounds")]
)
def test_number_of_rounds_from_which_nothing_can_be_judged_is_refused_before_anything_is_built(
    world: World, runs: int, said: str
) -> None:
    world.add_right("alpha", "beta")
    request = world.request(runs=str(runs))
    wanted = ComparisonRequest(base=request.spec, head=request.spec, margin=0.02)
    with pytest.raises(UsageError, match=said):
        run.compare_compilers(request, wanted, listen=ignore, save=lambda _sessions: None)

    assert world.calls() == []


def test_both_sides_have_samples_of_every_round(world: World) -> None:
    world.add_right("alpha")
    request = world.request(runs="8")
    wanted = ComparisonRequest(base=request.spec, head=request.spec, margin=0.02)
    saved: list[tuple[Session, ...]] = []
    sessions = run.compare_compilers(request, wanted, listen=ignore, save=saved.append)

    for session in sessions:
        outcome = session.results[0].programs[0].outcome
        assert isinstance(outcome, Measured)
        assert [sample.round_number for sample in outcome.samples] == list(range(1, 9))
    assert {session.state for session in sessions} == {State.COMPLETE}
    assert saved[-1] == sessions
