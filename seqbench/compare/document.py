"""A comparison as a JSON file: what was asked, and its sessions as far as they came."""

from dataclasses import dataclass
from pathlib import Path

from seqbench.sessions.document import read_document, read_text_file, write_document
from seqbench.sessions.session import Session
from seqbench.toolchain.compiler_spec import Spec

COMPARISON_SCHEMA = "seqbench/comparison"


@dataclass(frozen=True, slots=True, kw_only=True)
class Versus:
    """What one `invoke compare` was asked for on top of a request: two compilers and what is called the same."""

    base: Spec
    head: Spec
    margin: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredComparison:
    """A comparison on its way to a file: what was asked, and its sessions as far as they came.

    They are base, head and, for a gate, the probe.
    """

    base_spec: str
    head_spec: str
    only: tuple[str, ...]
    margin: float
    sessions: tuple[Session, ...]


def comparison_to_json(comparison: StoredComparison) -> str:
    """Write a comparison, with the schema's name and version first."""
    return write_document(comparison, COMPARISON_SCHEMA)


def comparison_from_json(text: str, name: str) -> StoredComparison:
    """Read a comparison, as `from_json` reads a session."""
    return read_document(text, name, StoredComparison, COMPARISON_SCHEMA)


def load_comparison(path: Path) -> StoredComparison:
    """Read a comparison from a file, as `load` reads a session."""
    return comparison_from_json(read_text_file(path), str(path))
