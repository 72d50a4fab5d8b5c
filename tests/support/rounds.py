"""Events of rounds, for what shows or keeps them."""

from seqbench.events import Measuring


def measuring(benchmark: str, number: int, *, is_pilot: bool = False) -> Measuring:
    return Measuring(
        benchmark=benchmark,
        program=f"{benchmark} (Seq)",
        is_pilot=is_pilot,
        round_number=number,
        rounds=30,
        fraction_done=number / 30,
        remaining_s=None,
    )
