"""Compute how much of the time of its planned rounds a comparison used. Pure."""

from collections.abc import Sequence

from seqbench.compare.compared import Compared
from seqbench.units import percent


def used_share(benchmarks: Sequence[Compared]) -> float | None:
    """Return the time of the rounds that ran over that of the rounds that were planned; None where all had to run."""
    benchmarks = _each_once(benchmarks)
    planned_ns = sum(_round_ns(each) * each.planned for each in benchmarks)
    return (
        sum(_round_ns(each) * len(each.base) for each in benchmarks if each.planned) / planned_ns
        if planned_ns
        else None
    )


def used_of(compared: Compared) -> float | None:
    """Return the same for one benchmark; above 1 where it got time that others left."""
    return len(compared.base) / compared.planned if compared.planned else None


def rounds_of_planned(rounds: int, planned: int) -> str:
    """Return how many of the planned rounds ran; one that got time that others left may have run more.

    Examples
    --------
    >>> rounds_of_planned(17, 51), rounds_of_planned(43, 41), rounds_of_planned(30, 0)
    ('17 of 51', '43 (41 planned)', '30')
    """
    if planned in (0, rounds):
        return f"{rounds:,}"
    return f"{rounds:,} of {planned:,}" if rounds < planned else f"{rounds:,} ({planned:,} planned)"


def used_lines(benchmarks: Sequence[Compared]) -> tuple[str, ...]:
    """Return a line with the shares of all benchmarks, for the notes under a table."""
    share = used_share(benchmarks)
    if share is None:
        return ()
    each_of = [f"{each.name} {percent(used)}" for each in _each_once(benchmarks) if (used := used_of(each)) is not None]
    return (f"used {percent(share)} of the time of the planned rounds: {', '.join(each_of)}",)


def _each_once(benchmarks: Sequence[Compared]) -> tuple[Compared, ...]:
    """Return the verdicts by one metric, because those by the others are from the same rounds."""
    return tuple(each for each in benchmarks if each.metric is benchmarks[0].metric)


def _round_ns(compared: Compared) -> float:
    """Return what a round of both sides takes."""
    samples = (*compared.base, *compared.head)
    return sum(sample.wall_ns for sample in samples) / max(1, len(compared.base))
