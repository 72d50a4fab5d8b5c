"""List the claims about results: descriptions of the benchmarks, the table of results and its notes. Pure."""

from seqbench.experiments.explain.unit_cost import Unit
from seqbench.sessions.report import ratio_text
from seqbench.stats.intervals import EXCELLENT_LIMIT
from seqbench.units import duration
from studies.claims.claim import EXPLAIN, FULL, Assessment, Check, Claim, assessment, at_size, matches, sure_ratio
from studies.claims.evidence import ClaimEvidence

_MILLION = 1_000_000


def _table_row(benchmark: str, claimed: float, rounding: float) -> Check:
    """Assess a row of the table of results by its ratio, because its times are those of another machine."""

    def check(evidence: ClaimEvidence) -> Assessment | None:
        sure = sure_ratio(evidence.full(benchmark))
        if sure is None:
            return None
        found, ratio, interval = sure
        times = [duration(side.elapsed_ns) for side in (found.subject, found.reference) if side is not None]
        figures = f"here {' and '.join(times)}, {ratio_text(ratio)} ({found.size})"
        return assessment(matches(interval, claimed - rounding, claimed + rounding), figures)

    return check


def _at_most(limit: float, remark: str, *benchmarks: str) -> Check:
    """Assess whether the whole intervals of the ratios of these benchmarks are at or below a limit."""

    def check(evidence: ClaimEvidence) -> Assessment | None:
        found = [sure for name in benchmarks if (sure := sure_ratio(evidence.largest(name)))]
        if len(found) < len(benchmarks):
            return None
        figures = ", ".join(at_size(each, ratio) for each, ratio, _ in found)
        intervals = [interval for _, _, interval in found]
        is_open = all(interval.low <= limit for interval in intervals)
        is_confirmed = all(interval.high <= limit for interval in intervals)
        doubt = ", but an interval includes the limit" if is_open and not is_confirmed else ""
        return assessment(is_confirmed, f"{figures}{doubt}; {remark}")

    return check


def _skynet_tree(evidence: ClaimEvidence) -> Assessment | None:
    found = evidence.largest("skynet")
    strands = found.subject.least_of("tasks") if found and found.subject else None
    if found is None or strands is None:
        return None
    leaves = dict(found.parameters)["leaves"]
    return assessment(strands == leaves, f"{leaves:,} leaves take {strands:,} strands: inner nodes are strands too")


def _skynet_result(evidence: ClaimEvidence) -> Assessment | None:
    found = evidence.full("skynet")
    if found is None or found.subject is None:
        return None
    return assessment(found.subject.result == 499_999_500_000, f"{found.subject.result:,} in every run")  # noqa: PLR2004


def _pingpong_messages(evidence: ClaimEvidence) -> Assessment | None:
    found = evidence.largest("pingpong")
    messages = found.subject.least_of("messages") if found and found.subject else None
    if found is None or messages is None:
        return None
    rounds = dict(found.parameters)["round_trips"]
    return assessment(messages == rounds, f"{rounds:,} round trips are {messages:,} messages, as in its own rate")


def _fanout_configuration(evidence: ClaimEvidence) -> Assessment | None:
    found = evidence.full("fanout")
    if found is None or found.subject is None:
        return None
    workers, messages = (found.subject.least_of(key) or 0 for key in ("workers", "messages"))
    return assessment((workers, messages) == (100, _MILLION), f"{workers:,} workers, {messages:,} messages")


def _slower_by_spawning(evidence: ClaimEvidence) -> Assessment | None:
    subject = evidence.roles.subject
    sure = sure_ratio(evidence.largest("skynet"))
    strand = evidence.cost("skynet", subject, Unit.STRAND)
    message = evidence.cost("pingpong", subject, Unit.MESSAGE)
    if sure is None or strand is None or message is None or not (strand.time.interval and message.time.interval):
        return None
    figures = f"skynet {ratio_text(sure[1])}; a strand with its message costs {strand.time.text(duration)}"
    figures += f", a message of ping-pong {message.time.text(duration)}"
    return assessment(sure[2].low > 1 and strand.time.interval.low > 2 * message.time.interval.high, figures)


def _optimised_for_spawning(evidence: ClaimEvidence) -> Assessment | None:
    costs = {c.runtime: c for c in evidence.costs if (c.benchmark, c.unit, c.variant) == ("skynet", Unit.STRAND, "")}
    own = costs.get(evidence.roles.reference)
    others = [cost.time.value for cost in costs.values() if cost is not own]
    if own is None or not others:
        return None
    figures = ", ".join(f"{name} {cost.time.text(duration)}" for name, cost in costs.items())
    return assessment(own.time.value <= 2 * min(others), f"cost of a strand: {figures}")


CLAIMS = (
    Claim(
        id="skynet-tree",
        words="Spawns 1,000,000 strands/goroutines in a 10-ary tree",
        command=EXPLAIN,
        check=_skynet_tree,
    ),
    Claim(id="skynet-result", words="Expected result: 499,999,500,000", command=FULL, check=_skynet_result),
    Claim(
        id="pingpong-messages",
        words="Two strands exchange 1,000,000 messages back and forth",
        command=EXPLAIN,
        check=_pingpong_messages,
    ),
    Claim(
        id="fanout-configuration",
        words="Configuration: 100 workers, 1,000,000 messages",
        command=FULL,
        check=_fanout_configuration,
    ),
    Claim(
        id="pingpong-row",
        words="Pingpong | 502ms (4.0M msg/sec) | 217ms (9.2M msg/sec) | 2.3x",
        command=FULL,
        check=_table_row("pingpong", 2.3, 0.05),
    ),
    Claim(
        id="fanout-row",
        words="Fanout (100 workers) | 551ms (1.8M msg/sec) | 249ms (4.0M msg/sec) | 2.2x",
        command=FULL,
        check=_table_row("fanout", 2.2, 0.05),
    ),
    Claim(
        id="skynet-row",
        words="Skynet | 4779ms | 170ms | 28x",
        command=FULL,
        check=_table_row("skynet", 28, 0.5),
    ),
    Claim(
        id="within-1.5x",
        words="Seq pingpong and fanout are within 1.5x of Go",
        command=EXPLAIN,
        check=_at_most(1.5, "its own table says 2.3x and 2.2x", "pingpong", "fanout"),
    ),
    Claim(
        id="slower-by-spawning",
        words="Skynet is slower due to spawn overhead",
        command=EXPLAIN,
        check=_slower_by_spawning,
    ),
    Claim(
        id="optimised-for-spawning",
        words="Go's runtime is highly optimized for this",
        command=EXPLAIN,
        check=_optimised_for_spawning,
    ),
    Claim(
        id="pingpong-comparable",
        words="Ping-Pong: Tests channel ops in isolation. Should be comparable",
        command=EXPLAIN,
        check=_at_most(EXCELLENT_LIMIT, f"the document calls up to {EXCELLENT_LIMIT:g}x competitive", "pingpong"),
    ),
)
