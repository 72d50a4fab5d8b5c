from seqbench.experiments.sweep.analysis import analyze_sweep
from seqbench.experiments.sweep.chart import plot
from seqbench.experiments.sweep.document import SweepDocument
from tests.support.strategies import a_program, measured
from tests.support.sweeps import a_limit, a_point, a_sweep


def drawn(document: SweepDocument) -> tuple[list[str], list[str]]:
    """Return the lines within the frame, and those under it."""
    (found,) = analyze_sweep(document)
    lines = plot(found).splitlines()
    last = next(number for number, line in enumerate(lines) if "└" in line)
    return [line.partition("│")[2] or line.partition("┤")[2] for line in lines[2:last]], lines[last:]


def all_three(value: int, seq_ms: float, go_ms: float, tokio_ms: float) -> SweepDocument:
    times = {"seq": seq_ms, "go": go_ms, "tokio": tokio_ms}
    points = (
        a_point(each, *(a_program(measured(ms * each), name) for name, ms in times.items()))
        for each in (value, 9 * value)
    )
    return a_sweep(*points, runtimes=tuple(times))


def test_every_runtime_has_a_line_of_its_own_letter_the_slowest_on_top() -> None:
    inside, _ = drawn(all_three(10, 100, 10, 1))
    rows = {letter: [n for n, line in enumerate(inside) if letter in line[40:]] for letter in "SGT"}

    assert rows["S"][0] < rows["G"][0] < rows["T"][0]


def test_two_names_that_begin_alike_have_letters_of_their_own() -> None:
    points = (a_point(n, a_program(measured(n), "seq"), a_program(measured(9 * n), "slow")) for n in (10, 100))
    inside, _ = drawn(a_sweep(*points, runtimes=("seq", "slow")))

    assert any("S" in line for line in inside)
    assert any("l" in line for line in inside)


def test_both_scales_are_of_powers_with_round_marks() -> None:
    points = (a_point(n, a_program(measured(n / 1000))) for n in (1_000, 10_000, 100_000))
    inside, under = drawn(a_sweep(*points, runtimes=("seq",)))

    # What grows in proportion is a straight line: in the middle of the width it is in the middle of the height.
    middle = next(n for n, line in enumerate(inside) if "S" in line[len(line) // 2 - 2 : len(line) // 2 + 2])
    assert abs(middle - len(inside) / 2) <= 2
    assert under[1].split() == ["1k", "10k", "100k"]
    assert under[2].strip() == "strands"


def test_the_first_value_at_which_one_could_not_be_run_is_marked_and_explained() -> None:
    inside, under = drawn(
        a_sweep(
            a_point(10, a_program(measured(1)), a_program(measured(1), "go")),
            a_point(100, a_program(measured(1), "go"), limits=(a_limit(),)),
            a_point(1000, a_program(measured(2), "go"), limits=(a_limit(),)),
        )
    )
    assert "X" in inside[0][len(inside[0]) // 2 - 3 : len(inside[0]) // 2 + 3]
    assert sum(line.count("X") for line in inside) == 3  # one there, two in the legend
    assert under[-1] == "X at the top: Seq could not be run at 100: too large for this machine"


def test_one_value_is_drawn_and_none_is_not() -> None:
    inside, _ = drawn(a_sweep(a_point(10, a_program(measured(1))), runtimes=("seq",)))
    assert sum(line.count("S") for line in inside) >= 1

    (found,) = analyze_sweep(a_sweep(a_point(10, limits=(a_limit(), a_limit("go")))))
    assert plot(found) == "no plot: no value could be run"


def test_times_within_one_power_of_ten_are_marked_at_both_ends() -> None:
    (found,) = analyze_sweep(a_sweep(*(a_point(n, a_program(measured(2 * n))) for n in (1, 2)), runtimes=("seq",)))
    text = plot(found)

    assert "2 ms┤" in text
    assert "4 ms┤" in text


def test_times_of_zero_have_no_point() -> None:
    points = (
        a_point(n, a_program(measured(ms)), a_program(measured(0), "go")) for n, ms in ((1, 0), (10, 1), (100, 9))
    )
    inside, _ = drawn(a_sweep(*points))

    assert any("S" in line for line in inside)
    assert not any("G" in line for line in inside)


def test_sweep_of_nothing_but_zeros_has_no_plot() -> None:
    (found,) = analyze_sweep(a_sweep(*(a_point(n, a_program(measured(0))) for n in (1, 10)), runtimes=("seq",)))
    assert plot(found) == "no plot: no time is above zero"
