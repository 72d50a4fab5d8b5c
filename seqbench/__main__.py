"""Run the tasks as `python -m seqbench` or `seqbench`, without a tasks.py."""

import sys
from importlib.metadata import version
from pathlib import Path

from invoke.program import Program

from seqbench.errors import ExitCode
from seqbench.project import Project, find_project
from seqbench.tasks import namespace_of
from seqbench.tasks.common import errors_reported, report_error

_SCRIPT = "seqbench"


def main() -> None:
    """Run Invoke for the project that the current folder belongs to."""
    name = _SCRIPT if Path(sys.argv[0]).stem == _SCRIPT else f"python -m {_SCRIPT}"
    try:
        here = Path.cwd()
    except FileNotFoundError:
        report_error(Project(root=Path(), command=name), "the current folder no longer exists", "cd to another folder")
        sys.exit(ExitCode.USAGE)
    project = find_project(here, command=name)
    program = Program(
        version=version(_SCRIPT),
        namespace=namespace_of(project),
        name=_SCRIPT,
        binary=name,
        binary_names=[_SCRIPT],
    )
    with errors_reported(project):
        program.run()


if __name__ == "__main__":
    main()
