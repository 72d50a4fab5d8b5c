"""Check the `{name}` placeholders in the words of commands and variables of a runtime."""

import difflib
from collections.abc import Iterable

from seqbench.runtimes.recipes import SEVERAL
from seqbench.toml_file import TomlFile
from seqbench.toolchain.template import names_in


def require_known_names(file: TomlFile, words: Iterable[str], known: frozenset[str], *path: str) -> None:
    """Raise an error where a word names something that does not exist.

    Parameters
    ----------
    path : the key in the file that has the words.

    Raises
    ------
    UsageError
        A name is unknown, or stands beside other text and may be several words; the message names the line.
    """
    for word in words:
        for name in names_in([word]):
            if name not in known:
                raise file.error_at(unknown_name(word, name, known), *path)
            if name in SEVERAL and word != f"{{{name}}}":
                raise file.error_at(f"{word!r}: {{{name}}} may be several words, so it must stand alone", *path)


def names_of_tool(tool: str) -> tuple[str, str, str]:
    """Return the names that words may use for a tool."""
    return tool, f"{tool}.folder", f"{tool}.version"


def unknown_name(word: str, name: str, known: Iterable[str]) -> str:
    """Return what is wrong with a word that has `{name}` in it; an empty name is a brace without its partner."""
    if not name:
        return f"{word!r} has a brace without its partner; write {{{{ and }}}} for braces"
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.5)
    hint = f"did you mean {{{near[0]}}}?" if near else f"available: {', '.join(sorted(known)) or 'none'}"
    return f"{word!r}: there is no {{{name}}}; {hint}"
