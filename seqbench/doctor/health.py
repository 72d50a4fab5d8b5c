"""Define the result of a check. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """The result of a check."""

    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """One line of `invoke doctor`: the subject, the result, what was found, and the fix."""

    subject: str
    health: Health
    found: str
    fix: str = ""
