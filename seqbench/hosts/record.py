"""Store what runs on hosts, so that `--resume` can fetch it. Pure."""

from dataclasses import dataclass
from pathlib import Path

from seqbench.hosts.arrival import Commit
from seqbench.hosts.scripts import Places
from seqbench.sessions.document import read_document, read_text_file, write_document

RUN_SCHEMA = "seqbench/hosts-run"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRun:
    """The run on one host."""

    name: str
    """As in `--hosts`."""
    places: Places
    suite: str
    """The name of the folder of the suite in it."""
    is_clock_off: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """A task that runs on hosts."""

    task: str
    hosts: tuple[HostRun, ...]
    commit: Commit


def record_to_json(record: RunRecord) -> str:
    """Return a record as JSON, with the name and version of its schema first."""
    return write_document(record, RUN_SCHEMA)


def load_record(path: Path) -> RunRecord:
    """Read a record from a file.

    Raises
    ------
    UsageError
        It cannot be read, or is another document.
    """
    return read_document(read_text_file(path), str(path), RunRecord, RUN_SCHEMA)
