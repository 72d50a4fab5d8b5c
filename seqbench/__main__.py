"""`python -m seqbench` and the command `seqbench`: a door to the tasks that needs no tasks.py."""

import sys
from importlib.metadata import version
from pathlib import Path

from invoke.program import Program

from seqbench.errors import ExitCode
from seqbench.project import Project, find_project
from seqbench.tasks import namespace_of
from seqbench.tasks.common import complain, errors_told

_SCRIPT = "seqbench"


def main() -> None:
    """Do what Invoke does, for the project that the current folder belongs to."""
    name = _SCRIPT if Path(sys.argv[0]).stem == _SCRIPT else f"python -m {_SCRIPT}"
    try:
        here = Path.cwd()
    except FileNotFoundError:
        complain(Project(root=Path(), command=name), "the current folder is not there any more", "cd into one that is")
        sys.exit(ExitCode.USAGE)
    project = find_project(here, command=name)
    program = Program(
        version=version(_SCRIPT),
        namespace=namespace_of(project),
        name=_SCRIPT,
        binary=name,
        binary_names=[_SCRIPT],
    )
    with errors_told(project):
        program.run()


if __name__ == "__main__":
    main()
