import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.outcomes import assert_fails
from tests.support.world import World, end_of, says


@pytest.mark.whole
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk")
def test_a_reader_that_goes_away_is_no_error_and_a_full_disk_behind_standard_output_is_one(world: World) -> None:
    world.add_right("alpha")
    # The reader is gone long before the list is there.
    reader = world.start("doctor", prefix=("/bin/sh", "-c", '{ "$@"; echo "code $?" >&2; } | true', "sh"))
    disk = world.start("doctor", prefix=("/bin/sh", "-c", 'exec "$@" >/dev/full', "sh"))

    said = end_of(reader)
    assert said.err == "code 0\n"
    said = end_of(disk)
    assert_fails(said, 2, "error: No space left on device")
    assert "Exception ignored" not in said.err


def test_doctor_lists_everything_and_exits_with_3_where_something_is_missing(world: World) -> None:
    world.add_right("alpha")
    world.tool("cc", "#!/bin/sh\n")
    said = world.task("doctor")
    assert said.code == 0
    for subject in ("Python", "cargo", "seqc", "clang", "go", "other work"):
        assert re.search(rf"^(ok|warning) +{subject} ", said.out, re.MULTILINE)

    world.environment["GO"] = "/nonexistent/go"
    said = world.task("doctor")
    assert said.code == 3
    assert re.search(r"^missing +go .*GO is '/nonexistent/go'.*\n +fix: ", said.out, re.MULTILINE)


def test_tool_that_is_too_old_is_named_by_doctor_and_stops_a_run(world: World) -> None:
    world.add_right("alpha")
    old = world.tool("old-go", "#!/bin/sh\necho go version go1.21.13 linux/amd64\n")
    world.environment["GO"] = str(old)
    problem = f"{old} is go 1.21.13: expected version 1.22 or later"

    assert problem in world.task("doctor").out
    assert_fails(world.task("bench", "--runs", "1"), 3, problem, "fix: set GO to another go, or unset it")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="nothing here refuses root")
def test_doctor_checks_everything_where_the_cache_cannot_be_written(world: World) -> None:
    world.add_right("alpha")
    world.environment["SEQBENCH_CACHE"] = "/proc/x"
    said = world.task("doctor")

    assert (said.code, said.err) == (3, "")
    for subject in ("Python", "cargo", "seqc", "clang", "go", "memory", "results", "history", "other work"):
        assert re.search(rf"^(ok|warning|missing) +{subject} ", said.out, re.MULTILINE)
    expected = r"^missing +cache +/proc/x cannot be written: .*\n +fix: set SEQBENCH_CACHE"
    assert re.search(expected, said.out, re.MULTILINE)


@pytest.mark.whole
def test_doctor_names_the_limit_of_the_shell(world: World) -> None:
    world.add_right("alpha")
    limited = world.start("doctor", prefix=("/bin/sh", "-c", 'ulimit -v 3000000 && exec "$@"', "sh"))
    said = end_of(limited)

    assert re.search(
        r"^warning +address space +2.9 GiB by RLIMIT_AS \(ulimit -v\); full sizes need 9.8 GiB\n +fix: .*ulimit -v",
        said.out,
        re.MULTILINE,
    )


@pytest.fixture
def few_processes() -> Iterator[Path]:
    """A group of version 1 that limits processes and threads."""
    group = Path("/sys/fs/cgroup/pids") / f"seqbench-test-{uuid.uuid4().hex[:8]}"
    try:
        group.mkdir()
    except OSError as error:
        pytest.skip(f"no group of version 1 can be made: {error.strerror}")
    yield group
    group.rmdir()


@pytest.mark.whole
@pytest.mark.parametrize("most", ["1", "2"])
def test_lack_of_threads_names_the_limit_in_place_of_a_defect(world: World, few_processes: Path, most: str) -> None:
    world.add_right("alpha")
    (few_processes / "pids.max").write_text(most)
    prefix = ("/bin/sh", "-c", f'echo $$ > {few_processes}/cgroup.procs && exec "$@"', "sh")
    said = end_of(world.start("bench", "--runs", "1", prefix=prefix))

    assert_fails(said, 2, "pids.max of the control group is likely too low", "fix: raise pids.max of the control group")


def test_tools_of_runtimes_that_were_asked_for_must_be_there(world: World) -> None:
    world.add("alpha", seq=says(), go=says(), may_rs=says())
    assert world.task("doctor").code == 0

    said = world.task("doctor", "--runtimes", "may")
    assert said.code == 3
    assert re.search(r"^missing +may +.*Cargo\.lock cannot be read", said.out, re.MULTILINE)
    assert "seqc" not in said.out
    assert_fails(world.task("doctor", "--runtimes", "ruby"), 2, "no runtime named 'ruby'")


def test_doctor_names_wrong_settings_of_the_environment(world: World) -> None:
    world.add_right("alpha")
    world.environment["SEQ_POOL_CAPCITY"] = "20"
    said = world.task("doctor")

    assert re.search(r"^warning +settings +.*did you mean SEQ_POOL_CAPACITY\?\n +fix: ", said.out, re.MULTILINE)
