"""Explanations for the tests: laws draw whole documents, examples start from a plain one with planted figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from hypothesis import strategies as st

from seqbench.experiments.explain.document import Explanation, InstrumentedRun, Roles
from seqbench.sessions.session import BenchmarkResult, Measured, Outcome, ProgramResult, Sample, Session
from tests.support.strategies import (
    a_program,
    a_result,
    a_sample,
    a_session,
    any_text,
    counts,
    names,
    pairs,
    sessions,
    several,
)

ROLES = Roles(subject="seq", reference="go", library="may")
RUNTIMES = ("seq", "go", "may")
# Rounds that are not all alike, so that intervals have a width; the median is in the middle.
WOBBLE = (-3, -2, -1, 0, 1, 2, 3)


def a_run(**figures: int | Mapping[str, int]) -> Sample:
    """Build a run whose figures are those of `a_sample` but for these; `ledger` is a mapping."""
    given = {key: tuple(value.items()) if isinstance(value, Mapping) else value for key, value in figures.items()}
    return replace(a_sample(), **given)  # type: ignore[arg-type]


def ran(run: Sample, wobble: Sequence[int] = WOBBLE) -> Measured:
    """Return a round for each wobble, which changes every time by this many per mille."""

    def off_by(per_mille: int) -> Sample:
        times = {key: getattr(run, key) * (1000 + per_mille) // 1000 for key in ("elapsed_ns", "user_ns", "system_ns")}
        return replace(run, **times)

    return rounds_of(*(off_by(per_mille) for per_mille in wobble))


def rounds_of(*runs: Sample) -> Measured:
    """Return each of these runs a round."""
    return Measured(samples=tuple(replace(run, round_number=n) for n, run in enumerate(runs, start=1)), warm_ups=())


def a_measured_result(
    name: str, outcomes: Mapping[str, Outcome], *, is_full: bool = False, **parameters: int
) -> BenchmarkResult:
    """Build what came of a benchmark; the keys of `outcomes` are runtimes, or `go.idiomatic` for a variant."""
    programs: list[ProgramResult] = []
    for key, outcome in outcomes.items():
        runtime, _, variant = key.partition(".")
        programs.append(a_program(outcome, runtime, variant))
    return replace(
        a_result(*programs, name=name, title=name.title()), parameters=tuple(parameters.items()), is_full=is_full
    )


def an_instrumented_run(benchmark: str = "skynet", runtime: str = "seq", **figures: int) -> InstrumentedRun:
    """Build an instrumented run with one strand and one message for each leaf, of which there are 1,000."""
    return InstrumentedRun(
        benchmark=benchmark,
        runtime=runtime,
        variant="",
        parameters=(("leaves", 1_000),),
        ledger=(("tasks", 1_000), ("messages", 1_000)),
        figures=tuple(figures.items()),
    )


def at(instrumented: InstrumentedRun, number: int, **figures: int) -> InstrumentedRun:
    """Return another instrumented run, with this number of leaves, strands and messages."""
    return replace(
        instrumented,
        parameters=(("leaves", number),),
        ledger=(("tasks", number), ("messages", number)),
        figures=tuple(figures.items()),
    )


def an_explanation(
    small: Session | None = None,
    large: Session | None = None,
    *,
    calls: tuple[InstrumentedRun, ...] = (),
    no_calls: str = "",
    reports: tuple[InstrumentedRun, ...] = (),
) -> Explanation:
    """Build an explanation that took 100 s: twice 6 in programs, twice 3.5 of building, 20 watched."""
    return Explanation(
        roles=ROLES,
        small=small or a_session(runtimes=RUNTIMES),
        large=large or a_session(runtimes=RUNTIMES),
        calls=calls,
        no_calls=no_calls,
        reports=reports,
        wall_ns=100_000_000_000,
        watched_ns=20_000_000_000,
    )


def at_two_sizes(
    name: str, sizes: tuple[int, int], programs: Mapping[str, Callable[[int], Sample]], parameter: str = "leaves"
) -> Explanation:
    """Measure programs at two sizes of a benchmark; each is a function from the size to its middle run."""
    small, large = (
        a_session(
            replace(
                a_measured_result(name, {key: ran(run(size)) for key, run in programs.items()}),
                parameters=((parameter, size),),
            ),
            runtimes=RUNTIMES,
        )
        for size in sizes
    )
    return an_explanation(small, large)


runs = st.builds(
    InstrumentedRun,
    benchmark=names,
    runtime=st.sampled_from(RUNTIMES),
    variant=st.sampled_from(("", "idiomatic")),
    parameters=pairs(counts),
    ledger=pairs(counts),
    figures=pairs(counts),
    wanted=pairs(counts),
    problem=any_text,
    wall_ns=counts,
)
explanations = st.builds(
    Explanation,
    roles=st.just(ROLES),
    small=sessions,
    large=sessions,
    calls=several(runs),
    no_calls=any_text,
    reports=several(runs),
    wall_ns=counts,
    watched_ns=counts,
)
