from collections.abc import Callable, Mapping
from dataclasses import replace

from hypothesis import given

from seqbench.experiments.explain.conclusions import finding_lines
from seqbench.experiments.explain.document import Explanation, InstrumentedRun
from seqbench.experiments.explain.evidence import evidence_of
from seqbench.sessions.session import Failed, Sample, Session, Stage
from tests.support.explanations import (
    a_measured_result,
    a_run,
    an_explanation,
    an_instrumented_run,
    at,
    at_two_sizes,
    explanations,
    ran,
)
from tests.support.laws import FEW
from tests.support.strategies import a_session, measured

Programs = Mapping[str, Callable[[int], Sample]]


def works(each_ns: int, *, system_ns: int = 0, switches: int = 0, faults: int = 0) -> Callable[[int], Sample]:
    def run(size: int) -> Sample:
        return a_run(
            elapsed_ns=size * each_ns,
            user_ns=size * each_ns,
            system_ns=size * system_ns,
            minor_faults=size * faults,
            major_faults=0,
            voluntary_switches=size * switches,
            involuntary_switches=0,
            ledger={"tasks": size, "messages": size},
        )

    return run


def lines(explanation: Explanation) -> tuple[str, ...]:
    return finding_lines(explanation, evidence_of(explanation))


def about(programs: Programs, *words: str, calls: tuple[InstrumentedRun, ...] = ()) -> list[str]:
    """Return the findings that have these words, of programs at 1,000 and 100,000 leaves."""
    explanation = replace(at_two_sizes("skynet", (1_000, 100_000), programs), calls=calls)
    return [line for line in lines(explanation) if all(word in line for word in words)]


def test_gap_is_split_between_library_and_subject() -> None:
    (line,) = about({"seq": works(9_000), "go": works(1_000), "may": works(8_000)}, "of the gap")

    assert line.startswith("skynet: Seq / Go 9.0x [")
    assert "May / Seq 0.89x [" in line
    assert "88 % [" in line
    assert "12 % [" in line
    assert line.endswith("from Seq itself: May causes most of it")
    (line,) = about({"seq": works(9_000), "go": works(1_000), "may": works(2_000)}, "of the gap")
    assert line.endswith("from Seq itself: Seq itself causes most of it")


def test_where_the_library_is_faster_than_the_reference_there_is_no_share_of_it() -> None:
    (line,) = about({"seq": works(9_000), "go": works(2_000), "may": works(1_000)}, "gap")

    assert line.endswith("; May is no slower than Go: the whole gap comes from Seq")


def test_gap_of_two_halves_names_no_main_cause() -> None:
    (line,) = about({"seq": works(9_000), "go": works(1_000), "may": works(5_000)}, "of the gap")

    assert line.endswith("] from Seq itself")


def test_where_there_is_no_gap_nothing_is_said_of_it() -> None:
    assert about({"seq": works(1_000), "go": works(1_000), "may": works(1_000)}, "gap") == []


def test_a_missing_library_is_said_once_with_the_reason_for_each_benchmark() -> None:
    failed = Failed(stage=Stage.BUILD, reason="no compiler", detail="")
    sides = {"seq": measured(*[9] * 6), "go": measured(*[1] * 6)}
    large = a_session(
        a_measured_result("pingpong", {**sides, "may": failed}),
        a_measured_result("skynet", sides),
        runtimes=("seq", "go", "may"),
    )

    (line,) = (line for line in lines(an_explanation(large, large)) if "attributed" in line)
    problem, _, reasons = line.partition(", because May was not measured: ")
    assert problem == "the gap could not be attributed for every benchmark"
    assert reasons == "pingpong: failed: no compiler; skynet has no program for it"


def test_the_kernels_share_is_told_where_it_has_one() -> None:
    programs = {"seq": works(3_000, system_ns=1_000), "go": works(1_000), "may": works(1_000, system_ns=1_000)}
    (line,) = about(programs, "the kernel's share")

    assert line.startswith("skynet: the kernel's share of the CPU time, without the start, is 25 % [")
    assert ", 50 % [50 %, 50 %] in May" in line
    assert "in Go" not in line
    assert about({"seq": works(3_000), "go": works(1_000, system_ns=1_000)}, "kernel") == []


def test_strand_cost_has_time_faults_and_maps() -> None:
    small = an_instrumented_run(mmap=10_016)
    programs = {"seq": works(9_000, faults=3), "go": works(1_000)}
    calls = (small, at(small, 101_000, mmap=90_016, munmap=50_000))
    (seq,) = about(programs, "each additional strand costs Seq", calls=calls)

    assert "9.00 us [" in seq
    assert ", 3 [3, 3] page faults, " in seq
    assert "0.80 mmap, 0.50 munmap, 0.00 mprotect (plus 10,016 mmap at the start)" in seq
    (go,) = about(programs, "each additional strand costs Go", calls=calls)
    assert "faults" not in go
    assert "mmap" not in go


def test_switches_are_compared_where_they_can_be_told_apart() -> None:
    (line,) = about({"seq": works(9, switches=2), "go": works(1, switches=1)}, "context switches")

    assert line == "skynet: context switches per message: Seq 2.0000 [2.0000, 2.0000] and Go 1.0000 [1.0000, 1.0000]"
    assert about({"seq": works(9, switches=1), "go": works(1, switches=1)}, "context switches") == []


def test_too_few_rounds_and_equal_sizes_support_nothing_but_the_want_of_it() -> None:
    def session(wobble: tuple[int, ...], size: int) -> Session:
        programs = {"seq": works(9_000), "go": works(1_000), "may": works(5_000)}
        return a_session(
            a_measured_result("skynet", {key: ran(run(size), wobble) for key, run in programs.items()}, leaves=size),
            runtimes=("seq", "go", "may"),
        )

    few = an_explanation(session((0,) * 5, 10), session((0,) * 5, 1_000))
    assert lines(few) == ("none: no difference is larger than the noise",)
    equal = an_explanation(session((0,) * 6, 10), session((0,) * 6, 10))
    assert [line for line in lines(equal) if "strand" in line] == []


@FEW
@given(explanations)
def test_whatever_was_measured_there_is_something_to_say(explanation: Explanation) -> None:
    assert lines(explanation)
