"""Build programs in parallel, and cache the executables by the content of their sources and tools.

Each build has its own TMPDIR. `seqc build` writes its runtime to a fixed name there, so two builds that shared the
folder could link each other's runtime.
"""

import hashlib
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from seqbench.errors import ToolchainError
from seqbench.events import Detail, Listener
from seqbench.runtimes.base import CompilerBug
from seqbench.runtimes.recipes import Places, Recipe, build_recipe, lint_recipe, start
from seqbench.sessions.session import Failed, Stage
from seqbench.suite.benchmarks import Program
from seqbench.system import process
from seqbench.system.facts import Command, Finished
from seqbench.system.files import write_atomically
from seqbench.toolchain.places import content_digest
from seqbench.toolchain.template import names_in
from seqbench.toolchain.toolchain import Toolchain

_TIMEOUT_S = 600.0
_OUTPUT_LIMIT_BYTES = 16 << 20
_SHOWN_CHARACTERS = 4_000
_BLANKS = 64
# Increase it when the same sources and tools would give another executable.
_RECIPE = "2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Executable:
    """A built program, or a copy of the sources where these are run."""

    path: Path
    digest: str
    command: tuple[str, ...] = ()
    """What starts it, without the parameters; empty where `path` itself is started."""
    arguments: tuple[str, ...] | None = None
    """Its arguments with `{parameter}` in them, in place of those of the program; None for those."""
    environment: tuple[tuple[str, str], ...] = ()
    """Variables that it is always started with."""
    directory: Path | None = None
    """The folder to start it in; None for an empty one."""
    size_bytes: int = 0
    """Of what the build made; 0 where nothing is built."""

    @property
    def argv(self) -> tuple[str, ...]:
        """Return what starts it, without the parameters."""
        return self.command or (str(self.path),)

    @property
    def is_started(self) -> bool:
        """Return whether the file that the build made is in what starts it: the system or a wrapper runs its code."""
        return bool(self.size_bytes) and str(self.path) in self.argv


def build_all(
    programs: tuple[Program, ...],
    toolchain: Toolchain,
    *,
    cache: Path,
    environment: Mapping[str, str],
    listen: Listener,
) -> dict[Program, Executable | Failed]:
    """Return the executable of each program, or its failure; only programs that are not in the cache are built."""

    def one(program: Program) -> Executable | Failed:
        return _build(program, toolchain, cache=cache, environment=environment, listen=listen)

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        return dict(zip(programs, pool.map(one, programs), strict=True))


def lint(program: Program, toolchain: Toolchain, environment: Mapping[str, str]) -> str:
    """Run the linter of its language on a program; return its output, or an empty text if it found nothing."""
    with tempfile.TemporaryDirectory(prefix="seqbench-") as scratch:
        places = _copied(program, Path(scratch), cache=Path(scratch))
        if program.runtime.build and program.runtime.build.makes_folder:
            places.output.mkdir(parents=True)
        recipe = lint_recipe(program.runtime, toolchain, places)
        finished = _run(recipe, Path(scratch), environment)
    return "" if finished is None or finished.ok else _as_in_suite(_output_text(finished), program, places)


def program_label(program: Program) -> str:
    """Return the name of a program for people: `fanout (Go, idiomatic)`."""
    variant = f", {program.variant}" if program.variant else ""
    return f"{program.benchmark} ({program.runtime.title}{variant})"


def _build(
    program: Program, toolchain: Toolchain, *, cache: Path, environment: Mapping[str, str], listen: Listener
) -> Executable | Failed:
    runtime = program.runtime
    try:
        home = cache / "programs" / _key(program, toolchain)
        places = _kept(program, home, cache)
        started = start(runtime, toolchain, places)
    except ToolchainError as error:
        reason = "no compiler" if runtime.build else "no interpreter"
        return Failed(stage=Stage.BUILD, reason=reason, detail=f"{error.message}\n  fix: {error.fix}")
    path = places.output if runtime.build else places.source
    if not _is_whole(program, places):
        listen(Detail(text=f"building {program_label(program)}"))
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home, prefix=".build-") as scratch:
            failed = _compile(program, toolchain, Path(scratch), environment, places)
        if failed is not None:
            shutil.rmtree(home, ignore_errors=True)
            return failed
        write_atomically(_digest_file(places), _digest(program, places).encode())
    return Executable(
        path=path,
        digest=_digest(program, places),
        command=() if started.command == (str(path),) else started.command,
        environment=started.environment,
        directory=places.source.parent if runtime.run.in_source_folder else None,
        size_bytes=_size_bytes(path) if runtime.build else 0,
    )


def timed_build(program: Program, toolchain: Toolchain, *, cache: Path, environment: Mapping[str, str]) -> int | Failed:
    """Build a program once more, beside the cache, and return the time of the build in nanoseconds.

    The copy of the source ends with blanks that no build had before, so that no tool finds the result in its own cache.
    """
    with tempfile.TemporaryDirectory(prefix="seqbench-") as scratch:
        places = _copied(program, Path(scratch), cache=cache)
        with places.source.open("ab") as source:
            source.write(_unique_blanks())
        recipe = build_recipe(program.runtime, toolchain, places)
        if program.runtime.build and program.runtime.build.makes_folder:
            places.output.mkdir()
        began_ns = time.monotonic_ns()
        failed = _made(program, recipe, places, environment)
        return failed or time.monotonic_ns() - began_ns


def _unique_blanks() -> bytes:
    return b"\n" + bytes(secrets.choice(b" \t") for _ in range(_BLANKS)) + b"\n"


def _size_bytes(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else (path,)
    return sum(file.stat().st_size for file in files if file.is_file())


def _kept(program: Program, home: Path, cache: Path) -> Places:
    """Return where a program lies in its folder of the cache."""
    suite = home / "src"
    return Places(
        benchmark=program.benchmark,
        variant=program.variant,
        suite=suite,
        source=suite / program.source.relative_to(program.suite),
        output=home / program.benchmark,
        cache=cache,
    )


def _runs_sources(program: Program) -> bool:
    """Return whether the sources must be there when the program runs."""
    runtime = program.runtime
    names = set(names_in(runtime.run.command)) | set(names_in([word for _, word in runtime.run.environment]))
    return runtime.build is None or runtime.run.in_source_folder or bool(names & {"source", "sources", "suite"})


def _digest_file(places: Places) -> Path:
    """Return the file that holds the digest of a cached program."""
    return places.output.with_name(f"{places.output.name}.sha256")


def _digest(program: Program, places: Places) -> str:
    """Return the digest of what is started: the result of the build, the sources, or both."""
    digests = [content_digest(places.output)] if program.runtime.build else []
    if _runs_sources(program):
        root = program.suite
        # Not of what a run may leave beside them.
        digests += [
            content_digest(places.suite / file.relative_to(root)) for file in (program.source, *program.helpers)
        ]
    whole = hashlib.sha256("\n".join(digests).encode()).hexdigest()
    return digests[0] if len(digests) == 1 else f"sha256:{whole}"


def _is_whole(program: Program, places: Places) -> bool:
    """Return whether a cached program is there as it was built: a full disk or a crash may have cut it."""
    try:
        return _digest_file(places).read_text() == _digest(program, places)
    except OSError:
        return False


def _copied(program: Program, scratch: Path, *, cache: Path) -> Places:
    """Copy the sources, since a compiler may write beside them."""
    places = replace(_kept(program, scratch, cache), output=scratch / program.benchmark)
    root = program.suite
    for file in (program.source, *program.helpers):
        copy = places.suite / file.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    return places


def _compile(
    program: Program, toolchain: Toolchain, scratch: Path, environment: Mapping[str, str], kept: Places
) -> Failed | None:
    """Build copies of the sources in `scratch`, and move the result to its place in the cache."""
    places = _copied(program, scratch, cache=kept.cache)
    build = program.runtime.build
    if build is not None:
        if build.makes_folder:
            places.output.mkdir()
        if failed := _made(program, build_recipe(program.runtime, toolchain, places), places, environment):
            return failed
        _replace(places.output, kept.output)
    if _runs_sources(program):
        _replace(places.suite, kept.suite)
    return None


def _replace(new: Path, old: Path) -> None:
    if old.is_dir():
        shutil.rmtree(old)
    new.rename(old)


def _made(program: Program, recipe: Recipe, places: Places, environment: Mapping[str, str]) -> Failed | None:
    """Run the commands of a build; what they made is at `places.output` afterwards."""
    label, scratch = program_label(program), places.output.parent
    try:
        finished = _run(recipe, scratch, environment)
    except OSError as error:
        detail = f"{error.filename or recipe.commands[0][0]}: {error.strerror}"
        return Failed(stage=Stage.BUILD, reason="compiler does not start", detail=detail)
    printed = "" if finished is None else _as_in_suite(_output_text(finished), program, places)
    if finished is not None and not finished.ok:
        bug = program.runtime.compiler_bug
        if bug is not None and re.search(bug.pattern, printed):
            return _bug_of_compiler(bug, program, places, _output_text(finished))
        return Failed(stage=Stage.BUILD, reason="does not compile", detail=f"{label}:\n{printed}")
    if not recipe.made.exists():
        return Failed(
            stage=Stage.BUILD,
            reason="compiler made nothing",
            detail=f"{label}: {recipe.commands[-1][0]} succeeded, but did not write {recipe.made.name}\n{printed}",
        )
    if not recipe.made.is_relative_to(places.output):
        shutil.copy2(recipe.made, places.output)
    return None


def _bug_of_compiler(bug: CompilerBug, program: Program, places: Places, printed: str) -> Failed:
    """Return the failure of a program whose compiler made invalid code, and keep that code in the cache."""
    home = places.cache / "invalid-code" / program.benchmark
    kept = []
    # Some compilers write beside the source, others beside the output.
    for file in sorted(places.output.parent.rglob(bug.keep)):
        write_atomically(home / file.name, file.read_bytes())
        printed = printed.replace(str(file), str(home / file.name))
        kept.append(f"kept: {home / file.name}")
    printed = _as_in_suite(printed, program, places)
    detail = "\n".join([f"{program_label(program)}:", printed, *kept, f"fix: {bug.fix}"])
    reason = f"{bug.tool} made invalid code for {program.source.name} (its fault)"
    return Failed(stage=Stage.BUILD, reason=reason, detail=detail)


def _as_in_suite(text: str, program: Program, places: Places) -> str:
    """Return the output of a tool with the paths of the sources in place of those of their copies."""
    return text.replace(f"{places.suite}{os.sep}", f"{program.suite}{os.sep}")


def _run(recipe: Recipe, scratch: Path, environment: Mapping[str, str]) -> Finished | None:
    """Run the commands until one fails; return the last one that ran, None where there is none."""
    basics = {key: environment[key] for key in ("HOME", "PATH") if key in environment}
    for name, text in recipe.files:
        write_atomically(scratch / name, text.encode())
    finished = None
    for argv in recipe.commands:
        command = Command(
            argv=argv,
            directory=scratch,
            environment={**basics, **recipe.environment, "TMPDIR": str(scratch)},
            timeout_s=_TIMEOUT_S,
            output_limit_bytes=_OUTPUT_LIMIT_BYTES,
        )
        finished = process.run(command)
        if not finished.ok:
            break
    return finished


def _output_text(finished: Finished) -> str:
    output = (finished.stdout + finished.stderr).decode("utf-8", errors="replace").strip()
    return output[-_SHOWN_CHARACTERS:] or f"it printed nothing and ended: {finished.ending} {finished.status}"


def _key(program: Program, toolchain: Toolchain) -> str:
    """Return a digest of everything that an executable depends on."""
    runtime = program.runtime
    digest = hashlib.sha256(f"{_RECIPE}\n{runtime.name}\n{runtime.build}\n".encode())
    for need in runtime.tools:
        tool = toolchain.tool(need.key)
        digest.update(
            f"{tool.name}\n{tool.version}\n{tool.digest}\n{' '.join(tool.flags)}\n{tool.target_cpu}\n"
            # As it is written: what is filled in may name the cache.
            f"{need.environment}\n".encode()
        )
    for file in (program.source, *program.helpers):
        content = file.read_bytes()
        # With its place: two benchmarks may have the same sources, and each keeps its own.
        place = file.relative_to(program.suite).as_posix()
        digest.update(f"{place}\n{len(content)}\n".encode() + content)
    return digest.hexdigest()[:32]
