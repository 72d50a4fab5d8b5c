"""Write events as lines of JSON on a host, and read them here. Pure."""

import json
import math
from dataclasses import asdict
from typing import get_args

import msgspec

from seqbench.events import Event
from seqbench.hosts.scripts import ENDED
from seqbench.text import printable

_KINDS: dict[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}
_KEY = "event"


def encode(event: Event) -> str:
    """Return an event as one line."""
    return json.dumps({_KEY: type(event).__name__, **asdict(event)})


def decode(line: str) -> Event | int | None:
    """Return the event of a line, or the exit code if it is the last line; None for anything else.

    Texts are made printable, because a host may send any.

    Examples
    --------
    >>> decode('{"event": "Phase", "text": "building"}')
    Phase(text='building')
    >>> decode('{"event": "Ended", "status": 4}'), decode("?")
    (4, None)
    """
    try:
        values = json.loads(line)
        kind = values.pop(_KEY)
        if kind == ENDED:
            return int(values["status"])
        texts = {key: printable(value) if isinstance(value, str) else value for key, value in values.items()}
        event = msgspec.convert(texts, _KINDS[kind])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError, msgspec.ValidationError):
        return None
    figures = [value for value in asdict(event).values() if isinstance(value, float)]
    return event if all(map(math.isfinite, figures)) else None
