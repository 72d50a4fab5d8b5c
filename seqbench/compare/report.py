"""Build the text of a comparison, of a gate and of a calibration. Pure."""

from collections.abc import Callable, Sequence
from statistics import median

from seqbench.compare.calibration import Calibration
from seqbench.compare.compared import Compared
from seqbench.compare.comparison import Comparison
from seqbench.compare.gate import Gate, GateOutcome, ProbeResult
from seqbench.compare.layout_spread import layout_text
from seqbench.compare.metrics import ONLY_TIME
from seqbench.compare.moved import moved_text
from seqbench.compare.settle import Flags, settle_lines, settlings
from seqbench.compare.table_notes import DETECTS, meaning
from seqbench.compare.used import rounds_of_planned
from seqbench.compare.verdict import POWER, PairedResult, Verdict
from seqbench.sessions.peak_memory import peak_of
from seqbench.sessions.report import failure_details
from seqbench.sessions.session import BenchmarkResult
from seqbench.text import SIMPLE, fits, table
from seqbench.units import clock_duration, durations, percent, rough_percent, short_bytes, time_writer

_FIX_OF_UNFIT = (
    "  fix: stop other programs or give more --budget, then run it again;"
    " {invoke} calibrate shows which slowdowns this machine can detect"
)


def full_text(
    comparison: Comparison, base_name: str, head_name: str, *, width: int | None = None, flags: Flags = ()
) -> str:
    """Return the verdicts, what would settle open ones, the memory and CPU time of both sides, and how to read them.

    Tables that are wider than `width` characters are folded, and drop columns; None is no limit. `flags` are
    those of the command that settles open verdicts, beside the sides.
    """
    advice = settle_lines(settlings(comparison), "compare", base_name, head_name, comparison, flags=flags)
    return _text(comparison, base_name, head_name, advice, width=width)


def _text(comparison: Comparison, base_name: str, head_name: str, advice: Sequence[str], *, width: int | None) -> str:
    failures = [*failure_details(comparison.base), *failure_details(comparison.head)]
    parts = [
        _verdicts(comparison, width),
        *filter(None, ["\n".join(_moved_lines(comparison))]),
        *(["\n".join(advice)] if advice else []),
        *filter(None, [_side_by_side(comparison, width)]),
        "\n".join(meaning(comparison, base_name, head_name)),
        *dict.fromkeys(failures),
    ]
    return "\n\n".join(parts)


def gate_text(gate: Gate, base_name: str, head_name: str, *, width: int | None = None, flags: Flags = ()) -> str:
    """Return the comparison, the verdicts on the probe, and the outcome with its reasons.

    `width` and `flags` are as in `full_text`.
    """
    tables = gate_tables(gate, base_name, head_name, width=width, flags=flags)
    return f"{tables}\n\n{outcome_text(gate.outcome, gate.reasons)}"


def outcome_text(outcome: GateOutcome, reasons: Sequence[str]) -> str:
    """Return the outcome of a gate with its reasons."""
    fix = [_FIX_OF_UNFIT] if outcome is GateOutcome.UNFIT else []
    return "\n".join([f"gate: {outcome}", *(f"  - {reason}" for reason in reasons), *fix])


def gate_tables(gate: Gate, base_name: str, head_name: str, *, width: int | None = None, flags: Flags = ()) -> str:
    """Return the comparison and the verdicts on the probe; `width` and `flags` are as in `full_text`."""
    rows = [
        [
            probe.name,
            _interval(probe.plain),
            probe.plain.verdict,
            percent(probe.injected),
            _interval(probe.slowed),
            probe.slowed.verdict,
            str(probe.plain.pairs + probe.slowed.pairs),
        ]
        for probe in gate.probe_results
    ]
    advice = settle_lines(gate.settlings, "gate", base_name, head_name, gate.comparison, flags=flags)
    text = _text(gate.comparison, base_name, head_name, advice, width=width)
    return f"{text}\n\n{probe_table(rows, width)}"


def probe_table(rows: Sequence[Sequence[str]], width: int | None) -> str:
    """Return the table with the verdicts on the probe of each benchmark."""
    header = ["Probe", "Plain / Base", "Verdict", "Slowed by", "Slowed / Base", "Verdict", "Rounds"]
    return table(rows, header, SIMPLE, width=width, least_important=("Rounds", "Slowed by"))


def calibration_text(
    calibration: Calibration, probe_results: Sequence[ProbeResult], budget_s: float, *, width: int | None = None
) -> str:
    """Return the error rates and the power for each benchmark, a plot of the power, and the times of the probes.

    Tables that are wider than `width` characters are folded; None is no limit.
    """
    slowdowns = [percent(slowdown) for slowdown, _ in calibration.benchmarks[0].power]
    header = ["Benchmark", "Rounds", "Noise", "False slower", "False faster"]
    header += [*slowdowns, "Smallest found"]
    rows = [
        [
            each.name,
            str(each.rounds),
            *(percent(share, digits=1) for share in (each.spread, each.false_slower, each.false_faster)),
            *(percent(share) for _, share in each.power),
            "above 100 %" if each.smallest is None else percent(each.smallest, digits=1),
        ]
        for each in calibration.benchmarks
    ]
    budget = clock_duration(budget_s)
    trials = min(each.trials for each in calibration.benchmarks)
    notes = [
        f"What a comparison of {budget} can detect on this machine, from real rounds of one compiler against itself,",
        f"drawn anew in {trials:,} comparisons of each benchmark.",
        "Rounds: how many fit into that time. Noise: the median difference between two runs in a round.",
        "False slower, false faster: the shares of comparisons of a compiler with itself that get this verdict.",
        f"{slowdowns[0]} to {slowdowns[-1]}, the power: the share of slowdowns of that size that are detected.",
        f"Smallest found: the smallest slowdown that is detected with a probability of {percent(POWER)}.",
    ]
    notes += [
        f"{probe.name}: the probe, slowed down by {percent(probe.injected)}, measured {_interval(probe.slowed)}"
        for probe in probe_results
    ]
    found = table(rows, header, SIMPLE, width=width, least_important=slowdowns[::-1])
    layouts = (layout_text(calibration.layouts, width=width), calibration.layout_problem)
    return "\n\n".join([found, _power_plot(calibration), "\n".join(notes), *filter(None, layouts)])


def _power_plot(calibration: Calibration) -> str:
    """Return a plot of the power of each benchmark over the slowdown."""
    import plotext  # noqa: PLC0415 - large, and needed for this plot only

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plotsize(80, 18)
    for each in calibration.benchmarks:
        plotext.plot(
            [100 * slowdown for slowdown, _ in each.power], [100 * share for _, share in each.power], label=each.name
        )
    plotext.title("power: share of slowdowns that are detected, in %")
    plotext.xlabel("slowdown in %")
    plotext.ylim(0, 100)
    return str(plotext.uncolorize(plotext.build()))


def _interval(result: PairedResult) -> str:
    return f"{result.ratio:.3f} [{result.interval.low:.3f}, {result.interval.high:.3f}]"


def _verdicts(comparison: Comparison, width: int | None) -> str:
    header = ["Benchmark", "Base", "Head", "Head / Base", "Verdict", DETECTS, "Rounds"]
    if comparison.metrics != ONLY_TIME:
        header.insert(1, "Metric")

    def rows(verdict: Callable[[Compared], str]) -> list[list[str]]:
        return [
            [
                title_text(each),
                *([each.metric.value] if comparison.metrics != ONLY_TIME else []),
                *_medians(each),
                ratio_text(each),
                verdict(each),
                _detectable(each),
                _rounds(each),
            ]
            for each in comparison.benchmarks
        ]

    whole = table(rows(verdict_text), header, SIMPLE)
    if fits(whole, width):
        return whole
    # The reasons for missing verdicts go below the table.
    least = ("Rounds", DETECTS, "Head", "Base")
    narrow = table(
        rows(lambda each: verdict_text(each).partition(":")[0]), header, SIMPLE, width=width, least_important=least
    )
    reasons = [
        f"{metric_title(each)}: {verdict_text(each)}" for each in comparison.benchmarks if not each.paired_result
    ]
    return "\n\n".join([narrow, *(["\n".join(reasons)] if reasons else [])])


def metric_title(each: Compared) -> str:
    """Return the title of a benchmark with the metric, if that is not the time."""
    return each.metric.titled(each.title)


def _moved_lines(comparison: Comparison) -> list[str]:
    """Return for each slower benchmark the counters that moved with it."""
    lines = []
    for name in dict.fromkeys(each.name for each in comparison.benchmarks):
        slower = [each for each in comparison.benchmarks if each.name == name and each.verdict is Verdict.SLOWER]
        # A metric is no counter that moved with itself.
        moved = max((comparison.moved(each) for each in slower), key=len, default=())
        if moved:
            by = f" by {', '.join(each.metric for each in slower)}" if comparison.metrics != ONLY_TIME else ""
            lines.append(f"{slower[0].title}: slower{by}; {moved_text(moved)}")
    return lines


def _rounds(each: Compared) -> str:
    """Return how many rounds or builds ran, and how many rounds were planned where it may stop before."""
    if not each.metric.is_sampled:
        return str(each.paired_result.pairs) if each.paired_result else "-"
    return rounds_of_planned(len(each.base), each.planned) if each.base else "-"


def title_text(each: Compared | BenchmarkResult) -> str:
    """Return the title of a benchmark with its size."""
    return f"{each.title}{f' [{each.size_label}]' if each.size_label else ''}"


def _medians(each: Compared) -> list[str]:
    known = [value for value in each.values if value is not None]
    write = short_bytes if each.metric.is_bytes else time_writer(known)
    return ["-" if value is None else write(value) for value in each.values]


def ratio_text(each: Compared) -> str:
    """Return the ratio with its interval."""
    if each.paired_result is None:
        return "-" if each.unpaired_ratio is None else f"{each.unpaired_ratio:.3f} (unpaired)"
    return _interval(each.paired_result)


def verdict_text(each: Compared) -> str:
    """Return the verdict, or why there is none."""
    if each.paired_result is None:
        return f"{each.verdict if each.unpaired_ratio is None else 'no verdict'}: {each.reason}"
    return each.paired_result.verdict.value


def _detectable(each: Compared) -> str:
    return "-" if each.paired_result is None else rough_percent(each.paired_result.detectable)


def _side_by_side(comparison: Comparison, width: int | None) -> str:
    header = ["Program", "Base memory", "Head memory", "Base user", "Head user", "Base system", "Head system"]
    rows = []
    for each in {each.name: each for each in comparison.benchmarks}.values():
        if not each.base or not each.head:
            continue
        sides = (each.base, each.head)
        rows.append(
            [
                each.title,
                *(peak_of(side).text for side in sides),
                *durations(
                    [
                        *(median(s.user_ns for s in side) for side in sides),
                        *(median(s.system_ns for s in side) for side in sides),
                    ]
                ),
            ]
        )
    return table(rows, header, SIMPLE, width=width, least_important=("Base user", "Head user")) if rows else ""
