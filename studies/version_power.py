"""Measure how often a bisection and a timeline are right, by simulation on the stored rounds of studies/gate_power.py.

    python studies/version_power.py             # print the tables (about 5 minutes)
    python studies/version_power.py --write     # and write them into docs/METHOD.md

A round of versions is drawn from a round of two runs of one program. What both share stays: the machine was fast or
slow then. How far each was from their mean is drawn anew for every version, from another stretch of the same rounds, at
the size that one run has. Rounds are drawn in blocks of ten, which keeps their correlation in time.
"""

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from tabulate import tabulate

from seqbench.experiments.bisect.search import (
    Design,
    Nearer,
    StepTimes,
    bounds,
    judge_first,
    judge_step,
    most_rounds,
    next_version,
)
from seqbench.experiments.timeline.steps import (
    FIRST_ROUNDS,
    confirmed,
    is_candidate,
    rounds_of_all,
    rounds_of_candidate,
)
from seqbench.system.files import write_atomically
from seqbench.versions.contrasts import LOOKS
from studies.gate_power import BLOCK, CONDITIONS, DATA, METHOD, Floats, Generator, read

VERSIONS, UNBUILDABLE = 32, 6
TIMELINE_VERSIONS = 10
STEP, MARGIN = 0.05, 0.02
TRIALS = 400
SEED = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """The stored rounds of one benchmark, as log times."""

    name: str
    shared: Floats
    """The mean of both runs of each round."""
    own: Floats
    """How far one run is from it, at the size of the noise of one run."""

    def draw(self, rng: Generator, columns: int, rounds: int) -> Floats:
        """Return log times of this many versions that are equally fast, a row for each round."""
        count = len(self.shared)
        starts = rng.integers(count, size=-(-rounds // BLOCK))
        index = ((starts[:, None] + np.arange(BLOCK)) % count).ravel()[:rounds]
        shifts = rng.permutation(count)[:columns]
        # Two runs of one program in a round may be swapped, as studies/gate_power.py does.
        signs = rng.choice((-1.0, 1.0), size=(columns, rounds))
        return np.stack(
            [
                self.shared[index] + sign * self.own[(index + shift) % count]
                for shift, sign in zip(shifts, signs, strict=True)
            ],
            axis=1,
        )


def noises(condition: str) -> list[Noise]:
    """Return the noise of every benchmark on a quiet or a busy machine."""
    found = []
    for rounds in read(DATA / f"gate-{condition}.csv.gz"):
        base, head = rounds.logs("base"), rounds.logs("head")
        # The mean of two runs has half the variance of one, and so has the distance from it.
        own = np.sqrt(2) * (base - head) / 2
        found.append(Noise(name=rounds.name, shared=(base + head) / 2, own=own - np.median(own)))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Bisected:
    """What one simulated bisection came to."""

    low: int
    high: int
    comparisons: int
    rounds: int
    nothing: bool


def bisected(noise: Noise, rng: Generator, *, first_bad: int | None, broken: frozenset[int]) -> Bisected:
    """Bisect versions that are slower from `first_bad` on, by the rules of `invoke bisect`."""
    design = Design(versions=VERSIONS)
    slower = np.log1p(STEP)
    drawn = noise.draw(rng, 2, LOOKS[-1])
    ratios = (drawn[:, 1] - drawn[:, 0] + (slower if first_bad is not None else 0.0)).tolist()
    look: int | None = LOOKS[0]
    while look is not None:
        logs = ratios[:look]
        first = judge_first(logs, design, margin=MARGIN, most=LOOKS[-1])
        look = first.next_look
    played = len(logs)
    if not first.is_different or first.found is None:
        return Bisected(low=0, high=VERSIONS - 1, comparisons=1, rounds=played, nothing=True)
    step, most = first.found.centre, most_rounds(logs, first.found.centre, design)
    nearer: dict[int, Nearer] = {}
    unusable: set[int] = set()
    steps = 0
    while steps < design.most_steps and (place := next_version(VERSIONS, nearer, unusable)) is not None:
        if place in broken:
            unusable.add(place)
            continue
        steps += 1
        is_slow = first_bad is not None and place >= first_bad
        end, rounds = _stepped(noise, rng, step, most, design, true=(0.0, slower * is_slow, slower))
        played += rounds
        if end is None:
            unusable.add(place)
        else:
            nearer[place] = end
    low, high = bounds(VERSIONS, nearer)
    return Bisected(low=low, high=high, comparisons=1 + steps, rounds=played, nothing=False)


def _stepped(
    noise: Noise, rng: Generator, step: float, most: int, design: Design, *, true: Sequence[float]
) -> tuple[Nearer | None, int]:
    good, version, bad = (noise.draw(rng, 3, LOOKS[-1]) + np.asarray(true)).T.tolist()
    look = LOOKS[0]
    while True:
        times = StepTimes(good=good[:look], version=version[:look], bad=bad[:look])
        found = judge_step(times, step, design, most)
        if found.next_look is None:
            return found.nearer, look
        look = found.next_look


def is_right(found: Bisected, first_bad: int, broken: frozenset[int]) -> bool:
    """Return whether a range holds the step and otherwise only what cannot be built."""
    inside = range(found.low + 1, found.high)
    return not found.nothing and found.low < first_bad <= found.high and all(place in broken for place in inside)


def bisect_row(noise: Noise, trials: int, rng: Generator) -> dict[str, float]:
    """Return the shares of right answers and of nothing found without a step, and what they took."""
    right = nothing = most = 0
    rounds, alike = [], []
    for _ in range(trials):
        inner = 1 + rng.permutation(VERSIONS - 2)
        broken = frozenset(inner[:UNBUILDABLE].tolist())
        first_bad = int(rng.integers(1, VERSIONS))
        found = bisected(noise, rng, first_bad=first_bad, broken=broken)
        right += is_right(found, first_bad, broken)
        most = max(most, found.comparisons)
        rounds.append(found.rounds)
        same = bisected(noise, rng, first_bad=None, broken=broken)
        nothing += same.nothing
        alike.append(same.rounds)
    return {
        "right": right / trials,
        "nothing": nothing / trials,
        "comparisons": most,
        "rounds": float(np.median(rounds)),
        "rounds without a step": float(np.median(alike)),
    }


def marked(noise: Noise, rng: Generator, first_slow: int | None) -> tuple[set[int], int]:
    """Return the versions at which a timeline marks a step, and its rounds of all versions and of the candidates."""
    columns = TIMELINE_VERSIONS
    true = np.log1p(STEP) * (np.arange(columns) >= (columns if first_slow is None else first_slow))
    times = noise.draw(rng, columns, 1_000) + true
    between = np.diff(times, axis=1)
    rounds = rounds_of_all([between[:FIRST_ROUNDS, place].tolist() for place in range(columns - 1)], STEP)
    logs = [between[:rounds, place].tolist() for place in range(columns - 1)]
    candidates = [place for place in range(columns - 1) if is_candidate(logs[place], columns - 1, MARGIN)]
    fresh = max((rounds_of_candidate(logs[place], len(candidates), STEP) for place in candidates), default=0)
    drawn = np.diff(noise.draw(rng, columns, max(1, fresh)) + true, axis=1)
    found = {
        place + 1
        for place in candidates
        if confirmed(drawn[:fresh, place].tolist(), len(candidates), MARGIN) is not None
    }
    return found, rounds + fresh


def timeline_row(noise: Noise, trials: int, rng: Generator) -> dict[str, float]:
    """Return the shares of timelines that mark the step, and of those that mark one where there is none."""
    hits = wrong = wrong_without = 0
    rounds = []
    for _ in range(trials):
        first_slow = int(rng.integers(1, TIMELINE_VERSIONS))
        found, played = marked(noise, rng, first_slow)
        hits += first_slow in found
        wrong += bool(found - {first_slow})
        rounds.append(played)
        wrong_without += bool(marked(noise, rng, None)[0])
    return {
        "found": hits / trials,
        "false beside it": wrong / trials,
        "false without": wrong_without / trials,
        "rounds": float(np.median(rounds)),
    }


def _table(row: Callable[[Noise, int, Generator], dict[str, float]], trials: int) -> str:
    rows, header = [], ["machine", "benchmark"]
    for condition in CONDITIONS:
        for noise in noises(condition):
            found = row(noise, trials, np.random.default_rng(SEED))
            header = ["machine", "benchmark", *found]
            cells = [f"{v:.1%}" if v <= 1 else f"{v:,.0f}" for v in found.values()]
            rows.append([condition, noise.name, *cells])
            print(*rows[-1], flush=True)  # noqa: T201
    return tabulate(rows, header, tablefmt="github", disable_numparse=True)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/METHOD.md, between their marks")
    parser.add_argument("--trials", type=int, default=TRIALS)
    arguments = parser.parse_args()
    for title, row in (("bisect", bisect_row), ("timeline", timeline_row)):
        text = _table(row, arguments.trials)
        print(f"\n{title}, {arguments.trials} trials each\n\n{text}\n", flush=True)  # noqa: T201
        if arguments.write:
            block = re.compile(rf"(<!-- begin: {title} -->\n).*?(<!-- end: {title} -->)", re.DOTALL)
            page = METHOD.read_text(encoding="utf-8")
            write_atomically(METHOD, block.sub(lambda marks, t=text: f"{marks[1]}{t}\n{marks[2]}", page).encode())  # type: ignore[misc]


if __name__ == "__main__":
    main()
