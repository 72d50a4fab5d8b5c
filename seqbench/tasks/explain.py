"""`explain`: where the time goes."""

import os

from invoke.exceptions import Exit
from invoke.tasks import task

from seqbench.config import load_config
from seqbench.errors import ExitCode
from seqbench.experiments.explain import report
from seqbench.experiments.explain import run as explaining
from seqbench.experiments.explain.document import explanation_to_json
from seqbench.flags import Flags, make_request
from seqbench.project import Project
from seqbench.runtimes.registry import RUNTIMES
from seqbench.system.files import write_atomically
from seqbench.tasks.bench import BENCH_HELP
from seqbench.tasks.common import guarded, progress, say, shown
from seqbench.tasks.output import Answer

# With its traces and whatever else it does, an explanation of the whole suite stays below five minutes.
_EXPLAIN_BUDGET = "2m"


_EXPLAIN_HELP = {
    "only": "benchmarks to explain, with commas between (default: all)",
    "runtimes": "runtimes to run (default: all, seq,go,may,tokio; what cannot be built is said, and the others go on)",
    "budget": "time for the timed runs (default: 2m)",
    "size": "the larger of two sizes: full, reduced, quick or a number for what scales (default: reduced)",
    "seqc": BENCH_HELP["seqc"],
    "seed": "for the order in the rounds and the bootstrap (default: drawn, and recorded)",
    "json": "write all that was measured to this file too; - writes it to standard output",
}


@task(help=_EXPLAIN_HELP)
@guarded
def explain(
    project: Project,
    only: str | None = None,
    runtimes: str | None = None,
    budget: str | None = None,
    size: str | None = None,
    seqc: str | None = None,
    seed: str | None = None,
    json: str | None = None,
) -> None:
    """Say where the time goes."""
    every = ",".join(runtime.name for runtime in RUNTIMES)
    flags = Flags(
        only=only,
        runtimes=runtimes or every,
        budget=budget or _EXPLAIN_BUDGET,
        size=size or "reduced",
        seqc=seqc,
        seed=seed,
    )
    request = make_request(flags, load_config(project.root), project.root, dict(os.environ))
    answer = Answer(project, json)
    answer.require_places(request)
    with progress() as view:
        explanation = explaining.run(request, listen=view)
    answer.text(report.full_text(explanation))
    document = explanation_to_json(explanation)
    path = project.results / f"explain-{request.seed}.json"
    write_atomically(path, document.encode())
    answer.document(document)
    say(project, f"\nkept in {shown(path)}")
    if explanation.has_failures():
        raise Exit(code=ExitCode.BENCHMARK_FAILED)
