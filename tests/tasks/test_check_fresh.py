import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.outcomes import assert_fails, retell, rewrite, stamp
from tests.support.world import (
    SYSTEM_PATH,
    World,
    says,
)

GIT = shutil.which("git", path=SYSTEM_PATH) or "git"


def test_a_fresh_and_whole_record_exits_with_0(recorded: World) -> None:
    said = recorded.task("check-fresh")

    assert said.code == 0
    assert said.out.startswith("Benchmarks are fresh: run at ")
    assert "2 benchmarks" in said.out


def test_a_record_that_is_missing_exits_with_1_and_says_how_to_make_one(recorded: World) -> None:
    recorded.record.unlink()

    assert_fails(recorded.task("check-fresh"), 1, "LATEST_RUN.txt is missing", "invoke bench && git add LATEST_RUN.txt")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda _text: b"", "it is empty"),
        (lambda _text: b"\n \n", "it is empty"),
        (lambda text: text[: len(text) // 2], "it is cut short"),
        (lambda text: text[:-1], "it is cut short"),
        (lambda text: text.replace(b"0.8ms", b"0.3ms", 1), "it was altered"),
        (lambda text: text.replace(b"timestamp: 20", b"timestamp: 21", 1), "it was altered"),
        (lambda text: text + b"# a note\n", "it was altered"),
        (lambda text: text.replace(b"Alpha", b"\xff\xfe", 1), "utf-8"),
        (lambda _text: b"Last run: yesterday\n", "it is cut short"),
    ],
)
def test_a_record_that_cannot_be_believed_exits_with_1(recorded: World, spoil: object, said: str) -> None:
    assert callable(spoil)
    recorded.record.write_bytes(spoil(recorded.record.read_bytes()))

    assert_fails(recorded.task("check-fresh"), 1, "is not valid", said, "invoke bench")


def test_a_record_that_is_a_folder_exits_with_1(recorded: World) -> None:
    recorded.record.unlink()
    recorded.record.mkdir()

    assert_fails(recorded.task("check-fresh"), 1, "is not valid")


def test_a_record_is_fresh_up_to_24_hours_and_stale_from_then_on(recorded: World) -> None:
    # A minute is ample for the test itself.
    rewrite(recorded, timestamp=datetime.now(UTC).replace(microsecond=0) - timedelta(hours=23, minutes=59))
    assert recorded.task("check-fresh").code == 0

    rewrite(recorded, timestamp=datetime.now(UTC).replace(microsecond=0) - timedelta(hours=24))
    assert_fails(recorded.task("check-fresh"), 1, "Benchmarks are stale", "24 hours", "git commit")


def test_a_record_from_the_future_exits_with_1(recorded: World) -> None:
    rewrite(recorded, timestamp=datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1))

    assert_fails(recorded.task("check-fresh"), 1, "from the future")


@pytest.mark.parametrize("hours", [9, -7])
def test_a_record_in_another_time_zone_is_read_in_that_zone(recorded: World, hours: int) -> None:
    moment = stamp(recorded).timestamp
    elsewhere = moment + timedelta(hours=hours)
    retell(recorded, f"{moment:%Y-%m-%dT%H:%M:%S}Z", f"{elsewhere:%Y-%m-%dT%H:%M:%S}{hours:+03}:00")
    assert stamp(recorded).timestamp == moment
    assert recorded.task("check-fresh").code == 0

    old = elsewhere - timedelta(hours=24)
    retell(recorded, f"timestamp: {elsewhere:%Y-%m-%dT%H}", f"timestamp: {old:%Y-%m-%dT%H}")
    assert_fails(recorded.task("check-fresh"), 1, "Benchmarks are stale")


def test_a_moment_without_a_time_zone_is_not_guessed_at(recorded: World) -> None:
    retell(recorded, f"{stamp(recorded).timestamp:%Y-%m-%dT%H:%M:%S}Z", "2026-01-01T00:00:00")

    assert_fails(recorded.task("check-fresh"), 1, "is not valid", "no time zone")


def test_the_time_zone_of_the_machine_does_not_matter(recorded: World) -> None:
    recorded.environment["TZ"] = "Pacific/Auckland"

    assert recorded.task("check-fresh").code == 0


def test_a_source_that_has_changed_since_exits_with_1(recorded: World) -> None:
    recorded.add("beta", go=says(elapsed_ns=300_000))

    assert_fails(recorded.task("check-fresh"), 1, "the benchmark sources have changed since the run")


def test_everything_that_does_not_hold_is_told_at_once(recorded: World) -> None:
    recorded.add_right("gamma")
    recorded.add(
        "beta", seq=says(41), go=says(41), toml="[parameters.n]\nfull = 100\nquick = 10\n[expect]\nresult = 41\n"
    )
    recorded.add("delta", seq=says() + "exit 1\n", go=says())
    assert recorded.task("bench", "--runs", "1", "--only", "beta,delta", "--size", "quick", "--record").code == 4
    rewrite(recorded, timestamp=datetime.now(UTC).replace(microsecond=0) - timedelta(days=3))
    recorded.add("gamma", go=says(elapsed_ns=300_000))

    said = recorded.task("check-fresh")
    assert_fails(
        said,
        1,
        "Benchmarks are stale",
        "alpha was not run",
        "beta was scaled down (n=10)",
        "delta failed",
        "gamma was not run",
        "the benchmark sources have changed",
        "invoke doctor --fix",
        "run invoke bench-delta to see why",
    )
    assert len(re.findall(r"^  - ", said.err, re.MULTILINE)) == 6


def test_a_run_of_one_runtime_is_no_whole_run(recorded: World) -> None:
    assert recorded.task("bench", "--runs", "1", "--runtimes", "go", "--record").code == 0

    assert_fails(recorded.task("check-fresh"), 1, "left out a runtime")


def test_at_commit_counts_up_to_the_commit_and_not_to_now(recorded: World) -> None:
    when = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
    assert_fails(recorded.task("check-fresh", "--at-commit"), 2, "there is no commit here")

    who = {f"GIT_{role}_{key}": "x@example.org" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    environment = {"PATH": SYSTEM_PATH, "HOME": str(recorded.home), "GIT_COMMITTER_DATE": when.isoformat(), **who}
    for words in (("init", "--quiet"), ("add", "benchmarks"), ("commit", "--quiet", "--message", "x")):
        subprocess.run((GIT, *words), cwd=recorded.project, env=environment, check=True)

    rewrite(recorded, timestamp=when - timedelta(hours=23))
    assert recorded.task("check-fresh", "--at-commit").code == 0
    assert_fails(recorded.task("check-fresh"), 1, "Benchmarks are stale")
    rewrite(recorded, timestamp=when - timedelta(hours=25))
    assert_fails(recorded.task("check-fresh", "--at-commit"), 1, "Benchmarks are stale", "25 hours")
    rewrite(recorded, timestamp=when + timedelta(hours=1))
    assert_fails(recorded.task("check-fresh", "--at-commit"), 1, "from the future")


def test_the_limit_of_the_configuration_holds(recorded: World) -> None:
    (recorded.project / "pyproject.toml").write_text("[tool.seqbench]\nmax-age-hours = 1\n")
    rewrite(recorded, timestamp=datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2))

    assert_fails(recorded.task("check-fresh"), 1, "Benchmarks are stale", "the limit is 1 hours")
