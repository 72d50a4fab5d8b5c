"""Keep the results of one run in a file of its own, again and again while it measures."""

from pathlib import Path

from seqbench.system.files import write_atomically, write_new


class ResultFile:
    """The file in `results/` that keeps what one run measured; it never replaces the file of another run.

    A failure to write it does not end the measuring: the next `save` tries again, and `problem` holds the last error.
    """

    def __init__(self, folder: Path, stem: str, *, resumed: Path | None = None) -> None:
        """Name the file, which exists once something was saved; a resumed run continues its own file."""
        self._folder = folder
        self._stem = stem
        self.path = resumed
        """None until something was saved."""
        self.problem: OSError | None = None

    def save(self, text: str) -> None:
        """Write the results so far, in place of those that this run wrote before."""
        try:
            if self.path is None:
                self.path = write_new(self._folder, self._stem, text.encode())
            else:
                write_atomically(self.path, text.encode())
            self.problem = None
        except OSError as error:
            self.problem = error
