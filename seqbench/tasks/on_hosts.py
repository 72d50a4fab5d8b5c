"""Add `--hosts` to a task: it runs on other machines, and its results come back."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

from seqbench.project import Project

TASKS_ON_HOSTS = ("bench", "compare", "gate", "calibrate", "sweep", "doctor")
HOSTS_HELP = {
    "hosts": "run on these machines in place of this one: names of your ssh configuration, separated by commas "
    "(needs pip install 'seqbench[hosts]')",
}
FETCH_HELP = {"resume": "fetch what --hosts measured after a connection broke: its file in results/hosts/"}
_RESUME = "resume"
_Body = Callable[..., None]


def on_hosts(task: str) -> Callable[[_Body], _Body]:
    """Return a decorator that adds `--hosts` to the body of a task, and `--resume` where it has none and measures."""

    def decorator(body: _Body) -> _Body:
        signature = inspect.signature(body)
        has_resume = _RESUME in signature.parameters
        added = [
            *(["hosts"] if "hosts" not in signature.parameters else []),
            *([_RESUME] if not has_resume and "json" in signature.parameters else []),
        ]

        @functools.wraps(body)
        def run(project: Project, **flags: Any) -> None:  # noqa: ANN401 - the flags of a task
            hosts, resume = flags.pop("hosts", None), flags.get(_RESUME)
            if hosts is not None or (resume is not None and _is_of_hosts(resume, has_resume=has_resume)):
                from seqbench.tasks.hosts import task_on_hosts

                task_on_hosts(project, task, hosts, flags)
                return
            if not has_resume:
                flags.pop(_RESUME, None)
            body(project, **flags)

        keyword = inspect.Parameter.POSITIONAL_OR_KEYWORD
        run.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[
                *signature.parameters.values(),
                *(inspect.Parameter(name, keyword, default=None, annotation=str | None) for name in added),
            ]
        )
        return run

    return decorator


def _is_of_hosts(resume: str, *, has_resume: bool) -> bool:
    """Return whether a file of `--resume` is one of `--hosts`; a task that resumes nothing else takes no other."""
    from seqbench.hosts.record import RUN_SCHEMA
    from seqbench.paths import user_path
    from seqbench.sessions.document import schema_of

    return not has_resume or schema_of(user_path(resume)) == RUN_SCHEMA
