"""`new`, `env`, `readme` and `clean`: maintain a project."""

import os
import shlex

from invoke.tasks import task

from seqbench.errors import UsageError
from seqbench.project import Project
from seqbench.tasks.bench import BENCH_HELP
from seqbench.tasks.common import guarded, say, shown


@task(positional=["name"], help={"name": "name of the benchmark: lower-case letters, digits and hyphens"})
@guarded
def new(project: Project, name: str) -> None:
    """Write a new benchmark that runs at once, to start from."""
    from seqbench.config import PYPROJECT
    from seqbench.suite.scaffold import write_skeleton

    if not project.owns_its_suite:
        raise UsageError(
            f"{project.root} has no suite of its own: it uses the benchmarks of seqbench",
            f'add [tool.seqbench] with suite = "benchmarks" to {project.root / PYPROJECT}',
        )
    for path in write_skeleton(project.suite, name):
        print(f"wrote {shown(path)}")
    print(f"now: {project.command} bench-{name}")


@task(name="env", help={key: BENCH_HELP[key] for key in ("seqc", "target-cpu")})
@guarded
def environment(project: Project, seqc: str | None = None, target_cpu: str | None = None) -> None:
    """Print the shell line that puts seqc, clang and Go on PATH."""
    from seqbench.bench.prepare import find_tools
    from seqbench.flags import Flags, request_of
    from seqbench.runtimes.registry import DEFAULT_RUNTIMES
    from seqbench.tasks.progress import progress

    request = request_of(project, Flags(seqc=seqc, target_cpu=target_cpu, allow_unknown_settings=True))
    with progress() as view:
        tools = find_tools(DEFAULT_RUNTIMES, request, view)
    folders = [str(tool.folder or tool.path.parent) for tool in tools.tools]
    print(f'export PATH={shlex.quote(os.pathsep.join(folders))}:"$PATH"')


@task
@guarded
def readme(project: Project) -> None:
    """Copy the recorded tables into README.md."""
    from seqbench.ci.record import load_record
    from seqbench.sessions.readme import with_tables
    from seqbench.system.files import write_atomically

    path = project.root / "README.md"
    if not path.is_file():
        raise UsageError(
            f"{path} does not exist: this task copies the recorded tables into it",
            "create it with the lines <!-- begin: LATEST_RUN.txt --> and <!-- end: LATEST_RUN.txt -->",
        )
    write_atomically(path, with_tables(path.read_text(encoding="utf-8"), load_record(project.record)).encode())
    print(f"wrote {shown(path)}")


@task(help={"toolchain": "remove built compilers and tools too (building a compiler again takes minutes)"})
@guarded
def clean(project: Project, toolchain: bool = False) -> None:
    """Remove built programs and stored sessions."""
    from seqbench.system.files import cache_folder, remove_folder

    cache = cache_folder(os.environ)
    # Only what seqbench writes there: the user may have chosen a folder with other files for the cache.
    made = ("seqc", "clang", "go-build", "go", "zig", "rust", "native", "tools") if toolchain else ()
    folders = [cache / name for name in ("programs", *made)]
    if project.is_configured:
        folders.append(project.results)
    elif project.results.is_dir():
        left = shown(project.results)
        say(project, f"left {left}: without [tool.seqbench] it may contain other files; rm -r {left} removes it")
    for folder in folders:
        if remove_folder(folder):
            print(f"removed {shown(folder)}")
