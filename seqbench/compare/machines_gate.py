"""Judge a gate over several machines: head over all of them, and the gate itself by all their probes. Pure.

The probes of all machines are judged as one, like head: each machine is a stratum. A slowdown counts as found at the
error that the verdict on head has over all machines. A single machine need not find its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from seqbench.compare.comparable import names_of, result_of
from seqbench.compare.comparison import Comparison
from seqbench.compare.gate import Reasons, margin_of_probe, probe_pairs
from seqbench.compare.machines import Judged, OverMachines, Stratum, family_of_rows, judge_together, overall_error
from seqbench.compare.metrics import benchmark_of
from seqbench.compare.verdict import PLAIN_ERROR, Verdict
from seqbench.sessions.session import Session
from seqbench.units import change, percent

_DIFFERS = (Verdict.FASTER, Verdict.SLOWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeStrata:
    """The rounds of the probe of one benchmark on one machine."""

    plain: Stratum
    slowed: Stratum
    injected: float
    """The share of its time by which the probe was slowed down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeOverMachines:
    """The verdicts on the probes of one benchmark over all machines."""

    name: str
    plain: Judged
    slowed: Judged
    injected: tuple[float, ...]
    """For each machine, which chose it by its own noise."""

    @property
    def is_settled(self) -> bool:
        """Return whether the verdicts stand; the plain rounds only have to be without a false alarm so far."""
        return self.plain.verdict in _DIFFERS or self.slowed.verdict is not Verdict.INCONCLUSIVE

    @property
    def slowed_by(self) -> str:
        """Return by how much the probes were slowed down: `10 %`, or `10 % to 30 %`."""
        return " to ".join(dict.fromkeys(percent(each) for each in (min(self.injected), max(self.injected))))

    @property
    def problem(self) -> str:
        """Return why the gate is unfit; empty if it is fit."""
        if self.plain.verdict in _DIFFERS:
            return (
                f"{self.name}: false alarm: over all machines the same program was judged {self.plain.verdict} "
                f"({_percent(self.plain)})"
            )
        if self.slowed.ratio is not None and self.slowed.verdict is not Verdict.SLOWER:
            return (
                f"{self.name}: a known slowdown of {self.slowed_by} was not found over all machines "
                f"({_percent(self.slowed)})"
            )
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateOverMachines(Reasons):
    """The outcome of a gate on several machines, with the figures and reasons for it."""

    probes: tuple[ProbeOverMachines, ...]


def probe_strata(name: str, base: Session, probe: Session, runtime: str) -> ProbeStrata:
    """Return the rounds of the probe of one benchmark on one machine."""
    plain, slowed = (Stratum(logs=tuple(logs), looks=looks) for logs, looks in probe_pairs(name, base, probe, runtime))
    result = result_of(probe, name)
    return ProbeStrata(plain=plain, slowed=slowed, injected=result.slowed if result else 0.0)


def judge_probes(name: str, strata: Sequence[ProbeStrata], *, family: int, margin: float) -> ProbeOverMachines:
    """Judge the probes of one benchmark over all machines; `family` is how many verdicts on head share the error."""
    plain, slowed = PLAIN_ERROR / family, overall_error(family)
    least = min((each.injected for each in strata), default=0.0)
    return ProbeOverMachines(
        name=name,
        plain=judge_together([each.plain for each in strata], error=plain, margin=margin),
        slowed=judge_together([each.slowed for each in strata], error=slowed, margin=margin_of_probe(least, margin)),
        injected=tuple(each.injected for each in strata),
    )


def judge_gate_machines(
    judged: Sequence[OverMachines],
    found: Mapping[str, Comparison],
    probes: Mapping[str, Session],
    *,
    runtime: str,
    margin: float,
) -> GateOverMachines:
    """Return the outcome of a gate on several machines.

    It fails where head is slower over all machines or on one of them: those verdicts share the family error.

    Parameters
    ----------
    judged
        What `judge_machines` returns.
    found, probes
        The comparison of each machine, and the session of its probe, by its name.
    """
    comparable = [each for each in judged if each.overall.verdict is not Verdict.NOT_COMPARABLE]
    names = dict.fromkeys(name for each in found.values() for name in names_of(each.base, each.head))
    has_verdict = {each.name for each in comparable}
    results = tuple(
        judge_probes(
            test,
            [probe_strata(test, found[name].base, probe, runtime) for name, probe in probes.items()],
            family=family_of_rows(each.metric for each in judged),
            margin=margin,
        )
        for test in names
        if has_verdict & {test, benchmark_of(test)}
    )
    missing = [reason for each in judged for reason in _missing(each, found)]
    unfit = tuple(filter(None, (each.problem for each in results)))
    slower = [reason for each in comparable for reason in _slower(each)]
    unsettled = [
        f"{each.name} is inconclusive{each.by} over all machines: {_percent(each.overall)}"
        for each in comparable
        if each.overall.verdict is Verdict.INCONCLUSIVE
    ]
    unsettled += [
        f"{each.name} is inconclusive over all machines: too few rounds of its probes to check the gate"
        for each in results
        if each.slowed.ratio is None
    ]
    return GateOverMachines(
        probes=results,
        broken=tuple(reason for reason, is_broken in missing if is_broken),
        unfit=unfit,
        slower=() if unfit else tuple(slower),
        unsettled=() if unfit else (*(reason for reason, is_broken in missing if not is_broken), *unsettled),
    )


def _missing(judged: OverMachines, found: Mapping[str, Comparison]) -> Iterator[tuple[str, bool]]:
    """Yield why a benchmark cannot be compared on a machine, and whether that is because a side failed."""
    for name, each in judged.machines:
        if each.verdict is not Verdict.NOT_COMPARABLE:
            continue
        compared = found[name].find(judged.name, judged.metric)
        is_broken = compared is not None and not compared.is_missing
        reason = compared.reason if compared else "it was not measured there"
        yield f"{judged.name} cannot be compared{judged.by} on {name}: {reason}", is_broken


def _slower(judged: OverMachines) -> list[str]:
    """Return where a benchmark is slower: over all machines, or else on which of them."""
    if judged.overall.verdict is Verdict.SLOWER:
        return [f"{judged.name} is slower{judged.by} over all machines: {_percent(judged.overall)}"]
    return [
        f"{judged.name} is slower{judged.by} on {name}: {_percent(each)}"
        for name, each in judged.machines
        if each.verdict is Verdict.SLOWER
    ]


def _percent(judged: Judged) -> str:
    if judged.ratio is None or judged.interval is None:
        return "too few rounds"
    return change(judged.ratio, judged.interval.low, judged.interval.high)
