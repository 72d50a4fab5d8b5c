"""Store what runs on hosts, so that `--resume` can fetch it. Pure."""

import json
import shlex
from dataclasses import dataclass
from pathlib import Path

from seqbench.hosts.arrival import Commit
from seqbench.hosts.scripts import SUITE_FILE, Places
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
class LocalNames:
    """The paths of a host with the paths of here that they are copies of, so that commands in results work here."""

    pairs: tuple[tuple[str, str], ...]

    def replaced(self, text: str) -> str:
        """Return a text with the paths of here, quoted where a shell needs that: the text has commands."""
        for there, here in self.pairs:
            text = text.replace(there, shlex.quote(here))
        return text

    def replaced_in_json(self, text: str) -> str:
        """Return a JSON document with the paths of here."""
        for there, here in self.pairs:
            text = text.replace(json.dumps(there)[1:-1], json.dumps(here)[1:-1])
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """A task that runs on hosts."""

    task: str
    hosts: tuple[HostRun, ...]
    commit: Commit
    suite_folder: str = ""
    """The folder of the suite here; empty in files of earlier versions."""
    suite_file: str = ""
    """The file of `--suite-file` here."""

    def local_names(self, host: HostRun) -> LocalNames:
        """Return which paths of a host are copies of which ones of here."""
        folders = (f"{host.places.run}/{host.suite}", host.places.suite)
        pairs = [(f"{folder}/{SUITE_FILE}", self.suite_file) for folder in folders]
        pairs += [(folder, self.suite_folder) for folder in folders]
        return LocalNames(pairs=tuple((there, here) for there, here in pairs if here))


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
