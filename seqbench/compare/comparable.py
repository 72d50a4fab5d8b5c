"""Decide whether two sessions, or a benchmark of them, may be compared. Pure."""

from seqbench.sessions.session import BenchmarkResult, Session, State


def obstacles(base: Session, head: Session) -> tuple[str, ...]:
    """Return every reason why these two sessions cannot be compared at all; none if they can."""
    found = []
    if not base.machine.is_same_as(head.machine):
        found.append(f"different machines: {base.machine.sentence()} and {head.machine.sentence()}")
    for side, session in (("base", base), ("head", head)):
        if session.state is not State.COMPLETE:
            found.append(f"{side} is {session.state}, expected a complete session")
    reasons = left_out(base, head)
    return (*found, *(reasons if len(reasons) == len(names_of(base, head)) else ()))


def left_out(base: Session, head: Session) -> tuple[str, ...]:
    """Return why benchmarks of two stored sessions cannot be compared, a reason for each of them."""
    return tuple(reason for name in names_of(base, head) if (reason := difference(base, head, name)))


def difference(base: Session, head: Session, name: str) -> str:
    """Return why a benchmark of two stored sessions cannot be compared; empty if it can."""
    before, after = result_of(base, name), result_of(head, name)
    if before is None or after is None:
        return f"{name} is only in {'head' if before is None else 'base'}"
    found = []
    if before.parameters != after.parameters:
        sizes = (" ".join(f"{key}={value:,}" for key, value in each.parameters) for each in (before, after))
        found.append(f"different sizes of {name}: {' and '.join(sizes)}")
    if before.sources and after.sources:
        if before.sources != after.sources:
            found.append(f"different sources of {name}: the programs do not do the same work")
    elif base.sources != head.sources:
        # An earlier session has one digest for all of its benchmarks.
        found.append(f"different benchmark sources, perhaps of {name}: the programs may not do the same work")
    return "; ".join(found)


def names_of(base: Session, head: Session) -> tuple[str, ...]:
    """Return the names of the benchmarks of two sessions, each once."""
    return tuple(dict.fromkeys(result.name for session in (base, head) for result in session.results))


def result_of(session: Session, name: str) -> BenchmarkResult | None:
    """Return the result of a benchmark; None if the session has none."""
    return next((result for result in session.results if result.name == name), None)
