"""Decide at a look whether a benchmark of a comparison stops. Pure."""

from seqbench.bench.stopping import Standing
from seqbench.compare.comparable import names_of
from seqbench.compare.compared import Compared, Judging, compare_all
from seqbench.compare.gate import is_false_alarm, judge_probe
from seqbench.compare.metrics import ONLY_TIME, Metric, benchmark_of, family_of
from seqbench.compare.used import rounds_of_planned
from seqbench.compare.verdict import Verdict
from seqbench.sessions.session import Session


def standing(
    sessions: tuple[Session, ...],
    benchmark: str,
    *,
    runtime: str,
    margin: float,
    metrics: tuple[Metric, ...] = ONLY_TIME,
) -> Standing:
    """Return whether the verdicts on a benchmark stand, by all metrics, and in a gate those on its probe too.

    Builds are timed after the rounds, so that their verdicts do not count here.

    A benchmark that cannot be compared, because a side failed, is settled as well: more rounds change nothing.

    Parameters
    ----------
    sessions
        Base, head and, in a gate, the probe, as far as they were measured.
    """
    base, head, *probes = sessions
    names = names_of(base, head)
    judging = Judging(runtime=runtime, margin=margin, family=family_of(names, metrics))
    tests = [name for name in names if benchmark_of(name) == benchmark]
    sampled = [metric for metric in metrics if metric.is_sampled]
    compared = compare_all(base, head, tests, judging, sampled)
    # A metric that a side does not have says nothing about the probe, which is judged by its time.
    if compared and all(each.is_missing for each in compared):
        return Standing(text="; ".join(map(_text, compared)), is_settled=True, is_probe_found=bool(probes))
    hopeless = {each.name for each in compared if each.verdict is Verdict.NOT_COMPARABLE and not each.is_missing}
    is_found = all(
        hopeless & {name, benchmark} or _is_probe_found(name, base, probe, judging)
        for probe in probes
        for name in tests
    )
    return Standing(
        text="; ".join(_text(each) for each in compared) or f"{benchmark}: no verdict needs more rounds",
        is_settled=is_found and all(each.verdict is not Verdict.INCONCLUSIVE for each in compared),
        is_probe_found=bool(probes) and is_found,
    )


def _is_probe_found(name: str, base: Session, probe: Session, judging: Judging) -> bool:
    """Return whether the verdicts on the probe stand; its plain rounds only have to be without a false alarm so far."""
    found = judge_probe(name, base, probe, judging)
    return found is not None and (is_false_alarm(found) or found.slowed.verdict is not Verdict.INCONCLUSIVE)


def _text(compared: Compared) -> str:
    result = compared.paired_result
    if result is None:
        return f"{compared.name}{compared.by}: {compared.verdict}: {compared.reason}"
    figures = f"{result.ratio:.3f} [{result.interval.low:.3f}, {result.interval.high:.3f}]"
    verdict = f"{result.verdict}{compared.by}"
    return (
        f"{compared.name}: {verdict}, {figures}, after {rounds_of_planned(len(compared.base), compared.planned)} rounds"
    )
