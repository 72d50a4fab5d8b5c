"""Import session files from other machines and from CI into the history; unreadable files are reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seqbench.errors import UsageError
from seqbench.events import Detail, Listener, Phase
from seqbench.publish.history import database
from seqbench.sessions import store
from seqbench.sessions.session import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The result of an import: the number of files by outcome."""

    added: int
    known: int
    """Sessions that were already in the history."""
    skipped: int
    """Other documents, such as comparisons and sweeps, and interrupted sessions."""
    refused: tuple[str, ...]
    """A reason for each unreadable file, with its name."""


def import_files(path: Path, files: Sequence[Path], listen: Listener) -> Imported:
    """Add the sessions of files to the history at `path`.

    Raises
    ------
    HistoryError
        The history cannot be written; the sessions that were added before stay.
    """
    listen(Phase(text="importing"))
    added = known = skipped = 0
    refused = []
    for number, file in enumerate(files, start=1):
        listen(Detail(text=f"{number:,} of {len(files):,} files"))
        try:
            session = store.load(file)
            if session.state is not State.COMPLETE:
                skipped += 1
            elif database.record(path, session, listen):
                added += 1
            else:
                known += 1
        except database.HistoryError:
            raise
        except UsageError as error:
            if store.is_of_another_kind(file):
                skipped += 1
            else:
                refused.append(error.message if str(file) in error.message else f"{file}: {error.message}")
    return Imported(added=added, known=known, skipped=skipped, refused=tuple(refused))
