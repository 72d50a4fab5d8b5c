"""From a record, a policy and the present moment to the reasons why this commit may not ship. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from seqbench.sessions.latest_run import Record, Status
from seqbench.units import iso_utc

MEND = "{invoke} bench && git add LATEST_RUN.txt && git commit -m 'Update benchmark run'"
# Clocks of two machines differ by a little; a record from further ahead is wrong.
_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a record must be."""

    max_age: timedelta
    allow_scaled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One reason, and what mends it."""

    reason: str
    remedy: str


def violations(
    record: Record, policy: Policy, *, now: datetime, benchmarks: tuple[str, ...], sources: str
) -> tuple[Violation, ...]:
    """Give every reason at once; none means that the record is fresh and whole.

    `benchmarks` and `sources` are those of the suite as it is now.
    """
    found: list[Violation] = []

    def against(reason: str, remedy: str = MEND) -> None:
        found.append(Violation(reason=reason, remedy=remedy))

    age = now - record.timestamp
    if age < -_CLOCK_SKEW:
        against(f"the run is from the future: {iso_utc(record.timestamp)}, and it is {iso_utc(now)}")
    elif age >= policy.max_age:
        against(
            f"Benchmarks are stale: the run of {iso_utc(record.timestamp)} is {_hours(age)} old, "
            f"and {_hours(policy.max_age)} is the limit"
        )
    recorded = {benchmark.name: benchmark for benchmark in record.benchmarks}
    for name in benchmarks:
        if name not in recorded:
            against(f"{name} was not run")
            continue
        if recorded[name].status is Status.FAILED:
            against(f"{name} failed", f"{{invoke}} bench-{name} shows why")
        if not recorded[name].is_full and not policy.allow_scaled:
            against(f"{name} was scaled down ({recorded[name].size})", "{invoke} doctor --fix, then {invoke} bench")
    if not record.is_complete and all(name in recorded for name in benchmarks):
        against("the run left out a runtime, or was of another suite")
    if record.sources != sources:
        against("the benchmark sources have changed since the run")
    return tuple(found)


def _hours(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours:.0f} hours" if hours >= 1 else f"{span.total_seconds() / 60:.0f} minutes"
