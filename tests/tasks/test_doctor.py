import re
from pathlib import Path

import pytest

from tests.support.outcomes import assert_fails
from tests.support.world import (
    World,
    end_of,
)


@pytest.mark.whole
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk at hand")
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
