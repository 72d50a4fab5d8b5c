"""Evidence for the tests of claims: each case is a claim and evidence that confirms it, or does not."""

from collections.abc import Iterable
from dataclasses import replace

from seqbench.experiments.explain.gap import GapSplit
from seqbench.experiments.explain.unit_cost import SystemShare, Unit, UnitCalls, UnitCost
from seqbench.stats.growth import Estimate
from seqbench.stats.intervals import Interval, Ratio
from studies.claims.claim import Judgement
from studies.claims.claims import CLAIMS
from studies.claims.evidence import ClaimEvidence, Figures, Measurement
from studies.claims.program_facts import ProgramFacts
from studies.claims.stack_unit import StackSeen
from tests.support.explanations import ROLES
from tests.support.strategies import a_session

NOTHING = ClaimEvidence(roles=ROLES, cores=2)
STACKS = tuple(
    StackSeen(asked=asked, stack_bytes=8 * asked, guard_bytes=4_096, count=2_000) for asked in (131_072, 16_384)
)
HANDLERS = (("on", True), ("off", False))
# The work of a program that takes its number of messages as an argument.
WORK = 'echo "result: $1"; echo "elapsed_ns: $((20000 + $1 * 100))"; echo "tasks: 2"; echo "messages: $1"'
NO_RATIO = Ratio(median=1.0, interval=None, count=2)


def some_facts(**changes: object) -> ProgramFacts:
    """Make facts of a session in which nothing ran, and nothing was seen."""
    facts = ProgramFacts(probes=a_session(), stacks=(), stack_problem="", quit_handlers=())
    return replace(facts, **changes)  # type: ignore[arg-type]


def verdict(claim_id: str, evidence: ClaimEvidence) -> Judgement:
    """Judge one claim."""
    (claim,) = (claim for claim in CLAIMS if claim.id == claim_id)
    return claim.verdict(evidence)


def ratio(middle: float, low: float | None = None, high: float | None = None) -> Ratio:
    """Return a ratio whose interval is a hundredth wide on both sides, where it is not given."""
    ends = (middle * 0.99 if low is None else low, middle * 1.01 if high is None else high)
    return Ratio(median=middle, interval=Interval(low=ends[0], high=ends[1]), count=6)


def about(value: float, *, share: float = 0.01) -> Estimate:
    """Return a figure whose interval is so much of it wide on both sides."""
    return Estimate(value=value, interval=Interval(low=value * (1 - share), high=value * (1 + share)))


def figures(
    elapsed_ms: float = 100,
    *,
    result: int = 1,
    system_share: float = 0.1,
    most: dict[str, int] | None = None,
    **ledger: int,
) -> Figures:
    """Return what a program did; of what `most` has not, the most is what the ledger has."""
    return Figures(
        elapsed_ns=elapsed_ms * 1e6,
        wall_ns=elapsed_ms * 1e6,
        system_ns=elapsed_ms * 1e6 * system_share,
        result=result,
        least=tuple(ledger.items()),
        most=tuple({**ledger, **(most or {})}.items()),
    )


def measured(
    benchmark: str,
    of: Ratio | None = None,
    *,
    subject: Figures | None = None,
    reference: Figures | None = None,
    is_full: bool = True,
    problem: str = "",
    **parameters: int,
) -> Measurement:
    """Return a benchmark at a size."""
    return Measurement(
        benchmark=benchmark,
        parameters=tuple(parameters.items()),
        is_full=is_full,
        ratio=of,
        subject=subject,
        reference=reference,
        problem=problem,
    )


def seen(*measurements: Measurement, **more: object) -> ClaimEvidence:
    """Return evidence of these measurements, with other parts by name."""
    return replace(NOTHING, measurements=measurements, **more)  # type: ignore[arg-type]


def cost(benchmark: str, runtime: str, unit: Unit, time_ns: float, system_ns: float = 0.0) -> UnitCost:
    return UnitCost(
        benchmark=benchmark,
        runtime=runtime,
        variant="",
        unit=unit,
        extra_units=1_000,
        time=about(time_ns),
        user=about(time_ns),
        system=about(system_ns),
        faults=about(0),
        switches=about(0),
        memory_bytes=about(0),
        is_memory_hidden=False,
    )


def calls(
    benchmark: str, runtime: str, unit: Unit, *, extra_units: int = 100_000, start_mmap: int = 10_016, **each: float
) -> UnitCalls:
    return UnitCalls(
        benchmark=benchmark,
        runtime=runtime,
        variant="",
        unit=unit,
        extra_units=extra_units,
        at_small=(("mmap", start_mmap),),
        per_unit=tuple(each.items()),
    )


def share(of_elapsed: Estimate) -> SystemShare:
    return SystemShare(benchmark="pingpong", runtime="seq", variant="", of_processor=of_elapsed, of_elapsed=of_elapsed)


def gap(library: float, leaves: int = 100_000) -> GapSplit:
    return GapSplit(
        benchmark="skynet",
        parameters=(("leaves", leaves),),
        ratio=ratio(50),
        library_ratio=ratio(0.8),
        library=about(library),
        own=about(1 - library),
    )


def ids_of(cases: Iterable[tuple[str, ClaimEvidence]]) -> set[str]:
    return {claim_id for claim_id, _ in cases}
