"""Read a path that a user typed. Pure."""

from pathlib import Path

from seqbench.errors import UsageError


def user_path(text: str) -> Path:
    """Return the path that a user typed, with the home folder in place of `~` or `~user`.

    A shell replaces them at the beginning of a word only, and so not in `--json=~/x.json` and `checkout:~/seq`.

    Raises
    ------
    UsageError
        There is no such user.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise UsageError(f"{text}: there is no home folder of that user", "write the path without ~") from error
