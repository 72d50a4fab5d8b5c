"""Claims about the runtime: channels, settings, diagnostics. Pure."""

from collections.abc import Callable, Mapping

from seqbench.experiments.explain.unit_cost import Unit
from seqbench.experiments.tune.settings import OFF, ON
from seqbench.sessions.report import ratio_text
from seqbench.stats.intervals import Interval, Ratio
from studies.claims.claim import EXPLAIN, NEXT_TO_NONE, TRACED, Claim, Judge, Judgement, judgement
from studies.claims.evidence import ClaimEvidence

# What is called the same, as in `invoke compare`.
NEGLIGIBLE = 0.02
_PAGE = "python -m studies.claims"
_TUNE = "invoke tune"
_CLOCKS = ("clock_gettime", "gettimeofday", "time")


def _unbounded(evidence: ClaimEvidence) -> Judgement | None:
    if problem := evidence.problem("unread"):
        return judgement(False, f"a program that sends all before it receives did not come to its end: {problem}")
    found = evidence.largest("unread")
    if found is None or found.subject is None:
        return None
    return judgement(True, f"{found.subject.result:,} messages were sent before the first one was received")


def _concurrent_receives(evidence: ClaimEvidence) -> Judgement | None:
    found = evidence.largest("fanout")
    least = found.subject.least_of("least") if found and found.subject else None
    if found is None or found.subject is None or least is None:
        return None
    workers = found.subject.least_of("workers") or 0
    return judgement(least > 0, f"each of {workers:,} workers received {least:,} messages or more, in every run")


def _exactly_one(evidence: ClaimEvidence) -> Judgement | None:
    found = evidence.largest("fanout")
    if found is None or found.subject is None:
        return None
    sent, workers = (found.subject.least_of(key) or 0 for key in ("messages", "workers"))
    received = found.subject.result
    return judgement(received == sent, f"{sent:,} sent, {received:,} received by {workers:,} workers, in every run")


def _fair_with_yield(evidence: ClaimEvidence) -> Judgement | None:
    found = evidence.largest("sharing")
    if found is None or found.subject is None:
        return None
    equal = dict(found.parameters)["messages"] / dict(found.parameters)["workers"]
    in_turn, otherwise = ((found.subject.most_of(key) or 0) / equal for key in ("busiest_in_turn", "busiest"))
    figures = (
        f"of all runs, the busiest worker had {in_turn:.1f} times an equal share, and without the yield {otherwise:.1f}"
    )
    return judgement(in_turn < otherwise / 2, figures)


def _stack_in_bytes(evidence: ClaimEvidence) -> Judgement | None:
    unit = evidence.stack_unit_bytes
    if unit is None:
        return None
    return judgement(unit == 1, f"one unit is {unit:g} bytes: 131072 are {131_072 * unit / 1024:,.0f} KiB")


def _pool_of_ten_thousand(evidence: ClaimEvidence) -> Judgement | None:
    calls = evidence.call("pingpong", evidence.roles.subject, Unit.MESSAGE)
    if calls is None:
        return None
    maps = dict(calls.at_small).get("mmap", 0)
    return judgement(10_000 <= maps < 10_500, f"a program with two strands makes {maps:,} maps")  # noqa: PLR2004


def _pool_reduces(evidence: ClaimEvidence) -> Judgement | None:
    ratio = dict(evidence.pool_ratio).get("skynet")
    if ratio is None or ratio.interval is None:
        return None
    return judgement(ratio.interval.high < 1, f"time of skynet with a larger pool / with the default: {_fine(ratio)}")


def _diagnostics_default(evidence: ClaimEvidence) -> Judgement | None:
    if evidence.reports_itself is None:
        return None
    says = "reports on itself" if evidence.reports_itself else "says nothing of itself"
    return judgement(evidence.reports_itself, f"a program of the default build {says} when it is asked")


def _signal_handler(evidence: ClaimEvidence) -> Judgement | None:
    """Judge what the build without diagnostics leaves out: the other build must be seen to have it."""
    handled = dict(evidence.quit_handlers)
    if ON not in handled or OFF not in handled:
        return None
    said = {True: "handles SIGQUIT", False: "never did"}
    figures = f"a running program with diagnostics {said[handled[ON]]}, without them it {said[handled[OFF]]}"
    return judgement(handled[ON] and not handled[OFF], figures)


def _clock_calls(evidence: ClaimEvidence) -> Judgement | None:
    calls = evidence.call("skynet", evidence.roles.subject, Unit.STRAND)
    if calls is None or not evidence.reports_itself:
        return None
    each = calls.per_unit_of(*_CLOCKS)
    return judgement(each > NEXT_TO_NONE, f"with diagnostics, {each:.3f} calls that read a clock for each strand more")


def _diagnostics(decide: Callable[[Mapping[str, Interval]], bool]) -> Judge:
    """Judge what is said of the diagnostics by the times with them / without, of every benchmark that has both."""

    def judge(evidence: ClaimEvidence) -> Judgement | None:
        intervals = {name: ratio.interval for name, ratio in evidence.diagnostics_ratio if ratio.interval is not None}
        if "skynet" not in intervals:
            return None
        told = ", ".join(f"{name} {_fine(ratio)}" for name, ratio in evidence.diagnostics_ratio)
        return judgement(decide(intervals), f"time with diagnostics / without: {told}")

    return judge


def _fine(ratio: Ratio) -> str:
    """Write a ratio that is near 1."""
    if ratio.interval is None:
        return ratio_text(ratio)
    return f"{ratio.median:.3f} [{ratio.interval.low:.3f}, {ratio.interval.high:.3f}]"


CLAIMS = (
    Claim(
        id="unbounded",
        words="Unbounded queue (sends never block)",
        command=_PAGE,
        judge=_unbounded,
    ),
    Claim(
        id="concurrent-receives",
        words="Multiple strands can receive concurrently from the same channel",
        command=EXPLAIN,
        judge=_concurrent_receives,
    ),
    Claim(
        id="exactly-one-receiver",
        words="Each message is delivered to exactly one receiver",
        command=EXPLAIN,
        judge=_exactly_one,
    ),
    Claim(
        id="yield-is-fair",
        words="Workers should `chan.yield` after receiving to enable fair distribution",
        command=_PAGE,
        judge=_fair_with_yield,
    ),
    Claim(
        id="sentinels-drain",
        words="This ensures workers can drain all messages before exiting",
        command=EXPLAIN,
        judge=_exactly_one,
    ),
    Claim(
        id="stack-size",
        words="`SEQ_STACK_SIZE` | 131072 (128KB) | Coroutine stack size in bytes",
        command=_PAGE,
        judge=_stack_in_bytes,
    ),
    Claim(
        id="pool-default",
        words="`SEQ_POOL_CAPACITY` | 10000 | Coroutine pool size",
        command=TRACED,
        judge=_pool_of_ten_thousand,
    ),
    Claim(id="pool-helps", words="Coroutine pool size (reduces allocations)", command=_TUNE, judge=_pool_reduces),
    Claim(
        id="diagnostics-default",
        words="has a `diagnostics` feature (enabled by default)",
        command=EXPLAIN,
        judge=_diagnostics_default,
    ),
    Claim(
        id="diagnostics-off-is-fastest",
        words="Disable diagnostics for maximum performance",
        command=_TUNE,
        judge=_diagnostics(lambda found: any(interval.low > 1 for interval in found.values())),
    ),
    Claim(
        id="registry-overhead",
        words="No strand registry overhead (O(n) scans on spawn/complete)",
        command=_TUNE,
        judge=_diagnostics(lambda found: found["skynet"].low > 1),
    ),
    Claim(
        id="signal-handler",
        words="No SIGQUIT signal handler",
        command=_PAGE,
        judge=_signal_handler,
    ),
    Claim(
        id="clock-calls",
        words="No `SystemTime::now()` syscalls per spawn",
        command=TRACED,
        judge=_clock_calls,
    ),
    Claim(
        id="diagnostics-negligible",
        words="In benchmarks, the diagnostics overhead is negligible compared to spawn syscall overhead",
        command=_TUNE,
        judge=_diagnostics(lambda found: all(interval.high <= 1 + NEGLIGIBLE for interval in found.values())),
    ),
)
