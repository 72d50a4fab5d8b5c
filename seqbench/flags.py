"""Turn the flags of a task into a request, and check every flag before the task does anything."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from seqbench.bench.request import Request
from seqbench.compare import stored
from seqbench.compare.commands import request_of_commands
from seqbench.compare.document import ComparisonRequest
from seqbench.compare.metrics import parse_metrics
from seqbench.config import Config, load_config
from seqbench.errors import UsageError, require_known
from seqbench.paths import user_path
from seqbench.project import Project
from seqbench.publish.history.series import Selection
from seqbench.runtimes.settings import require_valid
from seqbench.suite.size_request import parse_size
from seqbench.system import machine
from seqbench.system.facts import Target
from seqbench.system.files import cache_folder, history_file
from seqbench.toolchain.compiler_spec import Spec, parse_spec
from seqbench.toolchain.target_cpu import TargetCpu, target_cpu
from seqbench.units import parse_count, parse_duration_s, parse_since

# What a plain bench takes if its rounds are cheap enough.
USUAL_BUDGET_S = 100.0
_SEED_BYTES = 4
# The seed is part of a file name.
_LONGEST_SEED = 18
# The largest integer of SQLite.
_MOST_POINTS = (1 << 63) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """The flags of a measuring task as typed; None for a flag that was not given."""

    only: str | None = None
    runtimes: str | None = None
    size: str | None = None
    runs: str | None = None
    budget: str | None = None
    timeout: str | None = None
    seqc: str | None = None
    target_cpu: str | None = None
    suite: str | None = None
    suite_file: str | None = None
    reference: str | None = None
    values: str | None = None
    pattern: str | None = None
    seed: str | None = None
    fixed: bool = False
    metric: str | None = None
    allow_unknown_settings: bool = False
    usual_budget: str | None = None
    """What the task takes if no budget is given, empty for as long as it takes; None: that of the project for `bench`,
    or else enough for an interval."""
    measuring_share: float = 1.0
    """Of the budget: what is for measuring, where the task computes for long afterwards."""


def make_request(flags: Flags, config: Config, project: Path, environment: Mapping[str, str]) -> Request:
    """Parse the flags, with the values of the configuration for those that were not given.

    Raises
    ------
    UsageError
        A flag is invalid.
    """
    if flags.runs is not None and flags.budget is not None:
        raise UsageError(
            f"--runs {flags.runs} and --budget {flags.budget} contradict each other: both set the number of rounds",
            "remove one of them",
        )
    usual = config.budget if flags.usual_budget is None else flags.usual_budget
    budget = usual if flags.budget is None else flags.budget
    suite_folder = user_path(flags.suite).absolute() if flags.suite else project / config.suite
    return Request(
        project=project,
        suite_folder=suite_folder,
        suite_file=user_path(flags.suite_file).absolute() if flags.suite_file else None,
        is_default_suite=suite_folder == project / config.suite and not flags.suite_file,
        only=names_of(flags.only, "--only"),
        runtimes=names_of(flags.runtimes, "--runtimes"),
        reference=flags.reference or "",
        size=parse_size(flags.size),
        runs=make_runs(flags.runs),
        budget_s=flags.measuring_share * _duration(budget, "--budget")
        if flags.budget is not None or usual
        else USUAL_BUDGET_S,
        # A number of rounds goes before the usual budget.
        keeps_budget=flags.budget is not None or (bool(usual) and flags.runs is None),
        budget_share=flags.measuring_share,
        timeout_s=None if flags.timeout is None else _duration(flags.timeout, "--timeout"),
        seed=int.from_bytes(os.urandom(_SEED_BYTES)) if flags.seed is None else _seed(flags.seed),
        spec=make_spec(
            flags.seqc or environment.get("SEQC") or config.seqc,
            allow_unknown=flags.allow_unknown_settings or config.allow_unknown_settings,
        ),
        target_cpu=_target_cpu(flags.target_cpu or config.target_cpu),
        cache=cache_folder(environment),
        environment=environment,
    )


def make_spec(text: str, *, allow_unknown: bool = False) -> Spec:
    """Parse a SPEC, and check its settings; `allow_unknown` accepts those that seqbench does not know.

    Raises
    ------
    UsageError
        It is not a SPEC, or a setting is unknown or has an invalid value.
    """
    spec = parse_spec(text)
    require_valid(spec, allow_unknown=allow_unknown)
    return spec


def request_of(project: Project, flags: Flags) -> Request:
    """Parse the flags of a task with the configuration of the project and the environment of this process.

    Raises
    ------
    UsageError
        See `make_request`; or the configuration is invalid.
    """
    return make_request(flags, load_config(project.root), project.root, dict(os.environ))


def history_path(project: Project) -> Path:
    """Return the file of the history, from the configuration of the project and the environment of this process."""
    return history_file(load_config(project.root).history, project.root, dict(os.environ))


def make_comparison_job(
    project: Project, flags: Flags, sides: tuple[str | None, str | None, str | None], resume: str | None, *, probe: bool
) -> stored.ComparisonJob:
    """Parse the flags of a comparison.

    Parameters
    ----------
    sides : base, head and margin as typed.
    resume : the file of an interrupted comparison, which contains its own settings.

    Raises
    ------
    UsageError
        A flag is invalid, or the file is not a comparison.
    """
    config = load_config(project.root)
    request = request_of(project, replace(flags, usual_budget=config.compare_budget))
    if resume:
        return stored.resume(user_path(resume), request, has_probe=probe)
    if len(request.runtimes) > 1:
        raise UsageError(f"--runtime {flags.runtimes}: expected one runtime", f"use --runtime {request.runtimes[0]}")
    comparison = make_comparison_request(
        *sides, config, allow_unknown=flags.allow_unknown_settings, runtimes=request.runtimes
    )
    comparison = replace(
        comparison,
        values=_values(flags.values),
        pattern=flags.pattern or "",
        is_fixed=flags.fixed,
        metrics=parse_metrics(flags.metric),
    )
    request, comparison = request_of_commands(request, comparison)
    return stored.ComparisonJob(request=request, comparison=comparison, has_probe=probe)


def _values(text: str | None) -> tuple[tuple[str, int], ...]:
    """Parse the numbers that `{name}` in commands stands for."""
    values = []
    for part in names_of(text, "--set"):
        name, equals, number = part.partition("=")
        if not equals:
            raise UsageError(f"--set {part!r}: expected NAME=NUMBER", "use --set messages=1000")
        values.append((name.strip(), _count(number, f"--set {name}")))
    return tuple(values)


def make_comparison_request(
    base: str | None,
    head: str | None,
    margin: str | None,
    config: Config,
    *,
    allow_unknown: bool = False,
    runtimes: tuple[str, ...] = (),
) -> ComparisonRequest:
    """Parse the SPECs of both sides and the margin of a comparison; `allow_unknown` as in `make_spec`.

    `runtimes` has the runtime that is compared, if it is not the first one of seqbench.

    Raises
    ------
    UsageError
        A side is missing or not a SPEC, or the margin is not a percentage above zero.
    """
    specs = {}
    for side, text in (("base", base), ("head", head)):
        if not text:
            raise UsageError(f"--{side} is missing: expected a compiler", "{invoke} compare --base 7.7.3 --head 7.7.5")
        try:
            read = stored.spec_reader(runtimes)
            is_allowed = allow_unknown or config.allow_unknown_settings
            specs[side] = make_spec(text, allow_unknown=is_allowed) if read is parse_spec else read(text)
        except UsageError as error:
            raise UsageError(f"--{side}: {error.message}", error.fix) from error
    return ComparisonRequest(base=specs["base"], head=specs["head"], margin=make_margin(margin, config))


def make_runs(text: str | None) -> int | None:
    """Return the number of `--runs`; None if it was not given.

    Raises
    ------
    UsageError
        The text is not a whole number above zero.
    """
    return None if text is None else _count(text, "--runs")


def make_margin(text: str | None, config: Config) -> float:
    """Return the margin of `--margin`, or of the configuration when it was not given, as a share: 0.01 for 1 %.

    Raises
    ------
    UsageError
        The text is not a percentage above zero.
    """
    return _percentage(text if text is not None else config.margin, "--margin")


def make_share(text: str, flag: str) -> float:
    """Return a percentage as a share: 0.05 for 5 %.

    Raises
    ------
    UsageError
        The text is not a percentage above zero.
    """
    return _percentage(text, flag)


def make_selection(
    only: str | None, runtime: str | None, since: str | None, limit: str | None, *, now: datetime
) -> Selection:
    """Parse the flags of `invoke history`; the history itself checks the names.

    Raises
    ------
    UsageError
        A flag is invalid.
    """
    try:
        moment = parse_since(since, now) if since is not None else None
    except ValueError as error:
        raise UsageError(f"--since: {error}", "use --since 30d, or leave out --since") from error
    return Selection(
        only=names_of(only, "--only"),
        runtimes=names_of(runtime, "--runtime"),
        since=moment,
        limit=Selection().limit if limit is None else min(_count(limit, "--limit"), _MOST_POINTS),
    )


def _target_cpu(text: str) -> TargetCpu:
    require_known(text, tuple(each.value for each in Target), "target CPU", "--target-cpu")
    return target_cpu(Target(text), machine.this_processor())


def names_of(text: str | None, flag: str) -> tuple[str, ...]:
    """Return the names of a flag, which are separated by commas; none when it was not given.

    Raises
    ------
    UsageError
        The text contains no name.
    """
    if text is None:
        return ()
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise UsageError(f"{flag} {text!r} contains no name", f"use {flag} a,b or leave out {flag}")
    return names


def _count(text: str, flag: str) -> int:
    try:
        return parse_count(text)
    except ValueError as error:
        raise UsageError(f"{flag}: {error}", f"use {flag} 10, or leave out {flag}") from error


def _duration(text: str, flag: str) -> float:
    try:
        return parse_duration_s(text)
    except ValueError as error:
        raise UsageError(f"{flag}: {error}", f"use {flag} 10m, or leave out {flag}") from error


def _percentage(text: str, flag: str) -> float:
    try:
        share = float(text.strip().removesuffix("%")) / 100
    except ValueError:
        share = 0.0
    if not 0 < share < 1:
        raise UsageError(f"{flag} {text!r} is not a percentage above 0", f"use {flag} 1%")
    return share


def _seed(text: str) -> int:
    if not text.isdecimal() or len(text) > _LONGEST_SEED:
        raise UsageError(
            f"--seed {text!r} is not a whole number of at most {_LONGEST_SEED} digits",
            "use --seed 1, or leave out --seed for a random one",
        )
    return int(text)
