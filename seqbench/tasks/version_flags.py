"""The flags that `bisect` and `timeline` have in common."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from seqbench.project import Project
from seqbench.tasks.common import SEED_HELP, TARGET_HELP, WIDE_HELP, require_alone

if TYPE_CHECKING:
    from pathlib import Path

    from seqbench.bench.request import Request

_Body = Callable[..., None]
_COMMON = "common"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionFlags:
    """The flags of every task that measures versions, as typed; None for a flag that was not given."""

    repo: str | None = None
    runtime: str | None = None
    only: str | None = None
    size: str | None = None
    runs: str | None = None
    budget: str | None = None
    margin: str | None = None
    target_cpu: str | None = None
    seed: str | None = None
    json: str | None = None
    resume: str | None = None
    wide: bool = False

    def request(self, project: Project, *own: object) -> "Request":
        """Return the request of a task.

        Parameters
        ----------
        own
            The flags that only this task has, which cannot be combined with `--resume` either.

        Raises
        ------
        UsageError
            A flag is invalid, or cannot be combined with `--resume`.
        """
        from seqbench.flags import Flags, make_runs, request_of

        beside_resume = replace(self, resume=None, budget=None, json=None, wide=False)
        require_alone(self.resume, beside_resume != VersionFlags(), *own)
        request = request_of(
            project,
            Flags(
                only=self.only,
                size=self.size,
                budget=self.budget,
                target_cpu=self.target_cpu,
                seed=self.seed,
                usual_budget="",
            ),
        )
        # These are the rounds of one part, and the budget is for all parts: one does not contradict the other.
        return replace(request, runs=make_runs(self.runs))

    def margin_share(self, project: Project) -> float:
        """Return the margin as a share, that of the configuration where none was given.

        Raises
        ------
        UsageError
            It is not a percentage above zero.
        """
        from seqbench.config import load_config
        from seqbench.flags import make_margin

        return make_margin(self.margin, load_config(project.root))

    def folder(self) -> "Path | None":
        """Return the folder of `--repo`."""
        from seqbench.paths import user_path

        return user_path(self.repo) if self.repo else None


def version_help(document: str) -> dict[str, str]:
    """Return the help of these flags; `document` is what the task measures, such as `timeline`."""
    return {
        "repo": "a clone of the Seq repository, so that the versions are commits (of the first parents)",
        "runtime": "the language of --versions, such as go for --versions GO=/a/go,GO=/b/go (default: seq)",
        "size": "as for compare",
        "budget": "the time that measuring may take, without the builds; also beside --runs (default: no limit)",
        "target-cpu": TARGET_HELP,
        "seed": SEED_HELP,
        "json": f"also write the {document} with its samples to this file; - writes it to standard output",
        "resume": f"continue an interrupted {document}: its file in results/; only --budget and --json may be added",
        "wide": WIDE_HELP,
    }


def with_version_flags(body: _Body) -> _Body:
    """Return the body of a task with these flags after its own; it gets them as `common`."""
    signature = inspect.signature(body)
    own = [parameter for name, parameter in signature.parameters.items() if name != _COMMON]
    keyword = inspect.Parameter.POSITIONAL_OR_KEYWORD
    added = [inspect.Parameter(each.name, keyword, default=each.default) for each in fields(VersionFlags)]

    @functools.wraps(body)
    def run(project: Project, **flags: Any) -> None:  # noqa: ANN401 - the flags of a task
        common = {each.name: flags.pop(each.name) for each in added if each.name in flags}
        body(project, **flags, common=VersionFlags(**common))

    run.__signature__ = signature.replace(parameters=[*own, *added])  # type: ignore[attr-defined]
    return run
