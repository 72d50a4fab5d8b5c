"""Measure false alarms and power of the gate, on a quiet machine and beside busy processes that the study starts.

    python studies/gate_power.py                     # measure (about 45 minutes, with nothing else running), judge
    python studies/gate_power.py --stored            # judge the stored rounds: studies/data/*.csv.gz
    python studies/gate_power.py --stored --write    # and write the tables into docs/METHOD.md

Three kinds of rounds are measured:

- tuning rounds: every size, with the Go program in the round
- calibration rounds: a gate of a compiler against itself
- judging rounds: another such gate, which uses the calibration

The method was chosen by the first two kinds; no choice depends on the judging rounds. A trial resamples the judging
rounds in blocks of ten consecutive rounds, which keeps their correlation in time. It swaps base and head of each round
at random (both are the same program), slows head down by a factor, and lets the gate judge. scipy (dependency group
`studies`) has the test of the other methods. Figures of a run are in docs/METHOD.md.
"""

import argparse
import contextlib
import csv
import gzip
import multiprocessing
import os
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from tabulate import tabulate

from seqbench.bench.build import Executable, build_all
from seqbench.bench.check import Expected
from seqbench.bench.programs import Candidate
from seqbench.bench.request import Request
from seqbench.bench.rounds import Rounds as BenchRounds
from seqbench.bench.tools import find_tools
from seqbench.compare.calibration import Calibration, characteristics
from seqbench.compare.run import compare_compilers
from seqbench.compare.verdict import FAMILY_ERROR, PLAIN_ERROR, POWER
from seqbench.config import load_config
from seqbench.events import Event, Measuring, ignore
from seqbench.flags import Flags, make_comparison_request, make_request
from seqbench.runtimes.registry import COMPARED_RUNTIME, RUNTIMES
from seqbench.sessions.session import Failed, Measured, Session
from seqbench.stats.intervals import Interval
from seqbench.stats.signed_rank import signed_rank_interval
from seqbench.suite.benchmarks import Benchmark, Program
from seqbench.suite.manifest import load_suite
from seqbench.system.facts import OUTPUT_LIMIT_BYTES
from seqbench.system.files import write_atomically
from seqbench.system.machine import this_machine
from seqbench.system.process import interruptible

PROJECT = Path(__file__).resolve().parents[1]
DATA = Path(__file__).parent / "data"
METHOD = PROJECT / "docs" / "METHOD.md"
CONDITIONS = ("quiet", "busy")
TUNING_S = 330.0
TUNED_SIZES = {"fanout": (100_000, 1_000_000), "pingpong": (100_000, 1_000_000), "skynet": (10_000,)}
# A calibration only shares the budget of a gate out.
BUDGETS = {"calibration": "5m", "gate": "10m"}
_KINDS = ("tuning", "calibration", "gate")
BENCHMARKS = 3
# Each of two neighbours works for about a second and rests for about a second, at random.
NEIGHBOURS, BURST_S = 2, 1.0
SLOWDOWNS = (0.01, 0.02, 0.03, 0.05, 0.10, 0.20)
TRIALS = 4_000
# Where a percent or two more or less say nothing.
_RESAMPLES = 500
BLOCK = 10
SEED = 4
FIELDS = ("benchmark", "round", "who", "position", "elapsed_ns", "wall_ns", "user_ns", "system_ns", "slowed")
_COLUMNS = ("elapsed_ns", "wall_ns", "user_ns", "system_ns")

Floats = npt.NDArray[np.float64]
Generator = np.random.Generator


# --- measuring


def _neighbour(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - bursts, not secrets
    while True:
        end = time.monotonic() + rng.expovariate(1 / BURST_S)
        while time.monotonic() < end:
            pass
        time.sleep(rng.expovariate(1 / BURST_S))


@contextlib.contextmanager
def surroundings(condition: str) -> Iterator[None]:
    """Run the busy neighbours during the context, if the condition is `busy`."""
    processes = [
        multiprocessing.Process(target=_neighbour, args=(seed,), daemon=True)
        for seed in range(NEIGHBOURS if condition == "busy" else 0)
    ]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.join()


def tuning_rounds() -> list[tuple[object, ...]]:
    """Run each Seq program twice and its Go twin once a round, at every size, for TUNING_S; return the rows."""
    request = make_request(Flags(), load_config(PROJECT), PROJECT, dict(os.environ))
    tools = find_tools(tuple(runtime for runtime in RUNTIMES if runtime.is_default), request, ignore)
    benchmarks = [b for b in load_suite(request.suite_folder, request.suite_file).benchmarks if b.name in TUNED_SIZES]
    programs = tuple(p for b in benchmarks for p in b.programs if not p.variant and p.runtime.is_default)
    built = build_all(programs, tools, cache=request.cache, environment=request.environment, listen=ignore)
    rows: list[tuple[object, ...]] = []
    end = time.monotonic() + TUNING_S
    with tempfile.TemporaryDirectory() as scratch:
        contests = {
            f"{benchmark.name}@{number}": _contest(benchmark, number, built, request, Path(scratch))
            for benchmark in benchmarks
            for number in TUNED_SIZES[benchmark.name]
        }
        round_number = 0
        while time.monotonic() < end:
            round_number += 1
            for name, rounds in contests.items():
                for _ in rounds.run(round_number, name):
                    pass
                if rounds.failures:
                    raise SystemExit(f"{name}: {rounds.failures}")
                for who, samples in rounds.samples.items():
                    s = samples[-1]
                    times = (s.elapsed_ns, s.wall_ns, s.user_ns, s.system_ns)
                    rows.append((name, round_number, who, s.position, *times, ""))
    return rows


def _parameters(benchmark: Benchmark, number: int) -> dict[str, int]:
    """Return the parameters of a program, in the order of the manifest; the scaling one is `number`."""
    values = {parameter.name: parameter.full for parameter in benchmark.parameters}
    return values | ({benchmark.scaling.name: number} if benchmark.scaling else {})


def _contest(
    benchmark: Benchmark, number: int, built: dict[Program, Executable | Failed], request: Request, scratch: Path
) -> BenchRounds:
    values = _parameters(benchmark, number)
    candidates = []
    for who, runtime in (("base", COMPARED_RUNTIME), ("head", COMPARED_RUNTIME), ("go", "go")):
        program = next(p for p in benchmark.programs if p.runtime.name == runtime and not p.variant)
        executable = built[program]
        if not isinstance(executable, Executable):
            raise SystemExit(f"{benchmark.name}: {executable}")
        candidates.append(
            Candidate(
                name=who,
                program=program,
                executable=executable,
                arguments=tuple(str(value) for value in values.values()),
                environment={key: request.environment[key] for key in ("PATH", "HOME")},
                expected=Expected(
                    result=benchmark.expected_result.value(values) if benchmark.expected_result else None,
                    ledger=(),
                    startup_ns=(program.runtime.startup.limit_ns({}) if program.runtime.startup else None),
                    timeout_s=benchmark.timeout_s,
                    output_limit_bytes=OUTPUT_LIMIT_BYTES,
                ),
            )
        )
    return BenchRounds(candidates=tuple(candidates), directory=scratch, copies=scratch / f"copies-{benchmark.name}")


def gate_rounds(budget: str, calibration: Calibration | None) -> list[tuple[object, ...]]:
    """Run a real gate of a compiler against itself; return the rows of the file."""
    config = load_config(PROJECT)
    flags = Flags(budget=budget, seed=str(SEED), only=",".join(TUNED_SIZES))
    request = make_request(flags, config, PROJECT, dict(os.environ))
    wanted = replace(make_comparison_request(config.seqc, config.seqc, None, config), is_fixed=True)
    sessions = compare_compilers(
        request, wanted, listen=_print_progress, save=lambda _sessions: None, probe=True, calibration=calibration
    )
    return [
        row for who, session in zip(("base", "head", "probe"), sessions, strict=True) for row in _rows(who, session)
    ]


def calibration_of(path: Path) -> Calibration:
    """Return the calibration that `invoke calibrate` would compute from these rounds."""
    found = read(path)
    suite = {benchmark.name: benchmark for benchmark in load_suite(PROJECT / load_config(PROJECT).suite).benchmarks}
    return Calibration(
        machine=this_machine().identity,
        measured_at=datetime.now(UTC),
        benchmarks=tuple(
            characteristics(
                rounds.name.partition("@")[0],
                (rounds.logs("head") - rounds.logs("base")).tolist(),
                rounds=rounds.count,
                family=len(found),
                seed=SEED,
                parameters=tuple(_parameters(suite[rounds.name.partition("@")[0]], rounds.number).items()),
            )
            for rounds in found
        ),
    )


def _print_progress(event: Event) -> None:
    if isinstance(event, Measuring) and event.round_number % 100 == 1:
        print(f"  {event.benchmark}: round {event.round_number} of {event.rounds}", flush=True)  # noqa: T201


def _rows(who: str, session: Session) -> Iterator[tuple[object, ...]]:
    for result in session.results:
        outcome = result.programs[0].outcome
        if not isinstance(outcome, Measured):
            raise SystemExit(f"{result.name}: {outcome}")
        for index, s in enumerate(outcome.samples):
            # Every second round of a probe is slowed down.
            slowed = result.slowed if who == "probe" and index % 2 else ""
            number = dict(result.parameters)[_scaling(result.parameters)]
            times = (s.elapsed_ns, s.wall_ns, s.user_ns, s.system_ns)
            yield f"{result.name}@{number}", s.round_number, who, s.position, *times, slowed


def _scaling(parameters: Iterable[tuple[str, int]]) -> str:
    return next(name for name, _ in parameters if name != "workers")


def write(path: Path, rows: Iterable[tuple[object, ...]]) -> None:
    """Write a file of rounds without a timestamp, so that the same rounds give the same bytes."""
    path.parent.mkdir(exist_ok=True)
    text = StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([FIELDS, *rows])
    write_atomically(path, gzip.compress(text.getvalue().encode(), mtime=0))


# --- reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """The rounds of one benchmark at one size; an array has a value per round, NaN if the probe did not run."""

    name: str
    values: dict[str, dict[str, Floats]]
    """By program (base, head, go, probe) and column."""
    slowed: npt.NDArray[np.bool_]
    injected: float

    def logs(self, who: str) -> Floats:
        """Return the logarithms of a program's own times."""
        return np.log(self.values[who]["elapsed_ns"])

    @property
    def number(self) -> int:
        """Return the value of the scaling parameter, which names the size."""
        return int(self.name.partition("@")[2])

    @property
    def count(self) -> int:
        """Return the number of rounds."""
        return len(self.slowed)


def read(path: Path) -> list[Rounds]:
    """Read one file of rounds."""
    with gzip.open(path, "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    found = []
    for name in dict.fromkeys(row["benchmark"] for row in rows):
        mine = [row for row in rows if row["benchmark"] == name]
        last = max(int(row["round"]) for row in mine)
        values = {who: {c: np.full(last, np.nan) for c in _COLUMNS} for who in {row["who"] for row in mine}}
        slowed, injected = np.zeros(last, dtype=bool), 0.0
        for row in mine:
            for column in _COLUMNS:
                values[row["who"]][column][int(row["round"]) - 1] = float(row[column])
            if row["slowed"]:
                slowed[int(row["round"]) - 1] = True
                injected = float(row["slowed"])
        found.append(Rounds(name=name, values=values, slowed=slowed, injected=injected))
    return found


# --- tuning


def tuning_tables(found: list[Rounds]) -> str:
    """Return the tables of the tuning rounds: sizes, covariates, CPU time and estimators."""
    error = FAMILY_ERROR / BENCHMARKS
    rows, others = [], []
    for rounds in found:
        base, head = rounds.logs("base"), rounds.logs("head")
        with_go = np.corrcoef(head - base, rounds.logs("go"))[0, 1] if "go" in rounds.values else np.nan
        walls = rounds.values["base"]["wall_ns"] + rounds.values["head"]["wall_ns"]
        _, interval = judged(head - base, error)
        half = (interval.high - interval.low) / 2
        in_200_s = half * np.sqrt(rounds.count * walls.mean() / 200e9)
        both = np.concatenate([rounds.values[who]["elapsed_ns"] for who in ("base", "head")])
        rows.append(
            (
                rounds.name,
                rounds.count,
                f"{both.std() / both.mean():.0%}",
                f"{walls.mean() / 2e9:.2f} s",
                f"{in_200_s:.1%}",
                f"{np.corrcoef(base, head)[0, 1]:.2f}",
                f"{with_go:.2f}",
                f"{_cpu_noise(rounds):.2f}",
            )
        )
        others.append((rounds.name, *(f"{value:.2f}" for value in _relative_errors(rounds))))
    header = (
        "size",
        "rounds",
        "CV",
        "cost of a run",
        "half-width in 200 s",
        "base ~ head",
        "head/base ~ Go",
        "CPU time",
    )
    return (
        f"{tabulate(rows, header, tablefmt='github', disable_numparse=True)}\n\n"
        f"{tabulate(others, ('size', *_ESTIMATORS), tablefmt='github', disable_numparse=True)}"
    )


def _cpu_noise(rounds: Rounds) -> float:
    """Return the noise of the ratio of CPU times, relative to that of elapsed times, at the same slowdown.

    A slowdown changes the CPU time of the work, not that of the start. Here the start takes about all of the system
    time, and the work the user time.
    """
    cpu = {who: rounds.values[who]["user_ns"] + rounds.values[who]["system_ns"] for who in ("base", "head")}
    share = float(np.median(rounds.values["base"]["user_ns"]) / np.median(cpu["base"]))
    noise = _middle(np.log(cpu["head"] / cpu["base"])) / share
    return noise / _middle(rounds.logs("head") - rounds.logs("base"))


def _middle(values: Floats) -> float:
    low, high = np.quantile(values, (1 / 6, 5 / 6))
    return float(high - low) / 2


def _hodges_lehmann(values: Floats) -> float:
    first, second = np.triu_indices(len(values))
    return float(np.median((values[first] + values[second]) / 2))


def _quarter_trimmed(values: Floats) -> float:
    cut = len(values) // 4
    return float(np.sort(values)[cut : len(values) - cut].mean())


_ESTIMATORS: dict[str, Callable[[Floats, Floats], float]] = {
    "signed ranks (ours)": lambda base, head: judged(head - base, 0.05)[0],
    "Hodges-Lehmann of pairs": lambda base, head: _hodges_lehmann(head - base),
    "Hodges-Lehmann of all runs": lambda base, head: float(np.median(head[:, None] - base[None, :])),
    "mean of pairs": lambda base, head: float((head - base).mean()),
    "median of pairs": lambda base, head: float(np.median(head - base)),
    "middle half of pairs": lambda base, head: _quarter_trimmed(head - base),
    "ratio of medians": lambda base, head: float(np.median(head) - np.median(base)),
    "ratio of first quartiles": lambda base, head: float(np.quantile(head, 0.25) - np.quantile(base, 0.25)),
    "ratio of minima": lambda base, head: float(head.min() - base.min()),
}


def _relative_errors(rounds: Rounds) -> list[float]:
    """Return the standard error of each estimator over that of the first, by resampling with swapped sides."""
    generator = np.random.default_rng(SEED)
    estimates: list[list[float]] = []
    for _ in range(_RESAMPLES):
        base, head = swapped(rounds, drawn(generator, rounds.count, rounds.count), generator)
        estimates.append([estimate(base, head) for estimate in _ESTIMATORS.values()])
    errors = np.std(np.asarray(estimates), axis=0)
    return [float(error / errors[0]) for error in errors]


# --- judging


def judged(logs: Floats, error: float) -> tuple[float, Interval]:
    """Return the centre of log ratios and its interval, as a comparison with one look computes them."""
    return signed_rank_interval(logs.tolist(), error)


def drawn(generator: Generator, count: int, wanted: int) -> npt.NDArray[np.int64]:
    """Draw the indices of `wanted` rounds, in blocks of BLOCK consecutive ones."""
    starts = generator.integers(count, size=-(-wanted // BLOCK))
    return ((starts[:, None] + np.arange(BLOCK)) % count).ravel()[:wanted]


def swapped(rounds: Rounds, index: npt.NDArray[np.int64], generator: Generator) -> tuple[Floats, Floats]:
    """Return the logarithms of the times of base and head in these rounds, with the sides of each swapped at random."""
    swap = generator.random(len(index)) < 1 / 2
    base, head = rounds.logs("base")[index], rounds.logs("head")[index]
    return np.where(swap, head, base), np.where(swap, base, head)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One gate run of one benchmark: the ends of its interval, and whether the probe worked."""

    low: float
    high: float
    is_fit: bool


def gate_trials(rounds: Rounds) -> list[Trial]:
    """Judge many resampled gate runs by the rule of `compare.gate`."""
    generator = np.random.default_rng(SEED)
    error = FAMILY_ERROR / BENCHMARKS
    probed = np.flatnonzero(~np.isnan(rounds.values["probe"]["elapsed_ns"]))
    plain, slowed = (probed[rounds.slowed[probed] == is_slowed] for is_slowed in (False, True))
    trials = []
    for _ in range(TRIALS):
        base, head = swapped(rounds, drawn(generator, rounds.count, rounds.count), generator)
        _, interval = judged(head - base, error)
        proofs = []
        for which, of_probe in ((plain, PLAIN_ERROR / BENCHMARKS), (slowed, error)):
            index = which[drawn(generator, len(which), len(which))]
            logs = rounds.logs("probe")[index] - rounds.logs("base")[index]
            if which is plain:
                logs *= generator.choice((-1.0, 1.0), size=len(logs))
            proofs.append(judged(logs, of_probe)[1])
        alike, known = proofs
        is_false_alarm = not alike.low <= 0 <= alike.high and not _is_same(alike)
        is_fit = not is_false_alarm and known.low > 0 and not _is_same(known)
        trials.append(Trial(low=interval.low, high=interval.high, is_fit=is_fit))
    return trials


def _is_same(interval: Interval) -> bool:
    """Return whether an interval of log ratios lies within the default margin."""
    margin = np.log1p(0.02)
    return bool(-margin <= interval.low and interval.high <= margin)


Method = Callable[[Rounds, float, Generator], bool]


def _at_two_times(rounds: Rounds, runs: int, generator: Generator) -> tuple[Floats, Floats]:
    """Return consecutive runs of base and of head from two times, as in a comparison with a stored baseline."""
    first, second = generator.integers(rounds.count, size=2)
    window = np.arange(runs)
    return (
        rounds.values["base"]["elapsed_ns"][(first + window) % rounds.count],
        rounds.values["head"]["elapsed_ns"][(second + window) % rounds.count],
    )


def _threshold(runs: int | None) -> Method:
    """Build a method: slower if the median is over 20 % above that of the stored runs; None: the runs of the gate."""

    def says_slower(rounds: Rounds, slowdown: float, generator: Generator) -> bool:
        base, head = _at_two_times(rounds, runs or rounds.count // 2, generator)
        return bool(np.median(head) * (1 + slowdown) > 1.2 * np.median(base))

    return says_slower


def _mann_whitney(runs: int | None) -> Method:
    """Build a method: slower if the two-sided Mann-Whitney test has p < 0.05 and the median of head is greater."""

    def says_slower(rounds: Rounds, slowdown: float, generator: Generator) -> bool:
        base, head = _at_two_times(rounds, runs or rounds.count // 2, generator)
        from scipy.stats import mannwhitneyu  # noqa: PLC0415 - only judging needs the dependency group `studies`

        slower = head * (1 + slowdown)
        return bool(mannwhitneyu(base, slower).pvalue < 0.05 and np.median(slower) > np.median(base))  # noqa: PLR2004

    return says_slower


# Equal cost: half of the rounds for base, and half of them, at another time, for head.
_OTHERS: dict[str, Method] = {
    "20 % on medians of 5": _threshold(5),
    "20 % on medians, equal cost": _threshold(None),
    "Mann-Whitney on 10": _mann_whitney(10),
    "Mann-Whitney, equal cost": _mann_whitney(None),
}


def judging_tables(found: list[Rounds]) -> str:
    """Return the tables of false alarms and power, for the gate and the other methods."""
    with multiprocessing.Pool() as pool:
        trials = dict(zip((rounds.name for rounds in found), pool.map(gate_trials, found), strict=True))
    whole = list(zip(*trials.values(), strict=True))
    fit = [all(trial.is_fit for trial in gate) for gate in whole]
    alarms = [any(trial.low > 0 for trial in gate) for gate in whole]
    same = [all(_is_same(Interval(low=t.low, high=t.high)) for t in gate) for gate in whole]
    wrong, windows = _windows(found)
    lines = [
        f"- false alarms: {share(a and f for a, f in zip(alarms, fit, strict=True))} of gate runs",
        f"- unfit: {share(not f for f in fit)}",
        f"- without the probes: false alarms {share(alarms)}; a slowdown of 2 % detected: {_found(trials, 0.02)}",
        f"- called the same within 2 %, all three: {share(same)}",
        f"- {windows} blocks of ten consecutive rounds, judged without resampling: {wrong or 'no'} false alarms",
        "",
    ]
    rows = []
    for rounds in found:
        mine = [trial.low for trial in trials[rounds.name]]
        shares = [
            sum(low + np.log1p(s) > 0 and ok for low, ok in zip(mine, fit, strict=True)) / TRIALS for s in SLOWDOWNS
        ]
        needed = sorted(-low for low in mine)[int(POWER * TRIALS)]
        both = np.concatenate([rounds.values[who]["elapsed_ns"] for who in ("base", "head")])
        spent = np.nansum([values["wall_ns"] for values in rounds.values.values()]) / 1e9
        cells = (f"{both.std() / both.mean():.0%}", rounds.count, f"{spent:.0f} s", f"{rounds.injected:.0%}")
        rows.append((rounds.name, *cells, *(f"{share:.1%}" for share in shares), f"{np.expm1(needed):.1%}"))
    header = ("gate", "CV", "rounds", "time", "probe", *(f"{s:.0%}" for s in SLOWDOWNS), "found with 95 %")
    lines.append(tabulate(rows, header, tablefmt="github", disable_numparse=True))
    generator = np.random.default_rng(SEED)
    rows = []
    for name, method in _OTHERS.items():
        false = share(any(method(r, 0.0, generator) for r in found) for _ in range(TRIALS))
        power = [min(_rate(method(r, s, generator) for _ in range(_RESAMPLES)) for r in found) for s in SLOWDOWNS]
        rows.append((name, false, *(f"{share:.1%}" for share in power)))
    mine = [
        min(
            sum(t.low + np.log1p(s) > 0 and ok for t, ok in zip(trials[r.name], fit, strict=True)) / TRIALS
            for r in found
        )
        for s in SLOWDOWNS
    ]
    rows.append(("seqbench", share(a and f for a, f in zip(alarms, fit, strict=True)), *(f"{m:.1%}" for m in mine)))
    header = ("all three benchmarks", "false alarms", *(f"{s:.0%}, worst" for s in SLOWDOWNS))
    return "\n".join([*lines, "", tabulate(rows, header, tablefmt="github", disable_numparse=True)])


def _found(trials: dict[str, list[Trial]], slowdown: float) -> str:
    """Return how often the interval alone detects a slowdown, for each benchmark."""
    shares = {name: sum(t.low + np.log1p(slowdown) > 0 for t in mine) / TRIALS for name, mine in trials.items()}
    return ", ".join(f"{name} {share:.1%}" for name, share in shares.items())


def _windows(found: list[Rounds]) -> tuple[int, int]:
    """Return the false alarms in windows of ten consecutive rounds, not resampled, and the number of windows."""
    wrong = total = 0
    for rounds in found:
        logs = rounds.logs("head") - rounds.logs("base")
        for start in range(0, rounds.count - BLOCK + 1, BLOCK):
            _, interval = judged(logs[start : start + BLOCK], FAMILY_ERROR / BENCHMARKS)
            wrong += interval.low > 0 or interval.high < 0
            total += 1
    return wrong, total


def _rate(answers: Iterable[bool]) -> float:
    values = list(answers)
    return sum(values) / len(values)


def share(answers: Iterable[bool]) -> str:
    """Return the share of true answers with its 95 % interval."""
    values = list(answers)
    low, high = _wilson(sum(values), len(values))
    return f"{sum(values) / len(values):.1%} [{low:.1%}, {high:.1%}]"


def _wilson(count: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927)."""
    z = NormalDist().inv_cdf(0.975)
    centre = (count + z * z / 2) / (total + z * z)
    half = z / (total + z * z) * np.sqrt(count * (total - count) / total + z * z / 4)
    return max(0.0, centre - half), min(1.0, centre + half)


def main() -> None:
    """Measure, unless `--stored` is given, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stored", action="store_true", help="judge studies/data/*.csv.gz as they are")
    parser.add_argument("--only", choices=_KINDS, help="measure one kind of rounds")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/METHOD.md, between their marks")
    arguments = parser.parse_args()
    for kind in _KINDS:
        for condition in CONDITIONS:
            path = DATA / f"{kind}-{condition}.csv.gz"
            if not arguments.stored and arguments.only in (None, kind):
                print(f"measuring: {path.name}", flush=True)  # noqa: T201
                with interruptible(), surroundings(condition):
                    write(path, _measured(kind, condition))
            if not path.exists():
                print(f"{kind}, {condition}: not measured yet", flush=True)  # noqa: T201
                continue
            if kind == "calibration":
                continue
            title = f"{kind}, {condition}"
            tables = (judging_tables if kind == "gate" else tuning_tables)(read(path))
            print(f"\n{title}\n\n{tables}\n", flush=True)  # noqa: T201
            if arguments.write:
                publish(title, tables)


def publish(title: str, tables: str) -> None:
    """Write tables between their marks in docs/METHOD.md."""
    block = re.compile(rf"(<!-- begin: {title} -->\n).*?(<!-- end: {title} -->)", re.DOTALL)
    text = METHOD.read_text(encoding="utf-8")
    write_atomically(METHOD, block.sub(lambda marks: f"{marks[1]}{tables}\n{marks[2]}", text).encode())


def _measured(kind: str, condition: str) -> list[tuple[object, ...]]:
    if kind == "tuning":
        return tuning_rounds()
    calibration = calibration_of(DATA / f"calibration-{condition}.csv.gz") if kind == "gate" else None
    return gate_rounds(BUDGETS[kind], calibration)


if __name__ == "__main__":
    main()
