"""Timelines with planted times, as they would be stored."""

from seqbench.experiments.timeline.document import Part, TimelineDocument
from seqbench.sessions.session import Outcome, State
from seqbench.versions.version import Version
from tests.support.bisections import side


def part(benchmark: str, *outcomes: Outcome, places: tuple[int, ...] = ()) -> Part:
    """Return rounds of the reference and of the versions after it."""
    return Part(
        benchmark=benchmark,
        places=places or tuple(range(1, len(outcomes))),
        sessions=tuple(side(outcome) for outcome in outcomes),
    )


def timeline(
    *parts: Part,
    versions: int = 3,
    runs: int | None = 16,
    planned: tuple[tuple[str, int], ...] = (),
    reference_place: int | None = 0,
) -> TimelineDocument:
    """Return a timeline of versions `v0`, `v1` and so on, of which the first one is the reference."""
    return TimelineDocument(
        runtime="seq",
        versions=tuple(Version(label=f"v{number}", spec=f"v{number}/seqc") for number in range(versions)),
        reference="",
        reference_runtime="seq",
        reference_place=reference_place,
        is_default_runtime=True,
        only=("pingpong",),
        size=None,
        seed=1,
        margin=0.02,
        step=0.05,
        runs=runs,
        target_cpu="baseline",
        state=State.COMPLETE,
        planned=planned,
        parts=parts,
    )
