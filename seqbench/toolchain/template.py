"""Fill in words such as `{go.folder}/../pkg` with values. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence

_PART = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}]*)\}|[{}]")

Values = Mapping[str, str | tuple[str, ...]]
"""What each name stands for; a tuple becomes none or more words, and must stand alone in its word."""


class TemplateError(ValueError):
    """A word has a brace without its partner, or names something that does not exist."""


def fill(words: Sequence[str], values: Values) -> tuple[str, ...]:
    """Return the words with every `{name}` replaced; `{{` and `}}` are braces.

    Raises
    ------
    TemplateError
        A name is unknown, a brace has no partner, or a name for several words is only a part of its word.

    Examples
    --------
    >>> fill(["{cc}", "{flags}", "-o{output}", "{{}}"], {"cc": "/bin/cc", "flags": ("-O", "-g"), "output": "x"})
    ('/bin/cc', '-O', '-g', '-ox', '{}')
    """
    filled: list[str] = []
    for word in words:
        several = values.get(word[1:-1]) if word.startswith("{") and word.endswith("}") else None
        if isinstance(several, tuple):
            filled += several
        else:
            filled.append(fill_word(word, values))
    return tuple(filled)


def fill_word(word: str, values: Values) -> str:
    """Return one word with every `{name}` replaced.

    Raises
    ------
    TemplateError
        See `fill`.
    """
    return _PART.sub(lambda match: _value(match, word, values), word)


def names_in(words: Sequence[str]) -> Iterator[str]:
    """Yield every name in braces; an unbalanced brace counts as an empty name."""
    for word in words:
        for match in _PART.finditer(word):
            if match[0] not in ("{{", "}}"):
                yield match["name"] or ""


def _value(match: re.Match[str], word: str, values: Values) -> str:
    if match[0] in ("{{", "}}"):
        return match[0][0]
    name = match["name"]
    if name is None:
        raise TemplateError(f"{word!r} has a brace without its partner; write {{{{ and }}}} for braces")
    value = values.get(name)
    if value is None:
        raise TemplateError(f"{word!r}: there is no {{{name}}}; available: {', '.join(sorted(values))}")
    if isinstance(value, tuple):
        raise TemplateError(f"{word!r}: {{{name}}} may be several words, so that it must stand alone")
    return value
