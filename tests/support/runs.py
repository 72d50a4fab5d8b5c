"""A benchmark while it is measured, with planted samples, for two sides and a probe."""

from collections.abc import Mapping
from pathlib import Path

from seqbench.bench.build import Executable
from seqbench.bench.check import Expected
from seqbench.bench.plan import NOT_PLANNED, Plan
from seqbench.bench.programs import Candidate, Side
from seqbench.bench.results import BenchmarkRun
from seqbench.bench.rounds import Rounds
from seqbench.sessions.session import Failed, Outcome
from seqbench.suite.sizes import Shortfall, Size
from seqbench.toolchain.toolchain import Toolchain
from tests.support.strategies import a_benchmark, a_parameter

BENCHMARK = a_benchmark(a_parameter())
SEQ = BENCHMARK.programs[0]
SIZE = Size(
    parameters=(("leaves", 1_000),),
    is_full=False,
    label="1,000 strands",
    full_label="1,000,000",
    shortfalls=(Shortfall(reason="too few maps", fix="raise them"),),
)


def a_side(name: str, built: Executable | Failed | None = None, *, is_probe: bool = False) -> Side:
    """Build a side that has built the Seq program alone."""
    built = built or Executable(path=Path("skynet"), digest=f"sha256:{name}")
    return Side(name=name, tools=Toolchain(tools=(), search_path=""), executables={SEQ: built}, is_probe=is_probe)


def a_benchmark_run(
    *sides: Side,
    outcomes: Mapping[str, Outcome] | None = None,
    plan: Plan = NOT_PLANNED,
    settings: Mapping[str, str] | None = None,
) -> BenchmarkRun:
    """Build a run of the Seq program of these sides; `outcomes` are by the name of the candidate, `base.seq`."""
    rounds = Rounds(
        candidates=tuple(
            Candidate(
                name=side.candidate_name(SEQ),
                program=SEQ,
                executable=Executable(path=Path("skynet"), digest=""),
                arguments=(),
                environment={},
                expected=Expected(result=None, ledger=(), startup_ns=0, timeout_s=1.0, output_limit_bytes=1),
                is_probe=side.is_probe,
            )
            for side in sides
        ),
        directory=Path(),
        copies=Path(),
    )
    for name, outcome in (outcomes or {}).items():
        rounds.restore(name, outcome)
    return BenchmarkRun(benchmark=BENCHMARK, size=SIZE, settings=dict(settings or {}), rounds=rounds, plan=plan)
