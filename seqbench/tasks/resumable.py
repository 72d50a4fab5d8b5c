"""Measure what can be resumed: show progress, store each part, and name the command that continues it."""

from collections.abc import Callable
from typing import TypeVar

from seqbench.errors import SeqbenchError
from seqbench.project import Project
from seqbench.sessions.result_file import ResultFile
from seqbench.tasks.common import say, shown
from seqbench.tasks.progress import progress

_Document = TypeVar("_Document")


class Resumable:
    """A task that stores its document in a file after every part, and can continue with that file."""

    def __init__(self, project: Project, task: str, file: ResultFile) -> None:
        self._project = project
        self._task = task
        self._file = file
        self._is_saved = False

    def measured(self, asked: Callable[..., _Document], to_json: Callable[[_Document], str]) -> _Document:
        """Call `asked` with a listener and a saver, and return its document.

        Raises
        ------
        SeqbenchError, KeyboardInterrupt
            It failed or was interrupted; the command that continues it was printed if anything was stored.
        """

        def save(document: _Document) -> None:
            self._file.save(to_json(document))
            self._is_saved = True

        try:
            with progress() as view:
                return asked(listen=view, save=save)
        except (KeyboardInterrupt, SeqbenchError):
            self.hint()
            raise

    def hint(self) -> None:
        """Print the command that continues it, if there is a file to continue."""
        if self._is_saved and self._file.path is not None and self._file.problem is None:
            say(self._project, f"kept: {{invoke}} {self._task} --resume {shown(self._file.path)} continues it")
