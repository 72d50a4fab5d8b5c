from seqbench.bench.environment import VARIABLE, padding


def sizes(seed: str, rounds: int = 200) -> list[int]:
    return [len(padding(seed, number)[VARIABLE]) for number in range(rounds)]


def test_size_is_drawn_anew_for_each_round_and_again_from_the_same_seed() -> None:
    assert sizes("1/alpha") == sizes("1/alpha")
    assert sizes("1/alpha") != sizes("2/alpha")
    assert sizes("1/alpha") != sizes("1/beta")


def test_sizes_cover_a_page_in_steps_of_sixteen_bytes() -> None:
    found = sizes("1/alpha", 2000)
    assert {size % 16 for size in found} == {0}
    assert min(found) == 0
    assert max(found) == 4080
    assert len(set(found)) > 200
