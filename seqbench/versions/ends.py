"""Find the versions from a good to a bad one."""

from dataclasses import dataclass
from pathlib import Path

from seqbench.bench.request import Request
from seqbench.errors import UsageError
from seqbench.events import Listener
from seqbench.runtimes.registry import COMPARED_RUNTIME
from seqbench.toolchain.compiler_spec import Published, Spec, parse_spec
from seqbench.versions.listing import Listing, find_versions
from seqbench.versions.version import Version, named

_USAGE = "{invoke} bisect --good 7.0.0 --bad 7.7.5, or name the versions with --versions A,B,C"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """The flags of `invoke bisect` that name versions; None for one that was not given."""

    good: str | None = None
    bad: str | None = None
    versions: str | None = None
    repo: Path | None = None
    runtime: str | None = None


def versions_between(ends: Ends, request: Request, listen: Listener) -> tuple[Version, ...]:
    """Return the versions from good to bad, both included.

    Raises
    ------
    UsageError
        An end is missing, does not exist, or both are the same or the wrong way round.
    ToolchainError
        A range of releases needs cargo, which was not found.
    """
    runtime = ends.runtime or COMPARED_RUNTIME
    if ends.versions is not None:
        found = find_versions(Listing(text=ends.versions, repo=ends.repo, runtime=runtime), request, listen)
        low = named(found, ends.good, "--good") if ends.good else 0
        high = named(found, ends.bad, "--bad") if ends.bad else len(found) - 1
        _require_order(found[low].label, found[high].label, low, high)
        return found[low : high + 1]
    if not ends.good or not ends.bad:
        raise UsageError(f"--{'bad' if ends.good else 'good'} is missing: expected both ends", _USAGE)
    if ends.good == ends.bad:
        _require_order(ends.good, ends.bad, 0, 0)
    if ends.repo is not None:
        text = f"{ends.good}..{ends.bad}"
        return _turned(Listing(text=text, repo=ends.repo, runtime=runtime), ends, request, listen)
    good, bad = _release("--good", ends.good, runtime), _release("--bad", ends.bad, runtime)
    first, settings = _parted(good)
    last, others = _parted(bad)
    if settings != others:
        raise UsageError(
            f"--good {ends.good} and --bad {ends.bad} have different settings: the versions between them have neither",
            "give both the same settings, or name all versions with --versions",
        )
    listing = Listing(text=f"{first}..{last}", runtime=runtime)
    found = _turned(listing, ends, request, listen)
    return tuple(Version(label=each.label, spec=each.spec + settings) for each in found)


def _turned(listing: Listing, ends: Ends, request: Request, listen: Listener) -> tuple[Version, ...]:
    """Return the versions of a range, with an error in the words of bisect where it is the wrong way round."""
    try:
        found = find_versions(listing, request, listen)
    except UsageError as error:
        if "wrong way round" in error.message:
            _require_order(ends.good or "", ends.bad or "", 1, 0)
        raise
    return found


def _require_order(good: str, bad: str, low: int, high: int) -> None:
    if low == high:
        raise UsageError(f"--good and --bad are both {good}: there is nothing between them", "choose another --good")
    if low > high:
        raise UsageError(
            f"--good {good} comes after --bad {bad}: good and bad are the wrong way round",
            f"use --good {bad} --bad {good}; a version that made it faster is found that way too",
        )


def _release(flag: str, text: str, runtime: str) -> Spec:
    if runtime != COMPARED_RUNTIME:
        raise UsageError(f"{flag} {text}: the versions of {runtime} between both ends are not known", _USAGE)
    spec = parse_spec(text)
    if not isinstance(spec.source, Published):
        raise UsageError(
            f"{flag} {text} is no release: the versions between both ends are not known",
            "name all versions with --versions A,B,C, or commits with --repo DIR",
        )
    return spec


def _parted(spec: Spec) -> tuple[str, str]:
    """Return the release, and its settings with the comma before them."""
    version, comma, settings = spec.text.partition(",")
    return version.strip(), comma + settings
