"""The Invoke tasks: each turns its flags into a call of the library, prints what came of it, and sets the exit code."""

import functools
import inspect
import os
import shlex
import sys
import traceback
import webbrowser
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import Task, task
from rich.console import Console

from seqbench import ci as ci_steps
from seqbench import (
    compare_report,
    explain_report,
    findings_page,
    gate,
    html_report,
    pipeline,
    record,
    report,
    repository,
    scaffold,
    store,
    suite,
    sweep_report,
    tune_report,
)
from seqbench import doctor as doctor_checks
from seqbench import explain as explaining
from seqbench import history as past
from seqbench import investigation as investigating
from seqbench import sweep as sweeping
from seqbench import tune as tuning
from seqbench.calibration import noise_warnings
from seqbench.compare import Comparison, obstacles
from seqbench.compare import compare as compare_sessions
from seqbench.comparison import Verdict
from seqbench.config import Config, load_config
from seqbench.errors import CheckError, ExitCode, InconclusiveError, SeqbenchError, UsageError
from seqbench.events import Listener, Phase
from seqbench.export import FORMATS, export, find_format
from seqbench.files import cache_folder, history_file, remove_folder, require_writable, write_atomically
from seqbench.history_import import find_files, import_files
from seqbench.history_report import full_text as history_text
from seqbench.over import parse_over, parse_steps
from seqbench.process import interruptible
from seqbench.progress import ProgressView
from seqbench.readme import with_tables
from seqbench.regression import Outcome, judge_gate
from seqbench.report_files import gather
from seqbench.request import Flags, Request, Versus, make_margin, make_request, make_selection, make_versus
from seqbench.runtimes import DEFAULT_RUNTIMES, RUNTIMES
from seqbench.session import Session, State
from seqbench.swept import SweepDocument
from seqbench.trend import trend_of
from seqbench.tuned import TuneDocument

PROJECT = Path(__file__).resolve().parent
RECORD = PROJECT / pipeline.RECORD_NAME
RESULTS = PROJECT / "results"
# With its traces and whatever else it does, an explanation of the whole suite stays below five minutes.
_EXPLAIN_BUDGET = "2m"
_FINDINGS_BUDGET = "33m"

_BENCH_HELP = {
    "only": "benchmarks to run, with commas between: --only skynet,fanout (default: all)",
    "runtimes": "runtimes to run: --runtimes seq,go,may,tokio (default: seq,go; the first two make the ratio)",
    "size": "full (refuses to scale down), reduced, quick or a number for what scales (default: full, or what fits)",
    "runs": "rounds that count, for each benchmark (default: as many as the budget allows, 6 to 30)",
    "budget": "time to measure in, such as 90s or 10m (default: budget in pyproject.toml)",
    "timeout": "most time for one run of a program (default: what benchmark.toml says)",
    "seqc": "the compiler: a version, a path, checkout:DIR, then settings: 7.7.5,runtime=cargo-install",
    "suite": "another folder of benchmarks; such a run is not recorded",
    "json": "write the session to this file too; - writes it to standard output, and nothing else there",
    "no-record": "leave LATEST_RUN.txt alone",
    "seed": "for the order in the rounds and the bootstrap (default: drawn, and recorded)",
}


def _guarded(body: Callable[..., None]) -> Callable[..., None]:
    """Turn every error into a message with its mend and an exit code; no traceback reaches a user."""

    @functools.wraps(body)
    def guarded(*arguments: Any, **flags: Any) -> None:  # noqa: ANN401 - whatever Invoke passes
        try:
            with interruptible():
                body(*arguments, **flags)
        except SeqbenchError as error:
            _complain(error.message, error.remedy)
            raise Exit(code=error.exit_code) from None
        except KeyboardInterrupt:
            _complain("interrupted; every program that was started is gone", "")
            raise Exit(code=ExitCode.INTERRUPTED) from None
        except Exit:
            raise
        except BrokenPipeError:
            _discard_output()
        except OSError as error:
            _complain_of_file(error)
            raise Exit(code=ExitCode.USAGE) from None
        except Exception as error:  # noqa: BLE001 - the last guard before a user
            if os.environ.get("SEQBENCH_TRACEBACK"):
                traceback.print_exc()
            what = f"{type(error).__name__}: {error}"
            _complain(f"a defect in seqbench itself: {what}", "SEQBENCH_TRACEBACK=1 shows where; please report it")
            raise Exit(code=ExitCode.CHECK_FAILED) from None
        finally:
            _flush()

    return guarded


def _flush() -> None:
    """Write out what is still held back: where that fails only when Python ends, it warns and exits with 120."""
    try:
        if sys.stdout is not None:  # nor was it given one
            sys.stdout.flush()
    except OSError as error:
        _discard_output()
        # A reader that goes away, such as `head`, has read what it wanted.
        if not isinstance(error, BrokenPipeError):
            _complain_of_file(error)
            raise Exit(code=ExitCode.USAGE) from None


def _discard_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain_of_file(error: OSError) -> None:
    where = f"{error.filename}: " if error.filename else ""
    is_lost = isinstance(error, FileNotFoundError)
    mend = "invoke clean, then try again" if is_lost else "free the disk, or choose a place that can be written"
    _complain(f"{where}{error.strerror or error}", mend)


def _complain(message: str, remedy: str) -> None:
    print(f"error: {message}", file=sys.stderr)
    if remedy:
        print(f"  mend: {remedy}", file=sys.stderr)


@task(help=_BENCH_HELP)
@_guarded
def bench(
    context: Context,
    only: str | None = None,
    runtimes: str | None = None,
    size: str | None = None,
    runs: str | None = None,
    budget: str | None = None,
    timeout: str | None = None,
    seqc: str | None = None,
    suite: str | None = None,
    json: str | None = None,
    no_record: bool = False,
    seed: str | None = None,
) -> None:
    """Build, run and check all benchmarks: Seq against Go."""
    flags = Flags(
        only=only,
        runtimes=runtimes,
        size=size,
        runs=runs,
        budget=budget,
        timeout=timeout,
        seqc=seqc,
        suite=suite,
        seed=seed,
    )
    request = make_request(flags, load_config(PROJECT), PROJECT, dict(os.environ))
    for folder in (RESULTS, request.cache, *([] if json in (None, "-") else [Path(json).absolute().parent])):
        require_writable(folder)
    if json and Path(json).is_dir():
        raise UsageError(f"--json {json}: it is a folder", "give a file in it")
    out = sys.stderr if json == "-" else sys.stdout
    session, unsaved = _measure(request, out)
    print(report.full_text(session), file=out)
    if unsaved is not None:
        raise unsaved
    _keep(session, json=json, recorded=not no_record and request.is_default_suite)
    _remember(session)
    if session.failures():
        raise Exit(code=ExitCode.BENCHMARK_FAILED)


def _measure(request: Request, out: TextIO) -> tuple[Session, OSError | None]:
    """Run the pipeline with progress on standard error; an interrupted session is shown before it goes on up.

    A disk that fills up in the middle does not end the measuring: the error comes back beside the session.
    """
    last: list[Session] = []
    unsaved: list[OSError] = []

    def save(session: Session) -> None:
        last[:] = [session]
        try:
            store.save(store.result_path(RESULTS, session), session)
            unsaved.clear()
        except OSError as error:
            unsaved[:] = [error]

    try:
        with ProgressView(Console(stderr=True)) as view:
            session = pipeline.bench(request, listen=view, save=save)
        return session, unsaved[0] if unsaved else None
    except KeyboardInterrupt:
        if last and last[0].state is State.INTERRUPTED:
            print(report.full_text(last[0]), file=out)
            if not unsaved:
                print(f"kept in {_shown(store.result_path(RESULTS, last[0]))}", file=out)
        raise


def _keep(session: Session, *, json: str | None, recorded: bool) -> None:
    path = store.result_path(RESULTS, session)
    if json == "-":
        print(store.to_json(session), end="")
    elif json:
        store.save(Path(json).absolute(), session)
    lines = [f"session: {_shown(path)}"]
    if recorded and record.is_worth_recording(session):
        write_atomically(RECORD, record.render(record.record_of(session)).encode())
        lines.append(f"record: {_shown(RECORD)}")
    print("\n".join(["", *lines]), file=sys.stderr)


def _remember(session: Session) -> None:
    """Put a session into the history; its own file stands whatever comes of that, so an error is but a warning."""
    try:
        with ProgressView(Console(stderr=True)) as view:
            past.record(_history_path(), session, view)
    except UsageError as error:
        print(f"warning: not in the history: {error.message}\n  mend: {error.remedy}", file=sys.stderr)
        again = f"invoke history --import {_shown(store.result_path(RESULTS, session))}"
        print(f"  then: {again}", file=sys.stderr)


def _history_path() -> Path:
    return history_file(load_config(PROJECT).history, PROJECT, dict(os.environ))


def _shown(path: Path) -> str:
    return os.path.relpath(path)


_COMPARE_HELP = {
    "base": "the compiler to compare with: a SPEC as for --seqc, or a stored session (results/x.json)",
    "head": "the compiler that is judged: a SPEC, or a stored session",
    "only": "benchmarks to compare, with commas between (default: all)",
    "runs": "rounds for each benchmark (default: as many as the budget allows)",
    "budget": "time to measure in (default: compare-budget in pyproject.toml)",
    "margin": "what is called the same, such as 2% (default: margin in pyproject.toml)",
    "seed": "for the order in the rounds (default: drawn, and recorded)",
    "json": "write the comparison with its raw samples to this file too; - writes it to standard output",
    "resume": "go on with an interrupted comparison: its file in results/",
}


@task(help=_COMPARE_HELP)
@_guarded
def compare(
    context: Context,
    base: str | None = None,
    head: str | None = None,
    only: str | None = None,
    runs: str | None = None,
    budget: str | None = None,
    margin: str | None = None,
    seed: str | None = None,
    json: str | None = None,
    resume: str | None = None,
) -> None:
    """Say whether one compiler is faster than another."""
    config = load_config(PROJECT)
    stored_sides = [bool(text) and str(text).endswith(".json") for text in (base, head)]
    if any(stored_sides) and not all(stored_sides):
        raise UsageError(
            "one side is a stored session and the other is not: there is nothing to pair",
            "give two SPECs, which are measured now, or two session files",
        )
    if all(stored_sides):
        _compare_stored(Path(base or ""), Path(head or ""), make_margin(margin, config))
        return
    flags = Flags(only=only, runs=runs, budget=budget or config.compare_budget, seed=seed)
    wanted, sessions = _versus(flags, (base, head, margin), resume=resume, json=json, probe=False)
    found = compare_sessions(*sessions, runtime=pipeline.COMPARED_RUNTIME, paired=True, margin=wanted.margin)
    text = compare_report.full_text(found, wanted.base.text, wanted.head.text)
    print(text, file=sys.stderr if json == "-" else sys.stdout)
    for warning in noise_warnings(store.load_calibration(_calibration_path()), found):
        print(f"warning: {warning}", file=sys.stderr)
    _exit_for(found)


def _versus(
    flags: Flags,
    sides: tuple[str | None, str | None, str | None],
    *,
    resume: str | None,
    json: str | None,
    probe: bool,
    listen: Listener | None = None,
) -> tuple[Versus, tuple[Session, ...]]:
    """Measure two compilers; all that was measured is kept in results/.

    `sides` are base, head and margin as they were typed; an interrupted comparison brings its own, and its seed.
    Progress goes to `listen`, or to standard error.
    """
    config = load_config(PROJECT)
    resumed: tuple[Session, ...] = ()
    if resume:
        stored = store.load_comparison(Path(resume))
        resumed = stored.sessions
        sides = (stored.base_spec, stored.head_spec, f"{stored.margin * 100}%")
        flags = replace(flags, only=",".join(stored.only) or None, seed=str(resumed[0].seed) if resumed else None)
    wanted = make_versus(*sides, config)
    request = make_request(flags, config, PROJECT, dict(os.environ))
    for folder in (RESULTS, request.cache):
        require_writable(folder)
    path = RESULTS / f"{'gate' if probe else 'compare'}-{request.seed}.json"

    def document(sessions: tuple[Session, ...]) -> str:
        return store.comparison_to_json(
            store.StoredComparison(
                base_spec=wanted.base.text,
                head_spec=wanted.head.text,
                only=request.only,
                margin=wanted.margin,
                sessions=sessions,
            )
        )

    def save(sessions: tuple[Session, ...]) -> None:
        write_atomically(path, document(sessions).encode())

    try:
        with nullcontext(listen) if listen else ProgressView(Console(stderr=True)) as view:
            sessions = pipeline.versus(
                request,
                wanted,
                listen=view,
                save=save,
                resumed=resumed,
                probe=probe,
                calibration=store.load_calibration(_calibration_path()),
            )
    except KeyboardInterrupt:
        if path.exists():
            name = "gate" if probe else "compare"
            print(f"kept: invoke {name} --resume {_shown(path)} goes on with it", file=sys.stderr)
        raise
    if json == "-":
        print(document(sessions), end="")
    elif json:
        write_atomically(Path(json).absolute(), document(sessions).encode())
    print(f"kept in {_shown(path)}\n", file=sys.stderr)
    return wanted, sessions


@task(name="gate", help={**_COMPARE_HELP, "base": "the baseline compiler (default: baseline in pyproject.toml)"})
@_guarded
def regression_gate(
    context: Context,
    base: str | None = None,
    head: str | None = None,
    only: str | None = None,
    runs: str | None = None,
    budget: str | None = None,
    margin: str | None = None,
    seed: str | None = None,
    json: str | None = None,
    resume: str | None = None,
) -> None:
    """Fail when the current compiler is slower than the baseline."""
    config = load_config(PROJECT)
    baseline = base or config.baseline
    if not baseline and not resume:
        raise UsageError("there is no baseline to compare with", "give --base SPEC, or set baseline in pyproject.toml")
    current = head or os.environ.get("SEQC") or config.seqc
    flags = Flags(only=only, runs=runs, budget=budget or config.compare_budget, seed=seed)
    outcome, text = _gate(flags, (baseline, current, margin), resume=resume, json=json)
    print(text, file=sys.stderr if json == "-" else sys.stdout)
    if outcome is not Outcome.PASS:
        raise Exit(code=ExitCode.CHECK_FAILED if outcome is Outcome.FAIL else ExitCode.INCONCLUSIVE)


def _gate(
    flags: Flags,
    sides: tuple[str | None, str | None, str | None],
    *,
    resume: str | None = None,
    json: str | None = None,
    listen: Listener | None = None,
) -> tuple[Outcome, str]:
    """Measure and judge; give the outcome and what a person should read."""
    wanted, sessions = _versus(flags, sides, resume=resume, json=json, probe=True, listen=listen)
    judged = judge_gate(*sessions, runtime=pipeline.COMPARED_RUNTIME, margin=wanted.margin)
    return judged.outcome, compare_report.gate_text(judged, wanted.base.text, wanted.head.text)


@task(
    help={
        **{key: _COMPARE_HELP[key] for key in ("only", "runs", "budget", "seed")},
        "seqc": _BENCH_HELP["seqc"],
    }
)
@_guarded
def calibrate(
    context: Context,
    only: str | None = None,
    runs: str | None = None,
    budget: str | None = None,
    seed: str | None = None,
    seqc: str | None = None,
) -> None:
    """Say what a comparison can find on this machine."""
    config = load_config(PROJECT)
    spec = seqc or os.environ.get("SEQC") or config.seqc
    flags = Flags(only=only, runs=runs, budget=budget or config.compare_budget, seed=seed)
    wanted, sessions = _versus(flags, (spec, spec, None), resume=None, json=None, probe=True)
    seen = judge_gate(*sessions, runtime=pipeline.COMPARED_RUNTIME, margin=wanted.margin)
    found = pipeline.calibration_of(seen, config.compare_budget_s)
    if not found.benchmarks:
        print(compare_report.gate_text(seen, spec, spec))
        raise Exit(code=ExitCode.BENCHMARK_FAILED)
    write_atomically(_calibration_path(), store.calibration_to_json(found).encode())
    print(compare_report.calibration_text(found, seen.proofs, config.compare_budget_s))


def _calibration_path() -> Path:
    return cache_folder(os.environ) / "calibration.json"


_SWEEP_HELP = {
    "over": "what is swept and between which values: --over strands=1000:1000000, or messages, workers, ...",
    "only": "benchmarks to sweep, with commas between (default: all that have such a parameter)",
    "runtimes": "runtimes to run: --runtimes seq,go,may,tokio (default: seq,go; ratios are to the second one)",
    "runs": "rounds at each value (default: as many as the budget allows, 6 to 30)",
    "budget": "time to measure in (default: compare-budget in pyproject.toml)",
    "steps": "how many values (default: 6 to 10 on a geometric scale)",
    "timeout": _BENCH_HELP["timeout"],
    "seqc": _BENCH_HELP["seqc"],
    "seed": "for the order in the rounds and the bootstrap (default: drawn, and recorded)",
    "json": "write the sweep with its raw samples to this file too; - writes it to standard output",
    "resume": "go on with an interrupted sweep: its file in results/; all but --json is as it was",
}


@task(help=_SWEEP_HELP)
@_guarded
def sweep(
    context: Context,
    over: str | None = None,
    only: str | None = None,
    runtimes: str | None = None,
    runs: str | None = None,
    budget: str | None = None,
    steps: str | None = None,
    timeout: str | None = None,
    seqc: str | None = None,
    seed: str | None = None,
    json: str | None = None,
    resume: str | None = None,
) -> None:
    """Show how time and memory grow over a range of strands, messages, workers."""
    flags = Flags(only=only, runtimes=runtimes, runs=runs, budget=budget, timeout=timeout, seqc=seqc, seed=seed)
    if resume and (flags != Flags() or over or steps):
        raise UsageError("--resume goes on at the settings of its file, and others were given", "leave those out")
    config = load_config(PROJECT)
    flags = replace(flags, budget=budget or config.compare_budget)
    request = make_request(flags, config, PROJECT, dict(os.environ))
    if resume:
        interrupted = store.load_sweep(Path(resume))
        asked, seed_used = partial(sweeping.resume, request, interrupted), interrupted.session.seed
    else:
        asked = partial(sweeping.run, request, parse_over(over), steps=parse_steps(steps))
        seed_used = request.seed
    for folder in (RESULTS, request.cache, *([] if json in (None, "-") else [Path(json).absolute().parent])):
        require_writable(folder)
    document = _sweep(asked, seed_used)
    print(sweep_report.full_text(document), file=sys.stderr if json == "-" else sys.stdout)
    if json == "-":
        print(store.sweep_to_json(document), end="")
    elif json:
        write_atomically(Path(json).absolute(), store.sweep_to_json(document).encode())
    if document.failed_throughout():
        raise Exit(code=ExitCode.BENCHMARK_FAILED)


def _sweep(asked: Callable[..., SweepDocument], seed: int) -> SweepDocument:
    """Measure with progress on standard error; what was measured is kept after every point."""
    path = RESULTS / f"sweep-{seed}.json"
    kept = []

    def save(document: SweepDocument) -> None:
        write_atomically(path, store.sweep_to_json(document).encode())
        kept.append(path)

    try:
        with ProgressView(Console(stderr=True)) as view:
            document = asked(listen=view, save=save)
    except (KeyboardInterrupt, SeqbenchError):
        if kept:
            print(f"kept: invoke sweep --resume {_shown(path)} goes on with it", file=sys.stderr)
        raise
    print(f"kept in {_shown(path)}\n", file=sys.stderr)
    return document


_TUNE_HELP = {
    "only": "benchmarks to tune for, with commas between (default: all)",
    "budget": "time to measure in (default: tune-budget in pyproject.toml)",
    "size": "full, reduced, quick, or a number for what scales (default: reduced, a tenth of full or what fits)",
    "seqc": "the compiler whose settings are varied: a SPEC; what it sets already is the default",
    "seed": "for the order in the rounds (default: drawn, and recorded)",
    "json": "write the tuning with its raw samples to this file too; - writes it to standard output",
}


@task(help=_TUNE_HELP)
@_guarded
def tune(
    context: Context,
    only: str | None = None,
    budget: str | None = None,
    size: str | None = None,
    seqc: str | None = None,
    seed: str | None = None,
    json: str | None = None,
) -> None:
    """Look for settings that make the benchmarks faster."""
    config = load_config(PROJECT)
    flags = Flags(only=only, budget=budget or config.tune_budget, size=size or "reduced", seqc=seqc, seed=seed)
    request = make_request(flags, config, PROJECT, dict(os.environ))
    for folder in (RESULTS, request.cache, *([] if json in (None, "-") else [Path(json).absolute().parent])):
        require_writable(folder)
    path = RESULTS / f"tune-{request.seed}.json"
    kept = []

    def save(document: TuneDocument) -> None:
        write_atomically(path, store.tune_to_json(document).encode())
        kept.append(path)

    try:
        with ProgressView(Console(stderr=True)) as view:
            document = tuning.run(request, margin=make_margin(None, config), listen=view, save=save)
    except KeyboardInterrupt:
        if kept:
            print(f"kept in {_shown(path)}", file=sys.stderr)
        raise
    print(f"kept in {_shown(path)}\n", file=sys.stderr)
    print(tune_report.full_text(document), file=sys.stderr if json == "-" else sys.stdout)
    if json == "-":
        print(store.tune_to_json(document), end="")
    elif json:
        write_atomically(Path(json).absolute(), store.tune_to_json(document).encode())
    if document.default_failed():
        raise Exit(code=ExitCode.BENCHMARK_FAILED)


_EXPLAIN_HELP = {
    "only": "benchmarks to explain, with commas between (default: all)",
    "runtimes": "runtimes to run (default: all, seq,go,may,tokio; what cannot be built is said, and the others go on)",
    "budget": "time for the timed runs (default: 2m)",
    "size": "the larger of two sizes: full, reduced, quick or a number for what scales (default: reduced)",
    "seqc": _BENCH_HELP["seqc"],
    "seed": "for the order in the rounds and the bootstrap (default: drawn, and recorded)",
    "json": "write all that was measured to this file too; - writes it to standard output",
}


@task(help=_EXPLAIN_HELP)
@_guarded
def explain(
    context: Context,
    only: str | None = None,
    runtimes: str | None = None,
    budget: str | None = None,
    size: str | None = None,
    seqc: str | None = None,
    seed: str | None = None,
    json: str | None = None,
) -> None:
    """Say where the time goes, and what holds of what was claimed."""
    every = ",".join(runtime.name for runtime in RUNTIMES)
    flags = Flags(
        only=only,
        runtimes=runtimes or every,
        budget=budget or _EXPLAIN_BUDGET,
        size=size or "reduced",
        seqc=seqc,
        seed=seed,
    )
    request = make_request(flags, load_config(PROJECT), PROJECT, dict(os.environ))
    for folder in (RESULTS, request.cache, *([] if json in (None, "-") else [Path(json).absolute().parent])):
        require_writable(folder)
    with ProgressView(Console(stderr=True)) as view:
        explanation = explaining.run(request, listen=view)
    print(explain_report.full_text(explanation), file=sys.stderr if json == "-" else sys.stdout)
    document = store.explanation_to_json(explanation)
    path = RESULTS / f"explain-{request.seed}.json"
    write_atomically(path, document.encode())
    if json == "-":
        print(document, end="")
    elif json:
        write_atomically(Path(json).absolute(), document.encode())
    print(f"\nkept in {_shown(path)}", file=sys.stderr)
    if explanation.has_failures():
        raise Exit(code=ExitCode.BENCHMARK_FAILED)


@task(
    help={
        "budget": f"time for all measuring together (default: {_FINDINGS_BUDGET}, of which tuning takes about half)",
        "seqc": _BENCH_HELP["seqc"],
        "seed": _SWEEP_HELP["seed"],
        "resume": "take the parts in results/ that still hold (same machine, sources, tools), and go on with the rest",
    }
)
@_guarded
def findings(
    context: Context,
    budget: str | None = None,
    seqc: str | None = None,
    seed: str | None = None,
    resume: bool = False,
) -> None:
    """Run explain, sweep and tune, and write docs/FINDINGS.md."""
    config = load_config(PROJECT)
    flags = Flags(budget=budget or _FINDINGS_BUDGET, seqc=seqc, seed=seed)
    request = make_request(flags, config, PROJECT, dict(os.environ))
    path = PROJECT / "docs" / "FINDINGS.md"
    for folder in (RESULTS, request.cache, path.parent):
        require_writable(folder)
    try:
        with ProgressView(Console(stderr=True)) as view:
            found = investigating.run(
                request, RESULTS, margin=make_margin(None, config), is_resumed=resume, listen=view
            )
    except (KeyboardInterrupt, SeqbenchError):
        print("kept: invoke findings --resume goes on with what was measured", file=sys.stderr)
        raise
    titles = investigating.titles_at_full_size(suite.load_suite(request.suite_folder))
    text = findings_page.page(found, _record_like(found.explanation.large), titles, datetime.now(UTC))
    write_atomically(path, text.encode())
    print(f"wrote {_shown(path)}")
    if found.has_failures():
        raise Exit(code=ExitCode.BENCHMARK_FAILED)


def _record_like(session: Session) -> record.Record | None:
    """Give the record where it is of the same machine and sources as a session."""
    try:
        found = _recorded()
    except CheckError:
        return None
    is_same = (found.sources, found.machine) == (session.sources, session.machine.sentence())
    return found if is_same else None


def _compare_stored(base: Path, head: Path, margin: float) -> None:
    sessions = store.load(base), store.load(head)
    if reasons := obstacles(*sessions):
        raise CheckError("not comparable:\n" + "\n".join(f"  - {reason}" for reason in reasons), "measure both again")
    found = compare_sessions(*sessions, runtime=pipeline.COMPARED_RUNTIME, paired=False, margin=margin)
    print(compare_report.full_text(found, str(base), str(head)))
    _exit_for(found)


def _exit_for(found: Comparison) -> None:
    """Exit with 4 where a side failed, with 5 where something could not be told, else well."""
    if any(each.judgement is None and each.unpaired_ratio is None for each in found.benchmarks):
        raise Exit(code=ExitCode.BENCHMARK_FAILED)
    if any(each.judgement is None or each.verdict is Verdict.INCONCLUSIVE for each in found.benchmarks):
        raise Exit(code=ExitCode.INCONCLUSIVE)


@task(
    name="history",
    iterable=["import_"],
    help={
        "only": "benchmarks to show, with commas between (default: all)",
        "since": "how far back: an age (30d, 2w, 12h) or a date in UTC (2026-11-01)",
        "runtime": "runtimes to show, with commas between (default: all)",
        "limit": "points of each program, the latest ones (default: 30)",
        "import": "put sessions of other machines or CI in: a file, a folder, or a pattern in quotes: 'results/*.json'",
    },
)
@_guarded
def show_history(
    context: Context,
    import_: list[str],
    only: str | None = None,
    since: str | None = None,
    runtime: str | None = None,
    limit: str | None = None,
) -> None:
    """Show how the times of all sessions went, with change points."""
    selection = make_selection(only, runtime, since, limit, now=datetime.now(UTC))
    path = _history_path()
    if import_:
        if (only, since, runtime, limit) != (None,) * 4:
            raise UsageError("--import only puts sessions in, and a flag for showing them was given", "call it twice")
        _import(path, find_files(import_, Path.cwd()))
        return
    with ProgressView(Console(stderr=True)) as view:
        trends = [trend_of(series) for series in past.series(path, selection, view)]
    print(history_text(trends, ascii_only=not _can_show("▁█│")))


def _import(path: Path, files: tuple[Path, ...]) -> None:
    with ProgressView(Console(stderr=True)) as view:
        found = import_files(path, files, view)
    others = f"; passed over, because they are no complete sessions: {found.passed_over:,}" if found.passed_over else ""
    print(f"{_shown(path)}: taken {found.taken:,}, there already {found.known:,}{others}")
    if found.refused:
        reasons = "\n".join(f"  - {reason}" for reason in found.refused)
        raise UsageError(f"{len(found.refused)} files cannot be read:\n{reasons}", "leave them out, or get them again")


def _can_show(characters: str) -> bool:
    try:
        characters.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


@task(
    name="check-fresh",
    help={"at-commit": "count the 24 hours up to the commit's own time, so that an old commit stays as it was"},
)
@_guarded
def check_fresh(context: Context, at_commit: bool = False) -> None:
    """Say whether LATEST_RUN.txt is fresh and whole."""
    print(_freshness(load_config(PROJECT), at_commit=at_commit))


def _freshness(config: Config, *, at_commit: bool) -> str:
    """Give the good news, or raise with every reason."""
    found = _recorded()
    now = datetime.now(UTC)
    if at_commit:
        head = repository.head(PROJECT, dict(os.environ))
        if head is None:
            raise UsageError("--at-commit: there is no commit here", "leave --at-commit out")
        now = head.committed_at
    present = suite.load_suite(PROJECT / config.suite)
    policy = gate.Policy(max_age=timedelta(hours=config.max_age_hours), allow_scaled=config.allow_scaled)
    violations = gate.violations(
        found,
        policy,
        now=now,
        benchmarks=tuple(benchmark.name for benchmark in present.benchmarks),
        sources=suite.sources_digest(present),
    )
    if violations:
        reasons = "\n".join(f"  - {violation.reason}" for violation in violations)
        remedies = dict.fromkeys(violation.remedy for violation in violations)
        raise CheckError(f"{RECORD.name} does not hold:\n{reasons}", "\n        ".join(remedies))
    return f"Benchmarks are fresh: run at {found.timestamp:%Y-%m-%d %H:%M} UTC, {len(found.benchmarks)} benchmarks"


def _recorded() -> record.Record:
    if not RECORD.exists():
        raise CheckError(f"{RECORD.name} is missing: the benchmarks have not been run", gate.MEND)
    try:
        return record.parse(RECORD.read_bytes().decode("utf-8"))
    except (record.RecordError, UnicodeDecodeError, OSError) as error:
        raise CheckError(f"{RECORD.name} cannot be believed: {error}", gate.MEND) from error


@task(
    help={
        "fix": "mend what can be mended from here (kernel limits, with the rights to do it)",
        "seqc": _BENCH_HELP["seqc"],
    }
)
@_guarded
def doctor(context: Context, fix: bool = False, seqc: str | None = None) -> None:
    """Look at tools, limits and load, with a mend for each."""
    config = load_config(PROJECT)
    request = make_request(Flags(seqc=seqc), config, PROJECT, dict(os.environ))
    benchmarks = suite.load_suite(request.suite_folder)
    if fix:
        for line in doctor_checks.fix(benchmarks, request.environment):
            print(line)
        print()
    findings = doctor_checks.examine(benchmarks, request.spec, cache=request.cache, environment=request.environment)
    width = max(len(finding.subject) for finding in findings)
    for finding in findings:
        print(f"{finding.health:<8} {finding.subject:<{width}}  {finding.found}")
        if finding.mend:
            print(f"{'':<8} {'':<{width}}  mend: {finding.mend}")
    if any(finding.health is doctor_checks.Health.MISSING for finding in findings):
        raise Exit(code=ExitCode.TOOLCHAIN)


@task(help={"at-commit": "count the record's age up to the commit's own time", "seqc": _BENCH_HELP["seqc"]})
@_guarded
def ci(context: Context, at_commit: bool = False, seqc: str | None = None) -> None:
    """Check all that must hold before a commit."""
    config = load_config(PROJECT)
    request = make_request(Flags(size="quick", seqc=seqc), config, PROJECT, dict(os.environ))

    def regression(listen: Listener) -> None:
        flags = Flags(budget=config.compare_budget)
        outcome, text = _gate(flags, (config.baseline, request.spec.text, None), listen=listen)
        if outcome is not Outcome.PASS:
            kind = CheckError if outcome is Outcome.FAIL else InconclusiveError
            raise kind(text, "invoke gate, after a mend or with more --budget")

    lines, problems, codes = [], [], set()
    asked = ci_steps.steps(
        request, lambda: _freshness(config, at_commit=at_commit), regression if config.baseline else None
    )
    for step in asked:
        with ProgressView(Console(stderr=True)) as view:
            found = ci_steps.outcome(step, view)
        lines.append(f"{found.mark} {step.title}")
        print(lines[-1], flush=True)
        codes.add(found.code)
        if found.problem:
            problems.append(f"--- {step.title} ---\n{found.problem}")
    for problem in problems:
        print(f"\n{problem}")
    _summarize(lines, problems)
    for code in (ExitCode.CHECK_FAILED, ExitCode.INCONCLUSIVE):
        if code in codes:
            raise Exit(code=code)


def _summarize(lines: list[str], problems: list[str]) -> None:
    """Append the ticks and the recorded table to the job summary, where GitHub asks for one."""
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if not summary:
        return
    parts = ["\n".join(f"- {line}" for line in lines), *(f"```text\n{problem}\n```" for problem in problems)]
    try:
        parts.append(f"```text\n{_recorded().table}\n```")
    except CheckError as error:
        parts.append(f"no table: {error.message}")
    with Path(summary).open("a", encoding="utf-8") as file:
        file.write("\n\n".join(parts) + "\n")


@task(positional=["name"], help={"name": "of the benchmark: lower-case letters, digits and hyphens"})
@_guarded
def new(context: Context, name: str) -> None:
    """Write a working skeleton of a benchmark."""
    for path in scaffold.write_skeleton(PROJECT / load_config(PROJECT).suite, name):
        print(f"wrote {_shown(path)}")
    print(f"now: invoke bench-{name}")


@task(name="env", help={"seqc": _BENCH_HELP["seqc"]})
@_guarded
def environment(context: Context, seqc: str | None = None) -> None:
    """Print the shell line that puts seqc, clang and Go on PATH."""
    request = make_request(Flags(seqc=seqc), load_config(PROJECT), PROJECT, dict(os.environ))
    with ProgressView(Console(stderr=True)) as view:
        tools = pipeline.find_tools(DEFAULT_RUNTIMES, request, view)
    folders = [str(tool.folder or tool.path.parent) for tool in tools.tools]
    print(f'export PATH={shlex.quote(os.pathsep.join(folders))}:"$PATH"')


@task(
    name="export",
    help={
        "format": f"one of {', '.join(each.name for each in FORMATS)}",
        "session": "a session's file, or - for standard input (default: the last one in results/)",
    },
)
@_guarded
def export_session(context: Context, format: str | None = None, session: str | None = None) -> None:  # noqa: A002
    """Write a session in the format of another tool, to standard output."""
    wanted = find_format(format)
    exported = export(_stored(session), wanted)
    for note in exported.notes:
        print(f"note: {note}", file=sys.stderr)
    print(exported.text, end="")


def _stored(name: str | None) -> Session:
    """Give the session of a file, of standard input, or the last one that was kept, which is named."""
    if name is not None:
        return store.load(Path("/dev/stdin" if name == "-" else name))
    path, found, problems = store.load_latest(RESULTS)
    for problem in problems:
        print(f"warning: passed over {problem}", file=sys.stderr)
    print(f"note: {_shown(path)}", file=sys.stderr)
    return found


@task(
    name="report",
    iterable=["session"],
    help={
        "open": "show it in the browser",
        "session": "what to report, once for each: a file, a folder, or a pattern in quotes: 'results/*.json' "
        "(default: the last session in results/)",
        "out": "the file to write (default: results/report.html); - writes to standard output",
    },
)
@_guarded
def write_report(context: Context, session: list[str], open_: bool = False, out: str | None = None) -> None:
    """Make one HTML page of sessions and of all else that was found."""
    path = RESULTS / "report.html" if out is None else Path(out).absolute()
    if path.is_dir():
        raise UsageError(f"--out {out}: it is a folder", "give a file in it")
    if out == "-" and open_:
        raise UsageError("--open shows a file, and --out - writes none", "leave one of them out")
    named = find_files(session, Path.cwd(), flag="--session")
    with ProgressView(Console(stderr=True)) as view:
        view(Phase(text="reading what is stored"))
        material = gather(RESULTS, named)
        view(Phase(text="drawing"))
        page = html_report.render(material.sessions, material.sections, material.unread, listen=view)
    if out == "-":
        print(page, end="")
    else:
        write_atomically(path, page.encode())
        print(f"report: {_shown(path)}")
    for each in material.unread:
        _complain(each.problem, each.mend)
    if open_:
        _open_in_browser(path)
    if material.unread:
        raise Exit(code=ExitCode.USAGE)


def _open_in_browser(path: Path) -> None:
    try:
        is_open = webbrowser.open(path.as_uri())
    except (webbrowser.Error, OSError):
        is_open = False
    if not is_open:
        print(f"there is no browser here that could be started; the page is {path}", file=sys.stderr)


@task
@_guarded
def readme(context: Context) -> None:
    """Put the recorded tables into README.md."""
    path = PROJECT / "README.md"
    write_atomically(path, with_tables(path.read_text(encoding="utf-8"), _recorded()).encode())
    print(f"wrote {_shown(path)}")


@task(help={"toolchain": "the compilers built from crates.io too (building one again takes minutes)"})
@_guarded
def clean(context: Context, toolchain: bool = False) -> None:
    """Remove built programs and stored sessions."""
    cache = cache_folder(os.environ)
    # Only what seqbench makes there: the cache may have been put into a folder that holds other things.
    made = ("seqc", "clang", "go-build", "go", "zig", "rust", "tools") if toolchain else ()
    folders = [RESULTS, *(cache / name for name in ("programs", *made))]
    for folder in folders:
        if remove_folder(folder):
            print(f"removed {_shown(folder)}")


def _bench_task(name: str) -> Task[Any]:
    """Make `bench-NAME`: the same flags as `bench`, but for those that choose benchmarks."""

    def body(context: Context, **flags: Any) -> None:  # noqa: ANN401 - the flags of bench
        bench.body(context, only=name, **flags)

    signature = inspect.signature(bench.body)
    kept = [parameter for key, parameter in signature.parameters.items() if key not in ("only", "suite")]
    body.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
    body.__doc__ = f"Build, run and check {name} alone."
    helps = {key: text for key, text in _BENCH_HELP.items() if key not in ("only", "suite")}
    return Task(body, name=f"bench-{name}", help=helps)


namespace = Collection(
    bench,
    compare,
    regression_gate,
    calibrate,
    show_history,
    explain,
    sweep,
    tune,
    findings,
    check_fresh,
    doctor,
    ci,
    new,
    environment,
    export_session,
    write_report,
    readme,
    clean,
)
try:
    for found in suite.benchmark_names(PROJECT / load_config(PROJECT).suite):
        # Any other name would break the parser of every task; `invoke bench` says what to rename.
        if suite.NAME.fullmatch(found):
            namespace.add_task(_bench_task(found))
except UsageError:
    pass  # every task reads the configuration again and says what is wrong with it
