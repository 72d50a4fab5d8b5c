"""Measure the figures of docs/FINDINGS.md and write it with its pictures: run `python -m studies.claims`."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from seqbench.config import load_config
from seqbench.errors import ExitCode, SeqbenchError
from seqbench.flags import Flags, make_margin, make_request
from seqbench.project import Project
from seqbench.system.files import require_writable, write_atomically
from seqbench.system.process import interruptible
from seqbench.tasks.common import errors_reported, say, shown
from seqbench.tasks.progress import progress
from studies.claims import page, run

ROOT = Path(__file__).resolve().parents[2]
PROBES = Path(__file__).resolve().parent / "probes"
_BUDGET = "33m"


def main(words: Sequence[str] | None = None, root: Path = ROOT, probes: Path = PROBES) -> None:
    """Run the command for the project in `root`, with the small programs of `probes`.

    Raises
    ------
    SystemExit
        The command failed, was interrupted, or a program failed; the exit codes are those of the tasks.
    """
    given = _parser().parse_args(words)
    project = Project(root=root)
    with errors_reported(project), interruptible():
        _write_page(project, probes, given)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m studies.claims",
        description="Run explain, sweep, tune and the small programs of probes/, and write docs/FINDINGS.md.",
    )
    parser.add_argument(
        "--budget", default=_BUDGET, help="time for all measurements (default: %(default)s; tuning takes about half)"
    )
    parser.add_argument("--seqc", help="the compiler to measure: a SPEC, as for invoke bench")
    parser.add_argument("--seed", help="seed of the order in the rounds and of the bootstrap (default: random)")
    parser.add_argument(
        "--resume",
        action="store_true",
        help="reuse the parts in results/ that are valid (same machine, sources, tools), and measure the rest",
    )
    return parser


def _write_page(project: Project, probes: Path, given: argparse.Namespace) -> None:
    config = load_config(project.root)
    flags = Flags(budget=given.budget, seqc=given.seqc, seed=given.seed)
    request = make_request(flags, config, project.root, dict(os.environ))
    docs = project.root / "docs"
    for folder in (project.results, request.cache, docs):
        require_writable(folder)
    try:
        with progress() as view:
            found = run.run(
                request,
                project.results,
                probes,
                margin=make_margin(None, config),
                is_resumed=given.resume,
                listen=view,
            )
    except (KeyboardInterrupt, SeqbenchError):
        if any(project.results.glob("findings-*.json")):
            say(project, "kept in results/; to resume: python -m studies.claims --resume")
        raise
    for name, text in page.pages(found, datetime.now(UTC)).items():
        path = docs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text.encode())
        say(project, f"wrote {shown(path)}", sys.stdout)
    if found.has_failures():
        sys.exit(ExitCode.BENCHMARK_FAILED)


if __name__ == "__main__":
    main()
