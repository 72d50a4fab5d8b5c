"""What compare, gate and calibrate share: two compilers measured in the same rounds."""

import os
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from seqbench.bench.request import Request
from seqbench.compare.calibration import load_calibration
from seqbench.compare.document import StoredComparison, Versus, comparison_to_json, load_comparison
from seqbench.compare.run import versus
from seqbench.config import load_config
from seqbench.events import Listener
from seqbench.flags import Flags, make_request, make_versus
from seqbench.project import Project
from seqbench.sessions.session import Session
from seqbench.system.files import cache_folder, write_atomically
from seqbench.tasks.common import progress, say, shown
from seqbench.tasks.output import WIDE_HELP, Answer

COMPARE_HELP = {
    "base": "the compiler to compare with: a SPEC as for --seqc, or a stored session (results/x.json)",
    "head": "the compiler that is judged: a SPEC, or a stored session",
    "only": "benchmarks to compare, with commas between (default: all)",
    "runs": "rounds for each benchmark (default: as many as the budget allows)",
    "budget": "time to measure in (default: compare-budget in pyproject.toml)",
    "margin": "what is called the same, such as 2% (default: margin in pyproject.toml)",
    "seed": "for the order in the rounds (default: drawn, and recorded)",
    "json": "write the comparison with its raw samples to this file too; - writes it to standard output",
    "resume": "go on with an interrupted comparison: its file in results/",
    "wide": WIDE_HELP,
}


def compare_two(
    project: Project,
    flags: Flags,
    sides: tuple[str | None, str | None, str | None],
    *,
    answer: Answer,
    resume: str | None,
    probe: bool,
    listen: Listener | None = None,
) -> StoredComparison:
    """Measure two compilers; all that was measured is kept in results/, as it is given.

    `sides` are base, head and margin as they were typed; an interrupted comparison brings its own, and its seed.
    Progress goes to `listen`, or to standard error.
    """
    config = load_config(project.root)
    flags = replace(flags, budget=flags.budget or config.compare_budget)
    resumed: tuple[Session, ...] = ()
    if resume:
        stored = load_comparison(Path(resume))
        resumed = stored.sessions
        sides = (stored.base_spec, stored.head_spec, f"{stored.margin * 100}%")
        flags = replace(flags, only=",".join(stored.only) or None, seed=str(resumed[0].seed) if resumed else None)
    wanted = make_versus(*sides, config)
    request = make_request(flags, config, project.root, dict(os.environ))
    answer.require_places(request)
    path = project.results / f"{'gate' if probe else 'compare'}-{request.seed}.json"

    def save(sessions: tuple[Session, ...]) -> None:
        keep_comparison(path, comparison_of(request, wanted, sessions))

    try:
        with nullcontext(listen) if listen else progress() as view:
            sessions = versus(
                request,
                wanted,
                listen=view,
                save=save,
                resumed=resumed,
                probe=probe,
                calibration=load_calibration(calibration_path()),
            )
    except KeyboardInterrupt:
        if path.exists():
            name = "gate" if probe else "compare"
            say(project, f"kept: invoke {name} --resume {shown(path)} goes on with it")
        raise
    say(project, f"kept in {shown(path)}\n")
    return comparison_of(request, wanted, sessions)


def comparison_of(request: Request, wanted: Versus, sessions: tuple[Session, ...]) -> StoredComparison:
    """Put together what was asked and what came of it so far."""
    return StoredComparison(
        base_spec=wanted.base.text,
        head_spec=wanted.head.text,
        only=request.only,
        margin=wanted.margin,
        sessions=sessions,
    )


def keep_comparison(path: Path, comparison: StoredComparison) -> None:
    """Write a comparison into its file."""
    write_atomically(path, comparison_to_json(comparison).encode())


def calibration_path() -> Path:
    """Where the calibration of this machine is."""
    return cache_folder(os.environ) / "calibration.json"
