"""Judge a program by another metric than its time. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from seqbench.compare.looks import looks_of
from seqbench.compare.metrics import Metric, missing, pairs_of
from seqbench.compare.verdict import Looks, PairedResult, Verdict, judge_looks, log_ratios
from seqbench.sessions.design import Design
from seqbench.sessions.session import Measured, ProgramResult, Sample
from seqbench.stats.intervals import Interval
from seqbench.stats.signed_rank import fewest_values

Values = tuple[float | None, float | None]
"""Of base and head."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a metric says of a program on two sides."""

    values: Values = (None, None)
    result: PairedResult | None = None
    reason: str = ""
    """Why there is no result."""
    is_unfinished: bool = False
    """There are too few pairs, and more would give a result."""
    is_missing: bool = False
    """A side does not have this metric."""


def judge_metric(
    metric: Metric,
    base: ProgramResult,
    head: ProgramResult,
    design: Design | None,
    *,
    margin: float,
    error: float,
    identical: bool,
) -> Judged:
    """Judge two programs that ran in the same rounds, by any metric but the time.

    Parameters
    ----------
    design
        The looks at the rounds; None for a single one.
    margin
        The relative difference that counts as the same.
    error
        The error rate of this verdict.
    identical
        Whether both executables are identical. Their builds may differ all the same.

    Raises
    ------
    ValueError
        The margin is not above zero.
    """
    if metric is Metric.SIZE:
        return _by_size(base, head, margin)
    if metric is Metric.BUILD_TIME:
        return _by_builds(base, head, margin=margin, error=error)
    sides = (_samples(base), _samples(head))
    reason = missing(metric, "base", sides[0]) or missing(metric, "head", sides[1])
    if reason:
        return Judged(reason=reason, is_missing=True)
    pairs = pairs_of(metric, *sides)
    old, new = ([pair[side] for pair in pairs.values()] for side in (0, 1))
    values = (median(old), median(new)) if pairs else (None, None)
    logs = log_ratios(old, new)
    looks = looks_of(design, list(pairs))
    if not looks.usable(error):
        return _unfinished(values, len(pairs), "rounds", error)
    return Judged(values=values, result=judge_looks(logs, looks, margin=margin, error=error, identical=identical))


def _by_builds(base: ProgramResult, head: ProgramResult, *, margin: float, error: float) -> Judged:
    """Judge the times of paired builds, all of them at once."""
    if not base.size_bytes or not head.size_bytes:
        return Judged(reason="nothing is built, so that there is no build to time", is_missing=True)
    pairs = list(zip(base.builds_ns, head.builds_ns, strict=False))
    if not pairs:
        problem = base.builds_problem or head.builds_problem or "its builds were not timed"
        return Judged(reason=problem, is_unfinished=True)
    values = (float(median(base.builds_ns)), float(median(head.builds_ns)))
    logs = build_logs(base.builds_ns, head.builds_ns)
    looks = Looks.only_one(len(logs))
    if not looks.usable(error):
        return _unfinished(values, len(pairs), "pairs of builds", error)
    return Judged(values=values, result=judge_looks(logs, looks, margin=margin, error=error))


def build_logs(base: Sequence[int], head: Sequence[int]) -> list[float]:
    """Return the log ratio of each pair of builds; the last build of an odd number has no partner."""
    pairs = list(zip(base, head, strict=False))
    return log_ratios([before for before, _ in pairs], [after for _, after in pairs])


def _by_size(base: ProgramResult, head: ProgramResult, margin: float) -> Judged:
    """Compare two sizes, which are exact: they differ by more than the margin, or they do not."""
    for side, program in (("base", base), ("head", head)):
        if not program.size_bytes:
            return Judged(reason=f"nothing is built for {side}, so that it has no size", is_missing=True)
    ratio = head.size_bytes / base.size_bytes
    verdict = Verdict.SLOWER if ratio > 1 else Verdict.FASTER
    smaller, larger = sorted((base.size_bytes, head.size_bytes))
    if larger <= smaller * (1 + margin):
        verdict = Verdict.SAME
    result = PairedResult(
        verdict=verdict,
        ratio=ratio,
        interval=Interval(low=ratio, high=ratio),
        pairs=1,
        detectable=0.0,
        rounds_range=None,
    )
    return Judged(values=(float(base.size_bytes), float(head.size_bytes)), result=result)


def _unfinished(values: Values, pairs: int, kind: str, error: float) -> Judged:
    least = fewest_values(error)
    reason = f"{pairs} {kind}, and a verdict needs {least}"
    if pairs >= least:
        reason = f"{pairs} {kind}, and the next look was still to come"
    return Judged(values=values, reason=reason, is_unfinished=True)


def _samples(program: ProgramResult) -> Sequence[Sample]:
    return program.outcome.samples if isinstance(program.outcome, Measured) else ()
