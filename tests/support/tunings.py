"""Tunings for the tests: laws draw whole documents, examples start from a plain one with planted times."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from seqbench.experiments.tune.document import TuneDocument, TuneStage
from seqbench.experiments.tune.settings import LOOP_OPT, POOL, Factor, Grid, LeftOut, Variant
from seqbench.sessions.session import Failed, Outcome, Session, Stage
from tests.support.strategies import (
    a_program,
    a_result,
    a_session,
    amounts,
    any_text,
    counts,
    measured,
    names,
    sessions,
    several,
)

# Two levels of each of two settings: small enough to write down, and one of them needs a build.
SMALL_GRID = Grid(
    factors=(Factor(name=POOL, levels=("10000", "1000")), Factor(name=LOOP_OPT, levels=("off", "on"))),
)


def a_stage(
    variants: tuple[Variant, ...],
    elapsed_ms: Callable[[Variant, str, int], float],
    *,
    benchmarks: tuple[str, ...] = ("pingpong",),
    rounds: int = 6,
    failing: Mapping[tuple[Variant, str], str] | None = None,
) -> TuneStage:
    """Build a stage in which every variant takes so long in each benchmark and round, or failed for this reason."""

    def outcome(variant: Variant, name: str) -> Outcome:
        if reason := (failing or {}).get((variant, name)):
            return Failed(stage=Stage.RUN, reason=reason, detail="stderr ends with:\nno more stacks")
        return measured(*(elapsed_ms(variant, name, number) for number in range(1, rounds + 1)))

    return TuneStage(
        variants=variants,
        sessions=tuple(
            a_session(
                *(
                    replace(a_result(a_program(outcome(variant, name)), name=name, title=name.title()), rounds=rounds)
                    for name in benchmarks
                ),
                runtimes=("seq",),
            )
            for variant in variants
        ),
    )


def a_tuning(screening: TuneStage | None = None, /, **changes: Any) -> TuneDocument:  # noqa: ANN401 - any field of it
    """Build a tuning of the small grid that came to its screening, and to no more."""
    document = TuneDocument(
        seed=7,
        spec="7.7.5",
        only=(),
        size="reduced",
        margin=0.02,
        budget_s=900.0,
        grid=SMALL_GRID,
        left_out=(),
        pilot=None,
        is_whole=True,
        whole_needs_s=600.0,
        screening=screening,
        chosen=None,
        confirmation=(),
        wall_ns=20_000_000_000,
    )
    return replace(document, **changes)


def confirmation(*, rounds: int = 12, failed: str = "", **ratios: float) -> tuple[Session, ...]:
    """Build the sessions of a default that takes 100 ms and of a head with these ratios to it, or failed in one."""
    default, _, pool, _ = SMALL_GRID.whole()
    failing = {(pool, failed): "killed by SIGABRT"}
    stage = a_stage(
        (default, pool),
        lambda variant, name, number: (100 + number / 10) * (ratios[name] if variant == pool else 1),
        benchmarks=tuple(ratios),
        rounds=rounds,
        failing=failing,
    )
    base, head = stage.sessions
    return base, replace(head, settings=(("SEQpool_CAPACITY", "1000"),))


_variants = several(any_text)
_stages = st.builds(TuneStage, variants=several(_variants, most=2), sessions=several(sessions, most=2))
tunings = st.builds(
    TuneDocument,
    seed=counts,
    spec=any_text,
    only=several(names),
    size=any_text,
    margin=amounts,
    budget_s=amounts,
    grid=st.builds(Grid, factors=several(st.builds(Factor, name=any_text, levels=several(any_text)))),
    left_out=several(st.builds(LeftOut, what=any_text, reason=any_text, remedy=any_text)),
    pilot=st.none() | _stages,
    is_whole=st.booleans(),
    whole_needs_s=amounts,
    screening=st.none() | _stages,
    chosen=st.none() | _variants,
    confirmation=several(sessions, most=2),
    wall_ns=counts,
)
