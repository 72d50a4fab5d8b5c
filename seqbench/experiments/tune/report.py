"""Write a tuning as text: screening, confirmation and recommendation. Pure."""

import shlex
from collections.abc import Sequence
from math import ceil
from statistics import median

from seqbench.compare import report
from seqbench.compare.compared import Compared
from seqbench.compare.comparison import Comparison
from seqbench.errors import filled
from seqbench.experiments.tune.document import Advice, TuneDocument, TuneStage, advice, confirmed, is_complete
from seqbench.experiments.tune.screening import main_effects, screened, too_coarse, usable
from seqbench.experiments.tune.settings import DIAGNOSTICS, LOOP_OPT, ON, STACK, STACK_UNIT_BYTES, Grid, Variant
from seqbench.sessions.interference import uncounted_lines
from seqbench.sessions.peak_memory import peak_of
from seqbench.sessions.remarks import remark_lines
from seqbench.sessions.report import failure_details
from seqbench.sessions.session import Sample
from seqbench.stats.intervals import Summary
from seqbench.system.facts import Target
from seqbench.text import SIMPLE, printable, table
from seqbench.units import clock_duration, duration, durations, percent, short_bytes

# Smaller increases are within the noise of the medians.
_LEAST_MEMORY_BYTES = 5 << 20
_LEAST_TIME_NS = 10_000_000


def full_text(document: TuneDocument, *, width: int | None = None) -> str:
    """Return a tuning as `invoke tune` prints it; an interrupted one shows its complete stages.

    Tables that are wider than `width` omit their least important columns; None means no limit.
    """
    grid = document.grid
    parts = [*_screening(document, width)]
    comparison = confirmed(document)
    if comparison is not None and document.chosen is not None:
        label = grid.label(document.chosen)
        parts += [
            f"Confirmed in fresh rounds: head is {label}",
            report.full_text(comparison, document.spec, grid.spec_text(document.spec, document.chosen), width=width),
            _memory_and_start(comparison, width),
        ]
    parts += [
        *_left_out(document),
        *_failures(document),
        _recommendation(document, comparison),
    ]
    foot = "\n".join([*remark_lines(*document.stages()), *uncounted_lines(*document.stages()), _wall_time(document)])
    return printable("\n\n".join([*parts, foot]))


def _screening(document: TuneDocument, width: int | None) -> Sequence[str]:
    stage, grid = document.screening, document.grid
    if stage is None or not is_complete(stage.sessions):
        return ["The screening is not complete."] if document.pilot else []
    rounds = stage.sessions[0].results[0].rounds
    how = f"{len(stage.variants)} variants in the same {rounds} rounds"
    if document.is_whole:
        plan = f"Screening: every combination, {how}."
    else:
        needed = f"all {len(grid.whole())} combinations need --budget {ceil(document.whole_needs_s / 60)}m"
        levels, screened_ones = len(grid.one_at_a_time()) - 1, len(stage.variants) - 1
        which = f", the {screened_ones} of {levels} that were fastest in the pilot" if screened_ones < levels else ""
        plan = f"Screening: one level at a time{which} ({needed}), {how}."
    caution = "Ratios to the default; below 1 is faster. Only for choosing: the best of many variants is partly luck."
    effects = "Main effects: a level against the default level, all else equal. 95 % intervals, one by one."
    left_out = [
        f"{report.title_text(each)} is left out: its clock printed a time of zero" for each in too_coarse(stage)
    ]
    caution = "\n".join([caution, *left_out])
    return [f"{plan}\n{caution}", _variants(grid, stage, width), effects, _effects(grid, stage, width)]


def _variants(grid: Grid, stage: TuneStage, width: int | None) -> str:
    titles = _titles(stage)
    rows = []
    for each in screened(stage):
        figures = (*each.ratios, each.overall)[: len(titles)]
        cells = [f"failed in {each.failure}"] if each.failure else [f"{figure:.3f}" for figure in figures]
        rows.append([grid.label(each.variant), *cells, *[""] * (len(titles) - len(cells))])
    header = ["Variant (screening)", *titles]
    return table(rows, header, SIMPLE, width=width, texts=titles[:1], least_important=titles[-2::-1])


def _effects(grid: Grid, stage: TuneStage, width: int | None) -> str:
    titles = _titles(stage)
    rows = []
    for effect in main_effects(grid, stage):
        levels = f"{effect.level} / {effect.default}"
        figures = (*effect.ratios, effect.overall)[: len(titles)]
        rows.append([effect.factor, levels, str(effect.pairs), *(_interval(figure) for figure in figures)])
    header = ["Setting", "Level", "Pairs", *titles]
    return table(rows, header, SIMPLE, width=width, least_important=["Pairs", *titles[-2::-1]])


def _titles(stage: TuneStage) -> list[str]:
    """Return the titles of the ratio columns, with a mean if there is more than one benchmark."""
    titles = [report.title_text(result) for result in usable(stage)]
    return [*titles, *(["Geometric mean"] if len(titles) > 1 else [])]


def _interval(ratio: Summary) -> str:
    ends = "" if ratio.interval is None else f" [{ratio.interval.low:.3f}, {ratio.interval.high:.3f}]"
    return f"{ratio.median:.3f}{ends}"


def _memory_and_start(comparison: Comparison, width: int | None) -> str:
    header = ["Program", "Default memory", "Chosen memory", "Default start and exit", "Chosen start and exit"]
    rows = [
        [
            each.title,
            *(peak_of(side).text for side in (each.base, each.head)),
            *durations([_start_and_exit_ns(side) for side in (each.base, each.head)]),
        ]
        for each in _measured(comparison)
    ]
    meaning = "Start and exit: the wall clock minus the program's own clock. Memory: the peak of the process."
    return f"{table(rows, header, SIMPLE, width=width)}\n\n{meaning}"


def _costs(comparison: Comparison) -> Sequence[str]:
    """Return how much more memory and start-up time the chosen variant takes, which no ratio shows."""
    pairs = [(each.base, each.head) for each in _measured(comparison)]
    memory = max(peak_of(head).size_bytes - peak_of(base).size_bytes for base, head in pairs)
    time_ns = max(_start_and_exit_ns(head) - _start_and_exit_ns(base) for base, head in pairs)
    more = [f"{short_bytes(memory)} of memory"] if memory >= _LEAST_MEMORY_BYTES else []
    more += [f"{duration(time_ns)} to start and exit"] if time_ns >= _LEAST_TIME_NS else []
    if not more:
        return []
    lines = [f"  Cost: every process takes up to {' and '.join(more)} more."]
    if any(peak_of(base).is_hidden for base, _ in pairs):
        lines.append("  The memory may be more: that of the default is an upper bound (<).")
    return lines


def _measured(comparison: Comparison) -> Sequence[Compared]:
    return [each for each in comparison.benchmarks if each.base and each.head]


def _start_and_exit_ns(samples: Sequence[Sample]) -> float:
    return median(sample.wall_ns - sample.elapsed_ns for sample in samples)


def _left_out(document: TuneDocument) -> Sequence[str]:
    lines = []
    for each in document.left_out:
        first, *rest = each.reason.splitlines()
        lines += [f"left out: {each.what}: {first}", *(f"    {line}" for line in rest)]
        lines += [f"    fix: {each.remedy}"] if each.remedy else []
    return ["\n".join(lines)] if lines else []


def _failures(document: TuneDocument) -> Sequence[str]:
    """Return each failure once, with all variants in which it occurred."""
    labels: dict[str, list[str]] = {}
    for stage in (document.pilot, document.screening):
        if stage is None:
            continue
        for variant, session in zip(stage.variants, stage.sessions, strict=True):
            for text in failure_details(session):
                labels.setdefault(text, []).append(document.grid.label(variant))
    return [f"{'; '.join(dict.fromkeys(found))}: {text}" for text, found in labels.items()]


def _recommendation(document: TuneDocument, comparison: Comparison | None) -> str:
    if comparison is None or document.chosen is None:
        if document.chosen is not None or document.screening is None or not is_complete(document.screening.sessions):
            return "recommendation: none, because the tuning is not complete"
        if too_coarse(document.screening) and not usable(document.screening):
            return "recommendation: none, because no benchmark has a time above zero in every round"
        return "recommendation: keep the defaults; no screened variant was faster"
    label = document.grid.label(document.chosen)
    found = [
        f"  {report.title_text(each)}: {report.ratio_text(each)} {report.verdict_text(each)}"
        for each in comparison.benchmarks
    ]
    match advice(comparison):
        case Advice.KEEP:
            return "\n".join([f"recommendation: keep the defaults; {label} was not confirmed as faster", *found])
        case Advice.MIXED:
            first = f"recommendation: keep the defaults, except for programs like those that are faster with {label}"
        case Advice.USE:
            first = f"recommendation: use {label}"
    return "\n".join(
        [
            first,
            *found,
            *_costs(comparison),
            *_stack_warning(document),
            "",
            *_shell_lines(document, document.chosen),
        ]
    )


def _stack_warning(document: TuneDocument) -> Sequence[str]:
    """Return a warning if the chosen variant changes the stack size."""
    levels = {factor.name: level for factor, level in document.grid.changes(document.chosen or document.grid.default)}
    if STACK not in levels:
        return []
    each = short_bytes(int(levels[STACK]) * STACK_UNIT_BYTES)
    return [f"  Every strand then has a stack of {each}. A program that needs more is killed: test your own programs."]


def _shell_lines(document: TuneDocument, chosen: Variant) -> Sequence[str]:
    grid = document.grid
    lines = []
    target = f" --target-cpu {Target.NATIVE}" if document.target_cpu == Target.NATIVE else ""
    changes = grid.changes(chosen)
    variables = [factor.part(level) for factor, level in changes if not factor.is_built_in]
    if variables:
        lines.append((f"export {' '.join(variables)}", "for every Seq program started in this shell"))
    for factor, level in changes:
        if factor.name == DIAGNOSTICS:
            spec = grid.spec_text(document.spec, grid.with_level(grid.default, DIAGNOSTICS, level))
            lines.append(
                (
                    f'eval "$({{invoke}} env --seqc {shlex.quote(spec)}{target})"',
                    f"seqc with diagnostics {level} on PATH",
                )
            )
        if factor.name == LOOP_OPT:
            flag = f"{LOOP_OPT} " if level == ON else ""
            lines.append((f"seqc build {flag}program.seq -o program", "builds a program with it"))
    spec = shlex.quote(grid.spec_text(document.spec, chosen))
    lines.append((f"{{invoke}} bench --seqc {spec}{target}", "measures with all these settings"))
    width = max(len(filled(line)) for line, _ in lines)
    return [f"{line}{' ' * (width - len(filled(line)))}  # {meaning}" for line, meaning in lines]


def _wall_time(document: TuneDocument) -> str:
    wall_s, programs_s = document.wall_ns / 1e9, document.programs_ns / 1e9
    share = programs_s / wall_s if wall_s else 0.0
    measured = f"{clock_duration(programs_s)} of it ({percent(share)}) in measured programs"
    return f"{clock_duration(wall_s)} in all, {measured}"
