"""Claims about spawning beside message passing: where the time goes, what a stack takes, and actors. Pure."""

from seqbench.experiments.explain.unit_cost import MAPPING, Unit
from seqbench.sessions.report import ratio_text
from seqbench.stats.growth import break_even
from seqbench.stats.intervals import EXCELLENT_LIMIT
from seqbench.units import duration
from studies.claims.claim import (
    BEYOND_THE_POOL,
    EXPLAIN,
    FULL,
    NEXT_TO_NONE,
    TRACED,
    Claim,
    Judgement,
    at_size,
    holds,
    judgement,
    sure_ratio,
)
from studies.claims.evidence import ClaimEvidence

# "About" in the document is taken as within a fifth.
ABOUT = 0.2
_MOST = 0.5
_MILLION = 1_000_000
_HUNDRED_THOUSAND = "invoke explain, where the machine holds 100,000 leaves (invoke doctor --fix)"
_LIBRARY = "invoke explain with May, where the machine holds 100,000 leaves (invoke doctor --fix)"
_SMALL_POOL = "SEQ_POOL_CAPACITY=1000 invoke explain --only skynet, with strace (apt install strace)"
_PINGPONG_FULL = "invoke explain --only pingpong --size full"
_ACTORS = "invoke sweep --only actors --over messages=1:10000"


def _not_representative(evidence: ClaimEvidence) -> Judgement | None:
    actors, skynet = sure_ratio(evidence.largest("actors")), sure_ratio(evidence.largest("skynet"))
    if actors is None or skynet is None:
        return None
    return judgement(actors[2].high < skynet[2].low, f"{at_size(*actors[:2])}, {at_size(*skynet[:2])}")


def _pingpong_system(evidence: ClaimEvidence) -> Judgement | None:
    """Judge it by the work beyond the start; where its share may be above the claimed one or below, by the process.

    The start only adds to it, so that the process can refute the claim and not confirm it.
    """
    subject = evidence.roles.subject
    cost = evidence.cost("pingpong", subject, Unit.MESSAGE)
    share = evidence.share("pingpong", subject)
    if cost is None or share is None or (interval := share.of_elapsed.interval) is None:
        return None
    most = 0.015  # of what reads as 1 %
    found = evidence.largest("pingpong")
    whole = found.subject.system_ns / found.subject.wall_ns if found and found.subject else 0.0
    if interval.low <= most <= interval.high and whole <= most:
        return None
    work = duration(cost.system.value * 2 * _MILLION)
    figures = f"{work} for a million round trips, {share.of_elapsed.text(lambda value: f'{value:.1%}')} of their time"
    if found and found.subject:
        figures += f"; with the start of the process {duration(found.subject.system_ns)}, {whole:.0%} ({found.size})"
    return judgement(interval.high < most, figures)


def _pingpong_slower(evidence: ClaimEvidence) -> Judgement | None:
    sure = sure_ratio(evidence.largest("pingpong"))
    if sure is None:
        return None
    return judgement(holds(sure[2], 1.15, 1.25), f"{at_size(*sure[:2])}; its own table of results says 2.3x")


def _skynet_system(evidence: ClaimEvidence) -> Judgement | None:
    found = evidence.at("skynet", leaves=BEYOND_THE_POOL)
    if found is None or found.subject is None:
        return None
    share = found.subject.system_ns / found.subject.wall_ns
    figures = f"{duration(found.subject.system_ns)}, {share:.0%} of elapsed"
    figures += f", where {evidence.cores} cores can show {evidence.cores * 100}% at most"
    return judgement(2.5 <= share < 3.5, figures)  # noqa: PLR2004 - what is about 300 %


def _skynet_slower(evidence: ClaimEvidence) -> Judgement | None:
    sure = sure_ratio(evidence.at("skynet", leaves=BEYOND_THE_POOL))
    return None if sure is None else judgement(holds(sure[2], 34.5, 35.5), at_size(*sure[:2]))


def _root_cause(evidence: ClaimEvidence) -> Judgement | None:
    split = next((each for each in evidence.gaps if each.benchmark == "skynet"), None)
    if split is None or split.library.interval is None or dict(split.parameters)["leaves"] < BEYOND_THE_POOL:
        return None
    where = f"skynet with {dict(split.parameters)['leaves']:,} leaves"
    if split.library.interval.high <= 0:
        return judgement(False, f"{where}: May without Seq is no slower than Go")
    figures = (
        f"{where}: {split.library.text(lambda share: f'{share:.0%}')} of the gap to Go is there in May without Seq"
    )
    return judgement(split.library.interval.low > _MOST, figures)


def _maps_with_guards(evidence: ClaimEvidence) -> Judgement | None:
    """Judge it where there are more strands than the pool has stacks: those are mapped before the work begins."""
    for runtime in (evidence.roles.library, evidence.roles.subject):
        calls = evidence.call("skynet", runtime, Unit.STRAND)
        if calls is not None and calls.extra_units > 2 * dict(calls.at_small).get("mmap", 0):
            figures = ", ".join(f"{calls.per_unit_of(name):.2f} {name}" for name in MAPPING)
            is_each = all(calls.per_unit_of(name) > _MOST for name in MAPPING)
            return judgement(is_each, f"{runtime}, for each strand more: {figures}")
    return None


def _segmented(_evidence: ClaimEvidence) -> Judgement:
    return judgement(False, "Go's notes to version 1.3 (2014): no longer segmented, but contiguous and copied to grow")


def _minimal_calls(evidence: ClaimEvidence) -> Judgement | None:
    calls = evidence.call("skynet", evidence.roles.reference, Unit.STRAND)
    if calls is None:
        return None
    return judgement(
        calls.per_unit_of() <= NEXT_TO_NONE, f"{calls.per_unit_of():.3f} system calls for each strand more"
    )


def _amortized(evidence: ClaimEvidence) -> Judgement | None:
    found = {name: evidence.call(name, evidence.roles.subject, Unit.MESSAGE) for name in ("actors", "pingpong")}
    each = {name: calls.per_unit_of() for name, calls in found.items() if calls is not None}
    if not each:
        return None
    figures = ", ".join(f"{name} {value:.3f}" for name, value in each.items())
    return judgement(max(each.values()) <= NEXT_TO_NONE, f"system calls for each message more: {figures}")


def _long_lived(evidence: ClaimEvidence) -> Judgement | None:
    if not evidence.actors_ratios or evidence.actors_ratios[-1][1].interval is None:
        return None
    messages, ratio = evidence.actors_ratios[-1]
    is_low = ratio.interval is not None and ratio.interval.high <= EXCELLENT_LIMIT
    return judgement(is_low, f"{ratio_text(ratio)} at {messages:,} messages for each actor")


def _spawn_heavy(evidence: ClaimEvidence) -> Judgement | None:
    sure = sure_ratio(evidence.largest("skynet"))
    if sure is None or dict(sure[0].parameters)["leaves"] < BEYOND_THE_POOL:
        return None
    return judgement(sure[2].low >= 30, f"{at_size(*sure[:2])}; it grows with the size")  # noqa: PLR2004 - the claim


def _million_actors(evidence: ClaimEvidence) -> Judgement | None:
    found = evidence.full("skynet")
    strands = found.subject.least_of("tasks") if found and found.subject else None
    if found is None or found.subject is None or not strands:
        return None
    seconds = found.subject.elapsed_ns / 1e9 * _MILLION / strands
    figures = f"skynet starts {strands:,} strands at {seconds:.0f} s for a million"
    return judgement(abs(seconds / 60 - 1) <= ABOUT, figures)


def _millions_of_messages(evidence: ClaimEvidence) -> Judgement | None:
    if not evidence.actors_ratios or not (found := break_even(evidence.actors_ratios)).is_sure:
        return None
    first, ratio = evidence.actors_ratios[0]
    where = f"from {found.value:,} messages for each actor on" if found.value else "at no number of messages"
    figures = f"at or below {EXCELLENT_LIMIT:g}x {where}, {ratio_text(ratio)} at {first:,}"
    return judgement(found.value is not None and found.value <= 10, f"{figures}; millions are a few for each")  # noqa: PLR2004


CLAIMS = (
    Claim(
        id="not-representative",
        words="Skynet results are not representative of real actor system performance",
        command=EXPLAIN,
        judge=_not_representative,
    ),
    Claim(
        id="pingpong-system",
        words="Pingpong | 2 strands, 1M messages | 3ms (1%)",
        command=_PINGPONG_FULL,
        judge=_pingpong_system,
    ),
    Claim(
        id="pingpong-1.2x",
        words="Pingpong | 2 strands, 1M messages | [...] | 1.2x slower",
        command=EXPLAIN,
        judge=_pingpong_slower,
    ),
    Claim(
        id="skynet-system",
        words="Skynet | 100k strands, minimal work | 18,000ms (300%)",
        command=_HUNDRED_THOUSAND,
        judge=_skynet_system,
    ),
    Claim(
        id="skynet-35x",
        words="Skynet | 100k strands, minimal work | [...] | 35x slower",
        command=_HUNDRED_THOUSAND,
        judge=_skynet_slower,
    ),
    Claim(
        id="root-cause",
        words="Root cause: May's coroutine library [...]",
        command=_LIBRARY,
        judge=_root_cause,
    ),
    Claim(
        id="maps-with-guards",
        words="uses mmap/munmap syscalls with guard pages for each strand stack",
        command=_SMALL_POOL,
        judge=_maps_with_guards,
    ),
    Claim(id="go-segmented", words="Go uses segmented stacks", command="", judge=_segmented),
    Claim(id="go-minimal-calls", words="with minimal syscalls", command=TRACED, judge=_minimal_calls),
    Claim(
        id="amortized",
        words="Spawn once, message forever → syscall cost amortized",
        command=TRACED,
        judge=_amortized,
    ),
    Claim(
        id="long-lived-actors",
        words="Long-lived actors: Spawn once, message forever → [...] competitive with Go",
        command=_ACTORS,
        judge=_long_lived,
    ),
    Claim(
        id="spawn-heavy",
        words="Spawn-heavy patterns: Pay full syscall cost per strand → 30x+ overhead",
        command=_HUNDRED_THOUSAND,
        judge=_spawn_heavy,
    ),
    Claim(
        id="million-actors",
        words="If you spawn 1M actors at startup (one-time ~60s cost)",
        command=FULL,
        judge=_million_actors,
    ),
    Claim(
        id="millions-of-messages",
        words="then send millions of messages, performance will be competitive with Go",
        command=_ACTORS,
        judge=_millions_of_messages,
    ),
)
