"""`new`, `env`, `readme` and `clean`: maintain a project."""

import os
import shlex
import sys

from invoke.tasks import task

from seqbench.errors import UsageError
from seqbench.project import Project
from seqbench.tasks.bench import BENCH_HELP
from seqbench.tasks.common import RUNTIME_LIST, SUITE_HELP, guarded, say, shown


@task(
    positional=["name"],
    help={
        "name": "name of the benchmark: lower-case letters, digits and hyphens",
        "runtimes": f"languages of its programs, separated by commas, of {RUNTIME_LIST} (default: all with a template)",
        **SUITE_HELP,
    },
)
@guarded
def new(
    project: Project,
    name: str,
    runtimes: str | None = None,
    suite: str | None = None,
    suite_file: str | None = None,
) -> None:
    """Write a new benchmark that runs at once, to start from."""
    from seqbench.config import PYPROJECT
    from seqbench.flags import Flags, request_of
    from seqbench.suite.scaffold import write_skeleton

    if suite is None and not project.owns_its_suite:
        raise UsageError(
            f"{project.root} has no suite of its own: it uses the benchmarks of seqbench",
            f'add [tool.seqbench] with suite = "benchmarks" to {project.root / PYPROJECT}',
        )
    request = request_of(project, Flags(runtimes=runtimes, suite=suite, suite_file=suite_file))
    for path in write_skeleton(request.suite_folder, name, request.runtimes, suite_file=request.suite_file):
        print(f"wrote {shown(path)}")
    file = f" --suite-file {shown(request.suite_file)}" if request.suite_file else ""
    other = f"bench --suite {shown(request.suite_folder)}{file} --only {name}"
    print(f"now: {project.command} {f'bench-{name}' if request.is_default_suite else other}")


@task(name="env", help={**{key: BENCH_HELP[key] for key in ("seqc", "target-cpu")}, **SUITE_HELP})
@guarded
def environment(
    project: Project,
    seqc: str | None = None,
    target_cpu: str | None = None,
    suite: str | None = None,
    suite_file: str | None = None,
) -> None:
    """Print the shell line that puts the tools of the suite on PATH."""
    from seqbench.bench.tools import find_tools
    from seqbench.flags import Flags, request_of
    from seqbench.tasks.progress import progress

    flags = Flags(seqc=seqc, target_cpu=target_cpu, suite=suite, suite_file=suite_file, allow_unknown_settings=True)
    request = request_of(project, flags)
    with progress() as view:
        tools = find_tools(request.load_suite().default_runtimes, request, view)
    folders = [str(tool.folder or tool.path.parent) for tool in tools.tools]
    print(f'export PATH={shlex.quote(os.pathsep.join(folders))}:"$PATH"')


@task
@guarded
def readme(project: Project) -> None:
    """Copy the recorded tables into README.md, and draw the ratios for the picture in it."""
    from seqbench.ci.record import load_record
    from seqbench.flags import Flags, request_of
    from seqbench.publish.html.picture import THEMES, ratio_picture
    from seqbench.sessions.readme import picture_path, with_tables
    from seqbench.system.files import write_atomically

    path = project.root / "README.md"
    if not path.is_file():
        raise UsageError(
            f"{path} does not exist: this task copies the recorded tables into it",
            "create it with the lines <!-- begin: LATEST_RUN.txt --> and <!-- end: LATEST_RUN.txt -->",
        )
    text, record = path.read_text(encoding="utf-8"), load_record(project.record)
    written = {path: with_tables(text, record)}
    titles = request_of(project, Flags()).load_suite().titles
    for theme in THEMES if record.ratios else ():
        if place := picture_path(text, theme):
            written[project.root / place] = ratio_picture(record, theme, titles)
    for file, content in written.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, content.encode())
        print(f"wrote {shown(file)}")


@task(
    help={
        "toolchain": "remove built compilers and tools too (building a compiler again takes minutes)",
        "older-than": "with --toolchain: only compilers that were not used for this long, such as 30d",
        "results": "remove the stored results too, after a question",
        "yes": "do not ask before results are removed",
    }
)
@guarded
def clean(
    project: Project,
    toolchain: bool = False,
    older_than: str | None = None,
    results: bool = False,
    yes: bool = False,
) -> None:
    """Remove built programs."""
    if older_than is not None:
        _clean_unused(toolchain=toolchain, older_than=older_than, others=results or yes)
        return
    from seqbench.system.files import cache_folder, remove_folder
    from seqbench.system.lock import cache_unused

    stored = sum(path.is_file() for path in project.results.rglob("*")) if project.results.is_dir() else 0
    if results and stored:
        _require_removal(project, stored, yes=yes)
    cache = cache_folder(os.environ)
    # Only what seqbench writes there: the user may have chosen a folder with other files for the cache.
    made = (
        ("seqc", "worktrees", "clang", "go-build", "go", "zig", "rust", "maven", "native", "tools") if toolchain else ()
    )
    folders = [cache / name for name in ("programs", *made)]
    with cache_unused(cache):
        for folder in [*folders, project.results] if results and stored else folders:
            if remove_folder(folder):
                count = f" ({_files(stored)})" if folder == project.results else ""
                print(f"removed {shown(folder)}{count}")
    if stored and not results:
        where = shown(project.results)
        if not project.foreign_results:
            words = "--results --yes" if yes else "--results"
            say(project, f"left {_files(stored)} in {where}: {{invoke}} clean {words} removes them")
        else:
            doubt = f"{project.foreign_results}, so it may contain other files"
            say(project, f"left {where}: {doubt}; rm -r {where} removes it")


def _clean_unused(*, toolchain: bool, older_than: str, others: bool) -> None:
    """Remove the compilers that were not used for some time, and nothing else."""
    from datetime import UTC, datetime

    from seqbench.system.files import cache_folder
    from seqbench.system.lock import cache_unused
    from seqbench.toolchain.kept import kept_compilers, remove_unused
    from seqbench.units import iso_utc, parse_since, short_bytes

    if not toolchain or others:
        raise UsageError(
            f"--older-than {older_than} is for compilers: expected --toolchain and no other flag",
            f"use {{invoke}} clean --toolchain --older-than {older_than}",
        )
    try:
        since = parse_since(older_than, datetime.now(UTC))
    except ValueError as error:
        raise UsageError(f"--older-than: {error}", "use --older-than 30d") from error
    cache = cache_folder(os.environ)
    with cache_unused(cache):
        removed = remove_unused(cache, since)
        left = kept_compilers(cache)
    for kept in removed:
        print(f"removed {shown(kept.path)} ({short_bytes(kept.size_bytes)}, last used {iso_utc(kept.used_at)})")
    room = short_bytes(sum(kept.size_bytes for kept in removed))
    kept_room = short_bytes(sum(kept.size_bytes for kept in left))
    print(f"{len(removed)} removed, {room}; {len(left)} kept, {kept_room}, used since {iso_utc(since)}")


def _require_removal(project: Project, stored: int, *, yes: bool) -> None:
    """Raise a UsageError unless the user wants the results removed."""
    where = shown(project.results)
    if project.foreign_results:
        raise UsageError(
            f"--results: {where} may contain other files, because {project.foreign_results}",
            f"look at its {_files(stored)}, then rm -r {where}",
        )
    if yes:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError(
            f"--results removes {_files(stored)} in {where}, which cannot be measured again",
            "add --yes if you do not need them",
        )
    say(project, f"Remove {_files(stored)} in {where}? They cannot be measured again. [y/N]")
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError(f"--results: nothing was removed, {where} has its {_files(stored)}", "answer y, or add --yes")


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"
