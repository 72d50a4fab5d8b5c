"""From a comparison to the lines that people read. Pure."""

from collections.abc import Sequence
from statistics import median

from seqbench.compare.calibration import Calibration
from seqbench.compare.comparison import Compared, Comparison
from seqbench.compare.gate import Gate, Proof
from seqbench.compare.verdict import FAMILY_ERROR, POWER, Judgement, Verdict
from seqbench.sessions.peak_memory import peak_of
from seqbench.sessions.report import failure_details
from seqbench.sessions.session import BenchmarkResult, Session
from seqbench.text import table
from seqbench.units import clock_duration, durations, iso_utc, percent, time_writer

_SIMPLE = "simple"


def full_text(comparison: Comparison, base_name: str, head_name: str, *, width: int | None = None) -> str:
    """Return the verdicts, memory and processor time side by side, and what the figures mean.

    Tables that are wider than `width` leave out their least important columns; None is no limit.
    """
    failures = [*failure_details(comparison.base), *failure_details(comparison.head)]
    parts = [
        _verdicts(comparison, width),
        _side_by_side(comparison, width),
        "\n".join(_meaning(comparison, base_name, head_name)),
        *dict.fromkeys(failures),
    ]
    return "\n\n".join(parts)


def gate_text(gate: Gate, base_name: str, head_name: str, *, width: int | None = None) -> str:
    """Return the outcome with its reasons, the comparison, and what the probe showed; `width` as in `full_text`."""
    rows = [
        [
            proof.name,
            _interval(proof.plain),
            proof.plain.verdict,
            percent(proof.injected),
            _interval(proof.slowed),
            proof.slowed.verdict,
            str(proof.plain.pairs + proof.slowed.pairs),
        ]
        for proof in gate.proofs
    ]
    header = ["Probe", "Plain / Base", "Verdict", "Slowed by", "Slowed / Base", "Verdict", "Rounds"]
    outcome = "\n".join([f"gate: {gate.outcome}", *(f"  - {reason}" for reason in gate.reasons)])
    proofs = table(rows, header, _SIMPLE, width=width, least_important=("Rounds", "Slowed by"))
    return "\n\n".join([full_text(gate.comparison, base_name, head_name, width=width), proofs, outcome])


def calibration_text(
    calibration: Calibration, proofs: Sequence[Proof], budget_s: float, *, width: int | None = None
) -> str:
    """Return error rates and power for each benchmark, the power as a plot too, and how the probe was seen.

    `width` as in `full_text`.
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
    meaning = [
        f"What a comparison of {budget} can do on this machine, judged on real rounds of one compiler against itself.",
        "Rounds: what fits into that time. Noise: the median difference of two runs in a round.",
        "False slower and faster: shares of comparisons of a compiler with itself.",
        f"Then the power: the share of slowdowns of that size that is found. The smallest is found with {POWER:.0%}.",
    ]
    meaning += [
        f"{proof.name}: slowed down by {proof.injected:.0%} for real, it measured {_interval(proof.slowed)}"
        for proof in proofs
    ]
    found = table(rows, header, _SIMPLE, width=width, least_important=slowdowns[::-1])
    return "\n\n".join([found, _power_plot(calibration), "\n".join(meaning)])


def _power_plot(calibration: Calibration) -> str:
    """Draw the power of each benchmark over the slowdown."""
    import plotext  # noqa: PLC0415 - as numpy in stats: after the measuring, it is large

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plotsize(80, 18)
    for each in calibration.benchmarks:
        plotext.plot(
            [100 * slowdown for slowdown, _ in each.power], [100 * share for _, share in each.power], label=each.name
        )
    plotext.title("power: share of slowdowns that are found, in %")
    plotext.xlabel("slowdown in %")
    plotext.ylim(0, 100)
    return str(plotext.uncolorize(plotext.build()))


def _interval(judgement: Judgement) -> str:
    return f"{judgement.ratio:.3f} [{judgement.interval.low:.3f}, {judgement.interval.high:.3f}]"


def _verdicts(comparison: Comparison, width: int | None) -> str:
    header = ["Benchmark", "Base", "Head", "Head / Base", "Verdict", "Smallest slowdown seen", "Rounds"]
    rows = []
    for each in comparison.benchmarks:
        judged = [ratio_text(each), verdict_text(each), _detectable(each)]
        rows.append([title_text(each), *_medians(each), *judged, str(len(each.base) or "-")])
    return table(rows, header, _SIMPLE, width=width, least_important=("Rounds", "Smallest slowdown seen"))


def title_text(each: Compared | BenchmarkResult) -> str:
    """Name a benchmark with its size."""
    return f"{each.title}{f' [{each.size_label}]' if each.size_label else ''}"


def _medians(each: Compared) -> list[str]:
    medians = [median(sample.elapsed_ns for sample in side) if side else None for side in (each.base, each.head)]
    write = time_writer(time for time in medians if time is not None)
    return ["-" if time is None else write(time) for time in medians]


def ratio_text(each: Compared) -> str:
    """Write the ratio with its interval."""
    if each.judgement is None:
        return "-" if each.unpaired_ratio is None else f"{each.unpaired_ratio:.3f} (unpaired)"
    return _interval(each.judgement)


def verdict_text(each: Compared) -> str:
    """Write the verdict, or why there is none."""
    if each.judgement is None:
        return f"{Verdict.NOT_COMPARABLE if each.unpaired_ratio is None else 'no verdict'}: {each.reason}"
    if each.judgement.rounds_needed is not None:
        return f"{each.judgement.verdict}: about {each.judgement.rounds_needed:,} rounds would settle it"
    return each.judgement.verdict.value


def _detectable(each: Compared) -> str:
    return "-" if each.judgement is None else percent(each.judgement.detectable, digits=1)


def _side_by_side(comparison: Comparison, width: int | None) -> str:
    header = ["Program", "Base memory", "Head memory", "Base user", "Head user", "Base system", "Head system"]
    rows = []
    for each in comparison.benchmarks:
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
    return table(rows, header, _SIMPLE, width=width, least_important=("Base user", "Head user"))


def _meaning(comparison: Comparison, base_name: str, head_name: str) -> Sequence[str]:
    base, head = comparison.base, comparison.head
    lines = [f"base is {base_name}, head is {head_name}"]
    if comparison.paired:
        lines += [
            "Head / Base is above 1 where head is slower; both ran in the same rounds.",
            f"Its intervals hold for all benchmarks together with {1 - FAMILY_ERROR:.0%}.",
            f"same: the interval lies within {comparison.margin:.1%}; faster, slower: it leaves out 1.",
            f"The smallest slowdown seen is what so many rounds, as noisy as these, find with {POWER:.0%}.",
        ]
    else:
        lines += [
            "These sessions were measured at different times: their ratio says what was seen then, and cannot tell a",
            "change of the compiler from a change of the machine's speed. So there is no verdict; for one, run",
            "`{invoke} compare --base SPEC --head SPEC`, which measures both in the same rounds.",
        ]
    if base_name == head_name or _all_identical(comparison):
        lines.append("both sides are the same compiler with the same settings: this is an A/A run, it shows the noise")
    for side, session in (("base", base), ("head", head)):
        lines += [f"{side}: {tool.sentence()}" for tool in session.toolchain if tool.name == "seqc"]
        if session.settings:
            lines.append(f"{side}: {' '.join(f'{key}={value}' for key, value in session.settings)}")
    lines += [
        f"{result.name}: started with {' '.join(f'{key}={value}' for key, value in result.settings)} on both sides:"
        " the start is not judged, and a shorter one leaves time for more rounds"
        for result in base.results
        if result.settings
    ]
    spent = f"{base.wall_ns / 1e9:.0f} s in all, {base.programs_ns / 1e9:.0f} s of it in programs"
    return [
        *lines,
        f"machine: {base.machine.sentence()}; load {base.load_before:.2f} at the start",
        f"seed {base.seed}, {iso_utc(base.started_at)}, {spent}",
    ]


def _all_identical(comparison: Comparison) -> bool:
    def executables(session: Session) -> list[str]:
        return [program.executable for result in session.results for program in result.programs]

    return comparison.base.settings == comparison.head.settings and executables(comparison.base) == executables(
        comparison.head
    )
