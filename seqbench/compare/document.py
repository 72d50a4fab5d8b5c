"""Store a comparison as a JSON file: the request, and the sessions as far as they were measured."""

from dataclasses import dataclass
from pathlib import Path

from seqbench.sessions.document import read_document, read_text_file, write_document
from seqbench.sessions.session import Session
from seqbench.toolchain.compiler_spec import Spec

COMPARISON_SCHEMA = "seqbench/comparison"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRequest:
    """What `invoke compare` adds to a request: two compilers, and the relative difference that counts as the same."""

    base: Spec
    head: Spec
    margin: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredComparison:
    """A comparison as it is stored: the request, and the sessions as far as they were measured.

    The sessions are base, head and, for a gate, the probe.
    """

    base_spec: str
    head_spec: str
    only: tuple[str, ...]
    margin: float
    sessions: tuple[Session, ...]
    size: str | None = None
    """As typed; None if each benchmark ran at the smallest size with enough work."""


def comparison_to_json(comparison: StoredComparison) -> str:
    """Return a comparison as JSON, with the name and version of its schema first."""
    return write_document(comparison, COMPARISON_SCHEMA, comparison.sessions[:2])


def comparison_from_json(text: str, name: str) -> StoredComparison:
    """Return the comparison that a JSON document describes, as `from_json` does for a session."""
    return read_document(text, name, StoredComparison, COMPARISON_SCHEMA)


def load_comparison(path: Path) -> StoredComparison:
    """Read a comparison from a file, as `load` does for a session."""
    return comparison_from_json(read_text_file(path), str(path))
