"""From the words of flags to what one session is asked for; every word is checked before anything is done."""

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from seqbench.config import Config
from seqbench.errors import UsageError
from seqbench.runtimes.registry import RUNTIMES, Runtime
from seqbench.suite.benchmarks import Benchmark, Suite
from seqbench.suite.sizes import SizeRequest, parse_size
from seqbench.system.files import cache_folder
from seqbench.toolchain.compiler_spec import Spec, parse_spec
from seqbench.units import parse_count, parse_duration_s, parse_since

_SEED_BYTES = 4
# It is part of a file's name.
_LONGEST_SEED = 18
# SQLite counts no further.
_MOST_POINTS = (1 << 63) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What one `invoke bench` was asked for; empty tuples mean all."""

    project: Path
    suite_folder: Path
    is_default_suite: bool
    only: tuple[str, ...]
    runtimes: tuple[str, ...]
    size: SizeRequest
    runs: int | None
    budget_s: float
    timeout_s: float | None
    seed: int
    spec: Spec
    cache: Path
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """The flags of `invoke bench` as they were typed; None where one was not given."""

    only: str | None = None
    runtimes: str | None = None
    size: str | None = None
    runs: str | None = None
    budget: str | None = None
    timeout: str | None = None
    seqc: str | None = None
    suite: str | None = None
    seed: str | None = None


def make_request(flags: Flags, config: Config, project: Path, environment: Mapping[str, str]) -> Request:
    """Read the flags, with the project's configuration behind them.

    Raises
    ------
    UsageError : a flag that makes no sense.
    """
    suite_folder = Path(flags.suite).absolute() if flags.suite else project / config.suite
    return Request(
        project=project,
        suite_folder=suite_folder,
        is_default_suite=suite_folder == project / config.suite,
        only=_names(flags.only, "--only"),
        runtimes=_names(flags.runtimes, "--runtimes"),
        size=parse_size(flags.size),
        runs=None if flags.runs is None else _count(flags.runs, "--runs"),
        budget_s=config.budget_s if flags.budget is None else _duration(flags.budget, "--budget"),
        timeout_s=None if flags.timeout is None else _duration(flags.timeout, "--timeout"),
        seed=int.from_bytes(os.urandom(_SEED_BYTES)) if flags.seed is None else _seed(flags.seed),
        spec=parse_spec(flags.seqc or environment.get("SEQC") or config.seqc),
        cache=cache_folder(environment),
        environment=environment,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Versus:
    """What one `invoke compare` was asked for on top of a request: two compilers and what is called the same."""

    base: Spec
    head: Spec
    margin: float


def make_versus(base: str | None, head: str | None, margin: str | None, config: Config) -> Versus:
    """Read the flags of a comparison.

    Raises
    ------
    UsageError : a side is missing or no SPEC (it says which), or the margin is no percentage above zero.
    """
    specs = {}
    for side, text in (("base", base), ("head", head)):
        if not text:
            raise UsageError(f"--{side} is missing: wanted a compiler", "invoke compare --base 7.7.3 --head 7.7.5")
        try:
            specs[side] = parse_spec(text)
        except UsageError as error:
            raise UsageError(f"--{side}: {error.message}", error.remedy) from error
    return Versus(base=specs["base"], head=specs["head"], margin=make_margin(margin, config))


def make_margin(text: str | None, config: Config) -> float:
    """Read `--margin`, with the project's behind it: 0.01 for 1 %.

    Raises
    ------
    UsageError : it is no percentage above zero.
    """
    return _percentage(text if text is not None else config.margin, "--margin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is wanted of the history; empty tuples mean all."""

    only: tuple[str, ...] = ()
    runtimes: tuple[str, ...] = ()
    since: datetime | None = None
    machines: tuple[str, ...] = ()
    """Their identities."""
    limit: int = 30
    """Points of each series, the latest ones."""


def make_selection(
    only: str | None, runtime: str | None, since: str | None, limit: str | None, *, now: datetime
) -> Selection:
    """Read the flags of `invoke history`; what names there are only the history knows.

    Raises
    ------
    UsageError : a flag that makes no sense.
    """
    try:
        moment = parse_since(since, now) if since is not None else None
    except ValueError as error:
        raise UsageError(f"--since: {error}", "use --since 30d, or leave --since out") from error
    return Selection(
        only=_names(only, "--only"),
        runtimes=_names(runtime, "--runtime"),
        since=moment,
        limit=Selection().limit if limit is None else min(_count(limit, "--limit"), _MOST_POINTS),
    )


def select_benchmarks(suite: Suite, only: tuple[str, ...]) -> tuple[Benchmark, ...]:
    """Give the named benchmarks in the suite's order, all of them when none is named.

    Raises
    ------
    UsageError : a name is unknown; the error has the names that are near.
    """
    known = {benchmark.name: benchmark for benchmark in suite.benchmarks}
    for name in only:
        require_known(name, tuple(known), "benchmark", "--only")
    return tuple(benchmark for name, benchmark in known.items() if not only or name in only)


def select_runtimes(names: tuple[str, ...]) -> tuple[Runtime, ...]:
    """Give the named runtimes in the registry's order, the default ones when none is named.

    Raises
    ------
    UsageError : a name is unknown.
    """
    for name in names:
        require_known(name, tuple(runtime.name for runtime in RUNTIMES), "runtime", "--runtimes")
    return tuple(runtime for runtime in RUNTIMES if (runtime.name in names if names else runtime.is_default))


def require_known(name: str, known: tuple[str, ...], kind: str, flag: str) -> None:
    """Raise a UsageError that names what there is, and what is near, where a flag names something else."""
    if name in known:
        return
    near = difflib.get_close_matches(name, known, n=2, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known)}"
    raise UsageError(f"{flag} {name}: no {kind} of that name; {hint}", f"use one of: {', '.join(known)}")


def _names(text: str | None, flag: str) -> tuple[str, ...]:
    if text is None:
        return ()
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise UsageError(f"{flag} {text!r} names nothing", f"use {flag} a,b or leave {flag} out")
    return names


def _count(text: str, flag: str) -> int:
    try:
        return parse_count(text)
    except ValueError as error:
        raise UsageError(f"{flag}: {error}", f"use {flag} 10, or leave {flag} out") from error


def _duration(text: str, flag: str) -> float:
    try:
        return parse_duration_s(text)
    except ValueError as error:
        raise UsageError(f"{flag}: {error}", f"use {flag} 10m, or leave {flag} out") from error


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
            f"--seed {text!r} is not a whole number of {_LONGEST_SEED} digits at most",
            "use --seed 1, or leave it out to draw one",
        )
    return int(text)
