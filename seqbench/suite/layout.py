"""Find out which benchmark and variant a source belongs to, by the path that its suite's layout describes. Pure."""

import re
from dataclasses import dataclass

from seqbench.runtimes.base import Runtime

DEFAULT_LAYOUT = "{benchmark}/{benchmark}{variant}{extension}"
_PART = re.compile(r"\{(?P<name>[^{}]*)\}|\*|[^{}*]+|[{}]")
NAMES = ("benchmark", "category", "extension", "runtime", "variant")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the path of a source says."""

    benchmark: str
    variant: str


class LayoutError(ValueError):
    """A layout names something that does not exist."""


def check_layout(layout: str) -> None:
    """Raise an error where a layout cannot be used.

    Raises
    ------
    LayoutError
        A name in braces is unknown, a brace has no partner, or the path leads out of the suite.
    """
    for match in _PART.finditer(layout):
        if match[0] in ("{", "}"):
            raise LayoutError(f"{layout!r} has a brace without its partner")
        if match["name"] is not None and match["name"] not in NAMES:
            raise LayoutError(f"{layout!r}: there is no {{{match['name']}}}; available: {', '.join(NAMES)}")
    if layout.startswith("/") or ".." in layout.split("/") or not layout:
        raise LayoutError(f"{layout!r} is not a path within the suite")


def depth(layout: str) -> int:
    """Return how many folders lie between the suite and a source."""
    return layout.count("/")


def place_of(path: str, layout: str, runtime: Runtime) -> Place | None:
    """Return the benchmark and variant of a source of a runtime; None where the path does not fit the layout.

    Without `{benchmark}` in the layout the file's own name is that of the benchmark.
    """
    match = re.fullmatch(_expression(layout, runtime), path)
    if match is None:
        return None
    found = match.groupdict()
    name = found.get("benchmark") or re.split(r"[.@]", path.rpartition("/")[2], maxsplit=1)[0]
    return Place(benchmark=name if layout == DEFAULT_LAYOUT else plain_name(name), variant=found.get("variant") or "")


def plain_name(text: str) -> str:
    """Return a name of a foreign suite as seqbench writes names: `n-queens` for `N_Queens`."""
    return text.lower().replace("_", "-")


def glob_of(layout: str) -> str:
    """Return a pattern of all paths that may fit a layout, whatever the runtime."""
    return _PART.sub(lambda match: match[0] if match["name"] is None else "*", layout)


def _expression(layout: str, runtime: Runtime) -> str:
    seen: set[str] = set()

    def part(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:
            return "[^/]+" if match[0] == "*" else re.escape(match[0])
        again = name in seen
        seen.add(name)
        match name:
            case "benchmark":
                own = "[^/]+" if layout == DEFAULT_LAYOUT else "[^/.]+"
                return "(?P=benchmark)" if again else f"(?P<benchmark>{own})"
            case "variant":
                return "" if again else r"(?:\.(?P<variant>[a-z0-9-]+))?"
            case "runtime":
                return f"(?:{'|'.join(map(re.escape, (runtime.name, *runtime.aliases)))})"
            case "extension":
                return re.escape(runtime.extension)
            case _:
                return "[^/]+"

    return _PART.sub(part, layout)
