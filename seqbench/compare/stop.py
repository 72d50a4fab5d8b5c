"""Decide at a look whether a benchmark of a comparison stops. Pure."""

from seqbench.bench.stopping import Standing
from seqbench.compare.comparison import Compared, Judging, compare_one, names_of
from seqbench.compare.gate import is_false_alarm, judge_probe
from seqbench.compare.verdict import Verdict
from seqbench.sessions.session import Session


def standing(sessions: tuple[Session, ...], benchmark: str, *, runtime: str, margin: float) -> Standing:
    """Return whether the verdicts on a benchmark stand, of all its tests, and in a gate those on its probe too.

    A benchmark that cannot be compared, because a side failed, is settled as well: more rounds change nothing.

    Parameters
    ----------
    sessions
        Base, head and, in a gate, the probe, as far as they were measured.
    """
    base, head, *probes = sessions
    names = names_of(base, head)
    judging = Judging(runtime=runtime, margin=margin, family=len(names))
    tests = [name for name in names if name.partition("/")[0] == benchmark]
    compared = [compare_one(base, head, name, judging, paired=True) for name in tests]
    is_found = all(_is_probe_found(each, base, probe, judging) for probe in probes for each in compared)
    return Standing(
        text="; ".join(_text(each) for each in compared),
        is_settled=is_found and all(each.verdict is not Verdict.INCONCLUSIVE for each in compared),
        is_probe_found=bool(probes) and is_found,
    )


def _is_probe_found(compared: Compared, base: Session, probe: Session, judging: Judging) -> bool:
    """Return whether the verdicts on the probe stand; its plain rounds only have to be without a false alarm so far."""
    if compared.verdict is Verdict.NOT_COMPARABLE:
        return True
    found = judge_probe(compared.name, base, probe, judging)
    return found is not None and (is_false_alarm(found) or found.slowed.verdict is not Verdict.INCONCLUSIVE)


def _text(compared: Compared) -> str:
    result = compared.paired_result
    if result is None:
        return f"{compared.name}: {compared.verdict}: {compared.reason}"
    figures = f"{result.ratio:.3f} [{result.interval.low:.3f}, {result.interval.high:.3f}]"
    return f"{compared.name}: {result.verdict}, {figures}, after {len(compared.base):,} of {compared.planned:,} rounds"
