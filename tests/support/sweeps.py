"""Points of a sweep with planted times."""

from dataclasses import replace

from seqbench.experiments.sweep.document import Point
from seqbench.sessions.session import Measured
from tests.support.strategies import a_point, a_program, measured


def ran(elapsed_ms: float, *, rounds: int = 6, rss_mib: int = 197, **ledger: int) -> Measured:
    """Make runs that took the same time in every round."""
    same = measured(*[elapsed_ms] * rounds)
    samples = tuple(
        replace(sample, ledger=tuple(ledger.items()), max_rss_bytes=rss_mib << 20) for sample in same.samples
    )
    return Measured(samples=samples, warm_ups=())


def both(value: int, seq_ms: float, go_ms: float, *, rounds: int = 6) -> Point:
    return a_point(value, a_program(ran(seq_ms, rounds=rounds)), a_program(ran(go_ms, rounds=rounds), "go"))
