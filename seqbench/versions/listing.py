"""Read which versions a task asks for: a list of SPECs, a range of releases, or commits of a checkout."""

from dataclasses import dataclass
from pathlib import Path

from seqbench.bench.request import Request
from seqbench.compare.stored import spec_reader
from seqbench.errors import UsageError
from seqbench.events import Listener
from seqbench.runtimes.registry import COMPARED_RUNTIME
from seqbench.runtimes.settings import require_valid
from seqbench.toolchain.compiler_spec import Spec, parse_spec
from seqbench.versions.commits import commits, version_of
from seqbench.versions.releases import between, releases
from seqbench.versions.version import Version, split_range, split_specs

# More would take days to build; a range so long is a mistake.
_MOST = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The versions of a task as they were typed."""

    text: str
    """`A,B,C` or `A..B`."""
    repo: Path | None = None
    """The checkout whose commits they are."""
    runtime: str = COMPARED_RUNTIME

    @property
    def of_compilers(self) -> bool:
        """Return whether the SPECs name compilers of Seq; for any other runtime they are variables."""
        return self.runtime == COMPARED_RUNTIME


def find_versions(listing: Listing, request: Request, listen: Listener) -> tuple[Version, ...]:
    """Return the versions in their order: of a list that of the list, of a range the oldest first.

    Raises
    ------
    UsageError
        A version does not exist, the range is empty or the wrong way round, or a SPEC is invalid.
    ToolchainError
        A range of releases needs cargo, which was not found.
    """
    ends = split_range(listing.text, of_commits=listing.repo is not None)
    if listing.repo is not None:
        _require_compilers(listing, "--repo")
        environment = request.environment
        if ends is not None:
            found = commits(listing.repo, *ends, environment=environment, listen=listen)
        else:
            clone = listing.repo.absolute()
            names = split_specs(listing.text, of_compilers=True)
            found = tuple(version_of(clone, name, environment) for name in names)
    elif ends is not None:
        _require_compilers(listing, f"--versions {listing.text}")
        cpu, cache = request.target_cpu, request.cache
        known = releases(cache=cache, environment=request.environment, cpu=cpu, listen=listen)
        found = tuple(Version(label=each, spec=each) for each in between(*ends, known))
    else:
        specs = split_specs(listing.text, of_compilers=listing.of_compilers)
        found = tuple(Version(label=each, spec=each) for each in specs)
    _require_some(found, listing)
    for version in found:
        spec_of(version, listing.runtime)
    return found


def spec_of(version: Version, runtime: str) -> Spec:
    """Return the SPEC of a version.

    Raises
    ------
    UsageError
        It is none, or has an unknown setting.
    """
    read = spec_reader((runtime,))
    spec = read(version.spec)
    if read is parse_spec:
        require_valid(spec, allow_unknown=False)
    return spec


def _require_compilers(listing: Listing, what: str) -> None:
    if not listing.of_compilers:
        raise UsageError(
            f"{what} is for compilers of Seq, and --runtime is {listing.runtime}",
            "give a list, such as --versions GO=/a/go,GO=/b/go",
        )


def _require_some(found: tuple[Version, ...], listing: Listing) -> None:
    if len(found) == 1:
        raise UsageError(
            f"--versions {listing.text} is one version: expected two or more", "name another version, or a range A..B"
        )
    if len(found) > _MOST:
        raise UsageError(
            f"--versions {listing.text} has {len(found):,} versions: expected at most {_MOST:,}", "choose a part of it"
        )
