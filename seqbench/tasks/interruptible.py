"""Measure what cannot be resumed: store each part, and show after an interrupt what there is."""

from collections.abc import Callable
from typing import TypeVar

from seqbench.bench.request import Request
from seqbench.tasks.output import TaskOutput
from seqbench.tasks.progress import progress

_D = TypeVar("_D")


def measured_and_shown(
    task: str,
    request: Request,
    output: TaskOutput,
    ask: Callable[..., _D],
    *,
    to_json: Callable[[_D], str],
    full_text: Callable[..., str],
) -> _D:
    """Measure a document, store every part of it, and write it out.

    Parameters
    ----------
    ask
        Called with a listener and a saver; measures the document.
    full_text
        Called with the document and the `width` of tables.

    Raises
    ------
    SeqbenchError, KeyboardInterrupt
        It failed or was interrupted; after an interrupt the last part that was stored was shown.
    """
    output.require_places(request.cache)
    file = output.result_file(f"{task}-{request.seed}")
    last: list[_D] = []

    def save(document: _D) -> None:
        last[:] = [document]
        file.save(to_json(document))

    try:
        with progress() as view:
            document = ask(listen=view, save=save)
    except KeyboardInterrupt:
        if last:
            output.text(full_text(last[0], width=output.width))
        output.kept(file)
        raise
    output.kept(file)
    output.text(full_text(document, width=output.width))
    output.document(to_json(document))
    return document
