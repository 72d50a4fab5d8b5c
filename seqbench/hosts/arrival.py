"""Turn what a host sent into documents of here: printable, in order, with the commit of the checkout. Pure."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from seqbench.sessions.session import Session
from seqbench.text import printable

_SHOWN = ("error: ", "warning: ")
_CONTINUED = ("  ", "\t")


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """The commit of the checkout whose code and suite went to the hosts."""

    commit: str = ""
    dirty: bool = False
    changed: tuple[str, ...] = ()
    """Benchmarks whose sources differ from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What came back from one host."""

    name: str
    status: int | None
    """The exit code of the task there; None if it has none: the host went away, or what ran there was killed."""
    text: str = ""
    """What the task printed there."""
    messages: tuple[str, ...] = ()
    """Its errors and warnings, and what happened on the way."""
    document: str = ""
    """What it measured, as JSON; empty if it measured nothing."""
    is_clock_off: bool = False
    arrived_at: datetime
    is_interrupted: bool = False
    """Whether the user ended it before its end."""
    watching: float | None = None
    """The processor time of following the run, as a share of one core; None where the host does not count it."""
    waited_s: float = 0.0
    """How long it waited for the other hosts."""
    is_gone: bool = False
    """Whether nothing runs there any more though the task had no end: there is no more to fetch."""
    defect: Exception | None = None
    """What went wrong here while its run was followed."""


def clean(document: str) -> str:
    r"""Return a JSON document with printable texts; empty if it is not JSON.

    Examples
    --------
    >>> clean('{"title": "a\\u001b[2J"}')
    '{"title": "a\\\\x1b[2J"}'
    """
    try:
        return json.dumps(_cleaned(json.loads(document))) if document else ""
    except (ValueError, RecursionError):
        return ""


def _cleaned(value: Any) -> Any:  # noqa: ANN401 - any JSON
    match value:
        case str():
            return printable(value)
        case list():
            return [_cleaned(each) for each in value]
        case dict():
            return {printable(key): _cleaned(each) for key, each in value.items()}
    return value


def shown_messages(stderr: str) -> tuple[str, ...]:
    """Return the errors and warnings that a task printed, each with its fix; not where it keeps its files."""
    found: list[str] = []
    is_shown = False
    for line in printable(stderr).splitlines():
        is_shown = line.startswith(_SHOWN) or (is_shown and line.startswith(_CONTINUED))
        if is_shown and line.startswith(_SHOWN):
            found.append(line)
        elif is_shown:
            found[-1] += f"\n{line}"
    return tuple(found)


def placed(session: Session, arrival: Arrival, commit: Commit) -> Session:
    """Return a session of a host with the commit of the checkout that went there, and in the order of its arrival.

    A session from a host whose clock is off ends when it arrives, and begins as long before as it took.
    """
    session = replace(session, commit=commit.commit, dirty=commit.dirty, changed=commit.changed)
    if not arrival.is_clock_off:
        return session
    took = session.finished_at - session.started_at
    return replace(session, started_at=arrival.arrived_at - took, finished_at=arrival.arrived_at)
