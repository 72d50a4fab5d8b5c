"""From programs and tools to executables: compiled side by side, kept by content, each build with a TMPDIR of its own.

`seqc build` writes its runtime to one fixed name in TMPDIR, so two builds that shared it could link each other's.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from seqbench.errors import ToolchainError
from seqbench.events import Detail, Listener
from seqbench.runtimes.base import Recipe
from seqbench.sessions.session import Failed, Stage
from seqbench.suite.benchmarks import Program
from seqbench.system import process
from seqbench.system.facts import Command, Finished
from seqbench.system.files import write_atomically
from seqbench.toolchain.toolchain import Toolchain
from seqbench.toolchain.tools import content_digest

_TIMEOUT_S = 600.0
_OUTPUT_LIMIT_BYTES = 16 << 20
_SHOWN_CHARACTERS = 4_000
# Bump it when a build of the same sources by the same tools would come out otherwise.
_RECIPE = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Executable:
    """A built program."""

    path: Path
    digest: str


def build_all(
    programs: tuple[Program, ...],
    toolchain: Toolchain,
    *,
    cache: Path,
    environment: Mapping[str, str],
    listen: Listener,
) -> dict[Program, Executable | Failed]:
    """Build what is not in the cache; a program that does not compile is a value, the others go on."""

    def one(program: Program) -> Executable | Failed:
        return _build(program, toolchain, cache=cache, environment=environment, listen=listen)

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        return dict(zip(programs, pool.map(one, programs), strict=True))


def lint(program: Program, toolchain: Toolchain, environment: Mapping[str, str]) -> str:
    """Run the language's linter over a program; return what it found, empty when nothing."""
    recipe = program.runtime.lint(toolchain, program.source)
    with tempfile.TemporaryDirectory(prefix="seqbench-") as scratch:
        finished = _run(recipe, Path(scratch), environment)
    return "" if finished.ok else _said(finished)


def program_label(program: Program) -> str:
    """Name a program as people read it: `fanout (Go, idiomatic)`."""
    variant = f", {program.variant}" if program.variant else ""
    return f"{program.benchmark} ({program.runtime.title}{variant})"


def _build(
    program: Program, toolchain: Toolchain, *, cache: Path, environment: Mapping[str, str], listen: Listener
) -> Executable | Failed:
    try:
        path = cache / "programs" / _key(program, toolchain) / program.benchmark
    except ToolchainError as error:
        return Failed(stage=Stage.BUILD, reason="no compiler", detail=f"{error.message}\n  fix: {error.fix}")
    if not _is_whole(path):
        listen(Detail(text=f"building {program_label(program)}"))
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".build-") as scratch:
            failed = _compile(program, toolchain, Path(scratch), environment, path)
        if failed is not None:
            shutil.rmtree(path.parent, ignore_errors=True)
            return failed
        write_atomically(_digest_of(path), content_digest(path).encode())
    return Executable(path=path, digest=content_digest(path))


def _digest_of(path: Path) -> Path:
    """Return the file that holds the digest of a cached program."""
    return path.with_name(f"{path.name}.sha256")


def _is_whole(path: Path) -> bool:
    """Return whether a cached program is there as it was built: a full disk or a crash may have cut it."""
    try:
        return _digest_of(path).read_text() == content_digest(path)
    except OSError:
        return False


def _compile(
    program: Program, toolchain: Toolchain, scratch: Path, environment: Mapping[str, str], path: Path
) -> Failed | None:
    """Build in `scratch`, on copies, for a compiler may write beside its source; move what came out to `path`."""
    suite, sources = program.source.parent.parent, scratch / "src"
    (sources / program.source.parent.name).mkdir(parents=True)
    for file in (program.source, *program.helpers):
        shutil.copyfile(file, sources / file.relative_to(suite))
    output = scratch / program.benchmark
    label = program_label(program)
    recipe = program.runtime.build(toolchain, sources / program.source.relative_to(suite), output)
    try:
        finished = _run(recipe, scratch, environment)
    except OSError as error:
        return Failed(stage=Stage.BUILD, reason="compiler does not start", detail=f"{recipe.argv[0]}: {error.strerror}")
    said = _said(finished).replace(f"{sources}{os.sep}", f"{suite}{os.sep}")
    if not finished.ok:
        return Failed(stage=Stage.BUILD, reason="does not compile", detail=f"{label}:\n{said}")
    made = recipe.made or output
    if not made.is_file():
        return Failed(
            stage=Stage.BUILD,
            reason="compiler made nothing",
            detail=f"{label}: {recipe.argv[0]} ended well and wrote no {made.name}\n{said}",
        )
    if made != output:
        shutil.copy2(made, output)
    output.rename(path)
    return None


def _run(recipe: Recipe, scratch: Path, environment: Mapping[str, str]) -> Finished:
    basics = {key: environment[key] for key in ("HOME", "PATH") if key in environment}
    for name, text in recipe.files:
        (scratch / name).write_text(text, encoding="utf-8")
    command = Command(
        argv=recipe.argv,
        directory=scratch,
        environment={**basics, **recipe.environment, "TMPDIR": str(scratch)},
        timeout_s=_TIMEOUT_S,
        output_limit_bytes=_OUTPUT_LIMIT_BYTES,
    )
    return process.run(command)


def _said(finished: Finished) -> str:
    said = (finished.stdout + finished.stderr).decode("utf-8", errors="replace").strip()
    return said[-_SHOWN_CHARACTERS:] or f"it said nothing and ended: {finished.ending} {finished.status}"


def _key(program: Program, toolchain: Toolchain) -> str:
    """Digest of all that decides what comes out of a build."""
    digest = hashlib.sha256(f"{_RECIPE}\n{program.runtime.name}\n".encode())
    for need in program.runtime.tools:
        tool = toolchain.tool(need.name)
        digest.update(
            f"{tool.name}\n{tool.version}\n{tool.digest}\n{' '.join(tool.flags)}\n{tool.target_cpu}\n".encode()
        )
    for file in (program.source, *program.helpers):
        content = file.read_bytes()
        digest.update(f"{file.name}\n{len(content)}\n".encode() + content)
    return digest.hexdigest()[:32]
