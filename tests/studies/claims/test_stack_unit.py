import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.system.facts import Command
from studies.claims.stack_unit import SIZES, StackSeen, measure_stacks, stacks_in, unit_bytes

_OTHERS = """\
5f1c00000000-5f1c00010000 r-xp 00000000 fe:00 1234                       /usr/bin/program
5f1c10000000-5f1c10021000 rw-p 00000000 00:00 0                          [heap]
7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0                          [stack]
not a line of maps at all
"""


def maps_of(stacks: int, *, stack_bytes: int, guard_bytes: int = 4_096) -> str:
    """Write the text of /proc/PID/maps for so many stacks, each above its guard page."""
    lines, place = [], 0x7F00_0000_0000
    for _ in range(stacks):
        for size, rights in ((guard_bytes, "---p"), (stack_bytes, "rw-p")):
            if size:
                lines.append(f"{place:x}-{place + size:x} {rights} 00000000 00:00 0 ")
                place += size
    return _OTHERS + "\n".join(lines) + "\n"


@given(st.integers(1_000, 1_200), st.sampled_from((65_536, 131_072, 1_048_576)), st.sampled_from((0, 4_096, 16_384)))
def test_the_pooled_stacks_are_found_among_the_mappings(count: int, stack_bytes: int, guard_bytes: int) -> None:
    found = stacks_in(maps_of(count, stack_bytes=stack_bytes, guard_bytes=guard_bytes), 7)
    assert found == StackSeen(asked=7, stack_bytes=stack_bytes, guard_bytes=guard_bytes, count=count)


@pytest.mark.parametrize("maps", ["", _OTHERS, maps_of(999, stack_bytes=131_072)])
def test_where_there_is_no_pool_yet_nothing_is_seen(maps: str) -> None:
    assert stacks_in(maps, 131_072) is None


def seen(asked: int, stack_bytes: int) -> StackSeen:
    return StackSeen(asked=asked, stack_bytes=stack_bytes, guard_bytes=4_096, count=2_000)


def test_the_unit_is_what_all_sizes_agree_on() -> None:
    assert unit_bytes((seen(131_072, 1_048_576), seen(16_384, 131_072))) == 8
    assert unit_bytes((seen(131_072, 131_072), seen(16_384, 16_384))) == 1
    assert unit_bytes((seen(131_072, 1_048_576), seen(16_384, 65_536))) is None
    # One size alone might be a default that has nothing to do with what was asked.
    assert unit_bytes((seen(131_072, 1_048_576),)) is None
    assert unit_bytes(()) is None


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="this system does not show the mappings of a process")
def test_a_program_is_looked_at_while_it_runs_and_does_not_run_to_its_end(tmp_path: Path) -> None:
    # It maps what it was asked for, in units of half a byte with an unreadable page between, and would stay for ever.
    program = tmp_path / "program"
    program.write_text(
        f"#!{sys.executable}\nimport mmap, os, time\n"
        "size, kept = int(os.environ['SEQ_STACK_SIZE']) // 2, []\n"
        "for _ in range(int(os.environ['SEQ_POOL_CAPACITY'])):\n"
        "    kept.append(mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE, prot=0))\n"
        "    kept.append(mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE))\n"
        "time.sleep(300)\n"
    )
    program.chmod(0o755)
    command = Command(argv=(str(program),), directory=tmp_path, environment={}, timeout_s=20.0)
    stacks, problem = measure_stacks(command)

    assert problem == ""
    assert tuple(stack.asked for stack in stacks) == SIZES
    assert unit_bytes(stacks) == 0.5
    assert {stack.guard_bytes for stack in stacks} == {4_096}


def test_a_program_without_a_pool_and_one_that_does_not_start_are_told(tmp_path: Path) -> None:
    short = Command(argv=("/bin/sh", "-c", "exit 0"), directory=tmp_path, environment={}, timeout_s=10.0)
    stacks, problem = measure_stacks(short)
    assert stacks == ()
    assert "mapped no pool of stacks" in problem or "/proc" in problem

    assert measure_stacks(short, proc=tmp_path) == (
        (),
        f"{tmp_path} of this system does not show the mappings of a process",
    )
    absent = Command(argv=("/nonexistent/program",), directory=tmp_path, environment={}, timeout_s=10.0)
    stacks, problem = measure_stacks(absent)
    assert stacks == ()
    assert "No such file" in problem or "/proc" in problem
