"""Measure what can be resumed: show progress, store each part, and name the command that continues it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from seqbench.bench.request import Request
from seqbench.errors import SeqbenchError
from seqbench.paths import user_path
from seqbench.project import Project
from seqbench.sessions.session import State
from seqbench.tasks.common import say, shown
from seqbench.tasks.output import TaskOutput
from seqbench.tasks.progress import progress


class _Document(Protocol):
    """What a task stores."""

    @property
    def seed(self) -> int:
        """Return the seed of its orders."""

    @property
    def state(self) -> State:
        """Return whether it is complete."""


_D = TypeVar("_D", bound=_Document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumable(Generic[_D]):
    """A task that stores its document in a file after every part, and can continue with that file."""

    task: str
    load: Callable[[Path], _D]
    to_json: Callable[[_D], str]
    begin: Callable[..., _D]
    """Called with a listener and a saver: measures a new document."""
    resume: Callable[..., _D]
    """Called with the request, a stored document, a listener and a saver: measures what is missing."""

    def measured(self, project: Project, request: Request, output: TaskOutput, file: str | None) -> _D:
        """Measure a new document, or what the document in a file of `--resume` lacks, and store it.

        Raises
        ------
        SeqbenchError, KeyboardInterrupt
            It failed or was interrupted; the command that continues it was printed if anything was stored.
        """
        output.require_places(request.cache)
        stored = user_path(file) if file else None
        ask, seed = self.begin, request.seed
        if stored is not None:
            interrupted = self.load(stored)
            ask, seed = partial(self.resume, request, interrupted), interrupted.seed
        kept = output.result_file(f"{self.task}-{seed}", resumed=stored)
        is_saved = False

        def save(document: _D) -> None:
            nonlocal is_saved
            kept.save(self.to_json(document))
            is_saved = True

        def hint() -> None:
            if is_saved and kept.path is not None and kept.problem is None:
                say(project, f"kept: {{invoke}} {self.task} --resume {shown(kept.path)} continues it")

        try:
            with progress() as view:
                document = ask(listen=view, save=save)
        except (KeyboardInterrupt, SeqbenchError):
            hint()
            raise
        if document.state is not State.COMPLETE:
            hint()
        output.kept(kept)
        return document
