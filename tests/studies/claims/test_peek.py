from functools import partial
from pathlib import Path

import pytest

from seqbench.system.facts import Command
from studies.claims.peek import peek
from tests.support.world import SYSTEM_PATH, is_gone, script, until

NEVER_ENDING = ("sleep 300 & echo $$ $! >new", "mv new pids", "wait")


def program(folder: Path, *lines: str, timeout_s: float = 300.0) -> Command:
    path = folder / "program"
    path.write_text(script(*lines))
    path.chmod(0o755)
    return Command(
        argv=(str(path),),
        directory=folder,
        environment={"PATH": SYSTEM_PATH},
        timeout_s=timeout_s,
        output_limit_bytes=1000,
    )


def pids_in(folder: Path) -> list[int]:
    until((folder / "pids").exists, "the program has started")
    return [int(word) for word in (folder / "pids").read_text().split()]


def assert_gone(folder: Path) -> None:
    for pid in pids_in(folder):
        until(partial(is_gone, pid), f"process {pid} is gone")


def test_peek_looks_until_there_is_something_to_see_and_ends_the_group(tmp_path: Path) -> None:
    looks: list[int] = []

    def look(pid: int) -> str | None:
        looks.append(pid)
        return "seen" if (tmp_path / "pids").exists() and len(looks) > 3 else None

    assert peek(program(tmp_path, *NEVER_ENDING), look) == "seen"
    assert set(looks) == {pids_in(tmp_path)[0]}
    assert_gone(tmp_path)


def test_peek_sees_nothing_when_the_program_ends_or_its_time_is_over(tmp_path: Path) -> None:
    assert peek(program(tmp_path, "exit 3"), lambda _pid: None) is None
    assert peek(program(tmp_path, *NEVER_ENDING, timeout_s=0.5), lambda _pid: None) is None
    assert_gone(tmp_path)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_peek_leaves_nothing_behind_when_looking_raises(tmp_path: Path, error: type[BaseException]) -> None:
    def stumble(_pid: int) -> None:
        pids_in(tmp_path)
        raise error

    with pytest.raises(error):
        peek(program(tmp_path, *NEVER_ENDING), stumble)
    assert_gone(tmp_path)


def test_peek_raises_when_the_program_is_not_there(tmp_path: Path) -> None:
    command = program(tmp_path, "exit 0")
    Path(command.argv[0]).unlink()
    with pytest.raises(FileNotFoundError):
        peek(command, str)
