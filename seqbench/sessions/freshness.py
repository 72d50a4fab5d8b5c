"""Check the 24-hour rule: return the reasons for which a record is stale or incomplete. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from seqbench.sessions.latest_run import Record, RecordedBenchmark, Status
from seqbench.units import iso_utc

FIX = "{invoke} bench && git add LATEST_RUN.txt && git commit -m 'Update benchmark run'"
# The clocks of two machines may differ by this much.
_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How old a record may be, and whether its benchmarks may be scaled down."""

    max_age: timedelta
    allow_scaled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One reason for which a record fails the check, with its fix."""

    reason: str
    fix: str


def violations(
    record: Record, policy: Policy, *, now: datetime, benchmarks: tuple[str, ...], sources: str
) -> tuple[Violation, ...]:
    """Return every reason for which the record fails the check; none if it is fresh and complete.

    `benchmarks` and `sources` describe the suite as it is now.
    """
    found: list[Violation] = []

    def add(reason: str, fix: str = FIX) -> None:
        found.append(Violation(reason=reason, fix=fix))

    age = now - record.timestamp
    if age < -_CLOCK_SKEW:
        add(f"the run is from the future: its timestamp is {iso_utc(record.timestamp)}, the time is {iso_utc(now)}")
    elif age >= policy.max_age:
        add(
            f"Benchmarks are stale: the run of {iso_utc(record.timestamp)} is {_hours(age)} old, "
            f"the limit is {_hours(policy.max_age)}"
        )
    # A row is a benchmark, or one test of its programs: `fib/naive`.
    recorded: dict[str, list[RecordedBenchmark]] = {}
    for row in record.benchmarks:
        recorded.setdefault(row.name.partition("/")[0], []).append(row)
    for name in benchmarks:
        if name not in recorded:
            add(f"{name} was not run")
        found += [each for row in recorded.get(name, ()) for each in _of_row(row, name, policy)]
    if not record.is_complete and all(name in recorded for name in benchmarks):
        add("the run left out a runtime or used another suite")
    if record.sources != sources:
        add("the benchmark sources have changed since the run")
    return tuple(found)


def _of_row(row: RecordedBenchmark, benchmark: str, policy: Policy) -> Iterator[Violation]:
    if row.status is Status.FAILED:
        yield Violation(reason=f"{row.name} failed", fix=f"run {{invoke}} bench-{benchmark} to see why")
    if not row.is_full and not policy.allow_scaled:
        fix = "{invoke} bench, without flags that make it smaller; if it does not fit then, {invoke} doctor --fix"
        yield Violation(reason=f"{row.name} was scaled down ({row.size})", fix=fix)


def _hours(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours:.0f} hours" if hours >= 1 else f"{span.total_seconds() / 60:.0f} minutes"
