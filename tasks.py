"""Where Invoke finds the tasks, for the folder that this file is in."""

from pathlib import Path

from seqbench.project import Project
from seqbench.tasks import namespace_of

namespace = namespace_of(Project(root=Path(__file__).resolve().parent))
