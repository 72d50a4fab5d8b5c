"""Split the gap between two runtimes into the part of the library and the part of the subject itself. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from seqbench.experiments.explain.document import Roles
from seqbench.sessions.session import BenchmarkResult, Measured
from seqbench.stats.bootstrap import resampled_medians
from seqbench.stats.growth import Estimate, estimated
from seqbench.stats.intervals import CONFIDENCE, Ratio, paired_ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class GapSplit:
    """Shares of the gap between subject and reference: the library's, and what the subject itself adds."""

    benchmark: str
    parameters: tuple[tuple[str, int], ...]
    ratio: Ratio
    """Subject / reference."""
    library_ratio: Ratio
    """Library / subject."""
    library: Estimate
    own: Estimate


def gap_split(result: BenchmarkResult, roles: Roles, *, seed: int) -> GapSplit | None:
    """Split the gap of a benchmark.

    The medians over the rounds give two shares, which add up to 1:

    - the library: (library - reference) / (subject - reference)
    - the subject itself: (subject - library) / (subject - reference)

    Returns
    -------
    GapSplit or None
        None if a program is missing, if there are too few rounds or a time of zero, or if the data also allow no gap.
    """
    times = _common_times(result, (roles.subject, roles.reference, roles.library))
    if times is None:
        return None
    subject, reference, library = times
    ratio = paired_ratio(subject, reference)
    if ratio.interval is None or ratio.interval.low <= 1:
        return None
    # The same seed resamples the same rounds for all three.
    drawn = [resampled_medians(each, seed) for each in times]
    gaps = drawn[0] - drawn[1]
    if (gaps <= 0).mean() > (1 - CONFIDENCE) / 2:
        return None
    gap = median(subject) - median(reference)
    return GapSplit(
        benchmark=result.name,
        parameters=result.parameters,
        ratio=ratio,
        library_ratio=paired_ratio(library, subject),
        library=estimated((median(library) - median(reference)) / gap, ((drawn[2] - drawn[1]) / gaps)[gaps > 0]),
        own=estimated((median(subject) - median(library)) / gap, ((drawn[0] - drawn[2]) / gaps)[gaps > 0]),
    )


def _common_times(result: BenchmarkResult, runtimes: Sequence[str]) -> list[list[float]] | None:
    """Return the own times of each runtime's plain program, in nanoseconds, from the rounds of all of them."""
    programs = [result.program(runtime, "") for runtime in runtimes]
    times = [
        {sample.round_number: float(sample.elapsed_ns) for sample in program.outcome.samples}
        for program in programs
        if program is not None and isinstance(program.outcome, Measured)
    ]
    if len(times) < len(runtimes):
        return None
    rounds = sorted(set.intersection(*(set(each) for each in times)))
    found = [[each[number] for number in rounds] for each in times]
    # A time that its clock cannot tell from zero has no ratio.
    return found if rounds and all(map(all, found)) else None
