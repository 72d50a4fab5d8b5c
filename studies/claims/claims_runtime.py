"""List the claims about the runtime: channels, settings, diagnostics. Pure."""

from collections.abc import Callable, Mapping

from seqbench.experiments.explain.unit_cost import Unit
from seqbench.experiments.tune.settings import OFF, ON
from seqbench.sessions.report import ratio_text
from seqbench.stats.intervals import Interval, Ratio
from studies.claims.claim import EXPLAIN, NEXT_TO_NONE, TRACED, Assessment, Check, Claim, assessment
from studies.claims.evidence import ClaimEvidence

# The margin of `invoke compare`.
NEGLIGIBLE = 0.02
_PAGE = "python -m studies.claims"
_TUNE = "invoke tune"
_CLOCKS = ("clock_gettime", "gettimeofday", "time")


def _unbounded(evidence: ClaimEvidence) -> Assessment | None:
    if problem := evidence.problem("unread"):
        return assessment(False, f"a program that sends all messages before it receives one failed: {problem}")
    found = evidence.largest("unread")
    if found is None or found.subject is None:
        return None
    return assessment(True, f"{found.subject.result:,} messages were sent before the first one was received")


def _concurrent_receives(evidence: ClaimEvidence) -> Assessment | None:
    found = evidence.largest("fanout")
    least = found.subject.least_of("least") if found and found.subject else None
    if found is None or found.subject is None or least is None:
        return None
    workers = found.subject.least_of("workers") or 0
    return assessment(least > 0, f"each of {workers:,} workers received {least:,} messages or more, in every run")


def _exactly_one(evidence: ClaimEvidence) -> Assessment | None:
    found = evidence.largest("fanout")
    if found is None or found.subject is None:
        return None
    sent, workers = (found.subject.least_of(key) or 0 for key in ("messages", "workers"))
    received = found.subject.result
    return assessment(received == sent, f"{sent:,} sent, {received:,} received by {workers:,} workers, in every run")


def _fair_with_yield(evidence: ClaimEvidence) -> Assessment | None:
    found = evidence.largest("sharing")
    if found is None or found.subject is None:
        return None
    equal = dict(found.parameters)["messages"] / dict(found.parameters)["workers"]
    in_turn, otherwise = ((found.subject.most_of(key) or 0) / equal for key in ("busiest_in_turn", "busiest"))
    figures = f"the busiest worker of all runs had {in_turn:.1f} equal shares, without the yield {otherwise:.1f}"
    return assessment(in_turn < otherwise / 2, figures)


def _stack_in_bytes(evidence: ClaimEvidence) -> Assessment | None:
    unit = evidence.stack_unit_bytes
    if unit is None:
        return None
    return assessment(unit == 1, f"one unit is {unit:g} bytes; 131072 are {131_072 * unit / 1024:,.0f} KiB")


def _pool_of_ten_thousand(evidence: ClaimEvidence) -> Assessment | None:
    calls = evidence.call("pingpong", evidence.roles.subject, Unit.MESSAGE)
    if calls is None:
        return None
    maps = dict(calls.at_small).get("mmap", 0)
    return assessment(10_000 <= maps < 10_500, f"a program with two strands calls mmap {maps:,} times")  # noqa: PLR2004


def _pool_reduces(evidence: ClaimEvidence) -> Assessment | None:
    ratio = dict(evidence.pool_ratio).get("skynet")
    if ratio is None or ratio.interval is None:
        return None
    return assessment(ratio.interval.high < 1, f"time of skynet with a larger pool / with the default: {_fine(ratio)}")


def _diagnostics_default(evidence: ClaimEvidence) -> Assessment | None:
    if evidence.reports_itself is None:
        return None
    says = "prints its report" if evidence.reports_itself else "prints no report"
    return assessment(evidence.reports_itself, f"a program of the default build {says} on request")


def _signal_handler(evidence: ClaimEvidence) -> Assessment | None:
    """Assess the build without diagnostics; the build with them must handle the signal."""
    handled = dict(evidence.quit_handlers)
    if ON not in handled or OFF not in handled:
        return None
    said = {True: "handles SIGQUIT", False: "does not handle SIGQUIT"}
    figures = f"a program with diagnostics {said[handled[ON]]}, without diagnostics it {said[handled[OFF]]}"
    return assessment(handled[ON] and not handled[OFF], figures)


def _clock_calls(evidence: ClaimEvidence) -> Assessment | None:
    calls = evidence.call("skynet", evidence.roles.subject, Unit.STRAND)
    if calls is None or not evidence.reports_itself:
        return None
    each = calls.per_unit_of(*_CLOCKS)
    return assessment(each > NEXT_TO_NONE, f"with diagnostics, {each:.3f} calls that read a clock per strand")


def _diagnostics(decide: Callable[[Mapping[str, Interval]], bool]) -> Check:
    """Assess a claim about diagnostics by the ratios of the times with and without them, by benchmark."""

    def check(evidence: ClaimEvidence) -> Assessment | None:
        intervals = {name: ratio.interval for name, ratio in evidence.diagnostics_ratio if ratio.interval is not None}
        if "skynet" not in intervals:
            return None
        ratios = ", ".join(f"{name} {_fine(ratio)}" for name, ratio in evidence.diagnostics_ratio)
        return assessment(decide(intervals), f"time with diagnostics / without: {ratios}")

    return check


def _fine(ratio: Ratio) -> str:
    """Return a ratio near 1 as text, with three digits after the point."""
    if ratio.interval is None:
        return ratio_text(ratio)
    return f"{ratio.median:.3f} [{ratio.interval.low:.3f}, {ratio.interval.high:.3f}]"


CLAIMS = (
    Claim(
        id="unbounded",
        words="Unbounded queue (sends never block)",
        command=_PAGE,
        check=_unbounded,
    ),
    Claim(
        id="concurrent-receives",
        words="Multiple strands can receive concurrently from the same channel",
        command=EXPLAIN,
        check=_concurrent_receives,
    ),
    Claim(
        id="exactly-one-receiver",
        words="Each message is delivered to exactly one receiver",
        command=EXPLAIN,
        check=_exactly_one,
    ),
    Claim(
        id="yield-is-fair",
        words="Workers should `chan.yield` after receiving to enable fair distribution",
        command=_PAGE,
        check=_fair_with_yield,
    ),
    Claim(
        id="sentinels-drain",
        words="This ensures workers can drain all messages before exiting",
        command=EXPLAIN,
        check=_exactly_one,
    ),
    Claim(
        id="stack-size",
        words="`SEQ_STACK_SIZE` | 131072 (128KB) | Coroutine stack size in bytes",
        command=_PAGE,
        check=_stack_in_bytes,
    ),
    Claim(
        id="pool-default",
        words="`SEQ_POOL_CAPACITY` | 10000 | Coroutine pool size",
        command=TRACED,
        check=_pool_of_ten_thousand,
    ),
    Claim(id="pool-helps", words="Coroutine pool size (reduces allocations)", command=_TUNE, check=_pool_reduces),
    Claim(
        id="diagnostics-default",
        words="has a `diagnostics` feature (enabled by default)",
        command=EXPLAIN,
        check=_diagnostics_default,
    ),
    Claim(
        id="diagnostics-off-is-fastest",
        words="Disable diagnostics for maximum performance",
        command=_TUNE,
        check=_diagnostics(lambda found: any(interval.low > 1 for interval in found.values())),
    ),
    Claim(
        id="registry-overhead",
        words="No strand registry overhead (O(n) scans on spawn/complete)",
        command=_TUNE,
        check=_diagnostics(lambda found: found["skynet"].low > 1),
    ),
    Claim(
        id="signal-handler",
        words="No SIGQUIT signal handler",
        command=_PAGE,
        check=_signal_handler,
    ),
    Claim(
        id="clock-calls",
        words="No `SystemTime::now()` syscalls per spawn",
        command=TRACED,
        check=_clock_calls,
    ),
    Claim(
        id="diagnostics-negligible",
        words="In benchmarks, the diagnostics overhead is negligible compared to spawn syscall overhead",
        command=_TUNE,
        check=_diagnostics(lambda found: all(interval.high <= 1 + NEGLIGIBLE for interval in found.values())),
    ),
)
