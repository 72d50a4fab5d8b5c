"""Define a version of a runtime and a gap between versions, and read lists of SPECs. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seqbench.errors import UsageError

RANGE = ".."
_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One of the versions that are measured, in their order."""

    label: str
    """What people call it: `7.4.1`, the beginning of a hash, or the SPEC."""
    spec: str
    subject: str = ""
    """The subject of a commit."""

    @property
    def text(self) -> str:
        """Return the label with the subject of the commit."""
        return f"{self.label} ({self.subject})" if self.subject else self.label


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A version without a time, and why."""

    version: int
    """Its place in the list."""
    benchmark: str
    """Empty: all of them, because the version itself cannot be built."""
    reason: str
    """Short: `does not build`, `does not compile`, `wrong result`."""
    detail: str = ""


def split_specs(text: str, *, of_compilers: bool) -> tuple[str, ...]:
    """Return the SPECs of a list, which is separated by commas as their settings are.

    A compiler begins a SPEC, and so does a variable that the SPEC before it has already.

    Raises
    ------
    UsageError
        The list is empty, or has a SPEC twice.

    Examples
    --------
    >>> split_specs("7.7.4,7.7.5,SEQ_POOL_CAPACITY=100", of_compilers=True)
    ('7.7.4', '7.7.5,SEQ_POOL_CAPACITY=100')
    >>> split_specs("GO=/a/go,GOGC=200,GO=/b/go", of_compilers=False)
    ('GO=/a/go,GOGC=200', 'GO=/b/go')
    """
    specs = tuple(",".join(parts) for parts in _grouped(text, of_compilers=of_compilers))
    if not specs:
        raise UsageError(f"--versions {text!r} names no version", "use --versions A,B,C or --versions A..B")
    for spec in specs:
        if specs.count(spec) > 1:
            raise UsageError(f"--versions: {spec} is in the list twice", "name each version once")
    return specs


def _grouped(text: str, *, of_compilers: bool) -> Iterator[list[str]]:
    parts: list[str] = []
    for part in (each.strip() for each in text.split(",")):
        if not part:
            continue
        if parts and _begins_spec(part, parts, of_compilers=of_compilers):
            yield parts
            parts = []
        parts.append(part)
    if parts:
        yield parts


def _begins_spec(part: str, before: Sequence[str], *, of_compilers: bool) -> bool:
    name, equals, _ = part.partition("=")
    if of_compilers:
        return not equals and not part.startswith("--")
    return bool(equals) and name in [each.partition("=")[0] for each in before]


def split_range(text: str, *, of_commits: bool = False) -> tuple[str, str] | None:
    """Return both ends of `A..B`; None where the text is no range.

    A path may contain dots, so `../seqc` is none. A name of a commit may contain slashes: `origin/main..HEAD`.

    Raises
    ------
    UsageError
        An end is missing.
    """
    first, dots, last = text.strip().partition(RANGE)
    if not dots or ("/" in text and not of_commits) or "," in text:
        return None
    if not first or not last:
        raise UsageError(f"--versions {text!r}: an end of the range is missing", "use --versions A..B")
    return first.strip(), last.strip()


def at_commit(folder: str, commit: str) -> str:
    """Return the SPEC of a commit, with as many digits as people can read."""
    return f"checkout:{folder}@{commit[:_SHOWN]}"


def named(versions: Sequence[Version], name: str, flag: str) -> int:
    """Return the place of the version with this label or SPEC, or with a label that begins so.

    Raises
    ------
    UsageError
        It is not in the list, or more than one version begins so.
    """
    places = [place for place, each in enumerate(versions) if name in (each.label, each.spec)]
    places = places or [place for place, each in enumerate(versions) if name and each.label.startswith(name)]
    if len(places) == 1:
        return places[0]
    listed = ", ".join(each.label for each in versions[:_SHOWN])
    more = ", ..." if len(versions) > _SHOWN else ""
    problem = "is not in the list of versions" if not places else "may be more than one version"
    raise UsageError(f"{flag} {name} {problem}", f"use one of: {listed}{more}")
