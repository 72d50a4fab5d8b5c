"""What a host says of itself, and what it lacks."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from seqbench.hosts import probe
from seqbench.hosts.problem import HostError

NOW = 1_000_000.0
GOOD = """\
Welcome to the server! python 2
seqbench-probe
system Linux
architecture x86_64
machine-id 0123456789abcdef0123456789abcdef
boot a 77
clock 1000001
compiler /usr/bin/cc
python /usr/bin/python3 3.8.10
python /opt/my python/python3.12 3.12.1
cache /home/a b/.cache/seqbench
room /dev/my disk 1000000 400000 600000 40% /home/a b
has code-1
end
"""


def facts(**changes: str) -> probe.Facts:
    text = GOOD
    for old, new in changes.items():
        text = "\n".join(new if line.startswith(f"{old} ") else line for line in text.split("\n"))
    return probe.parse(text, "a", NOW)


def test_facts_are_read_after_what_a_login_prints() -> None:
    found = facts()
    assert found.python == probe.Python(path="/opt/my python/python3.12", version=(3, 12, 1))
    assert (found.cache, found.free_kb) == ("/home/a b/.cache/seqbench", 600_000)
    assert found.kept == frozenset({"code-1"})
    assert (found.identity, found.has_compiler, found.is_clock_off) == ("0123456789abcdef0123456789abcdef", True, False)
    probe.require_usable(found, "a", ("code-2",))


def test_script_is_understood_by_the_shell_of_this_machine(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(("sh", "-c", probe.SCRIPT), env=environment, capture_output=True, text=True, check=True)
    found = probe.parse(done.stdout, "a", NOW)
    assert done.stderr == ""
    assert found.system in ("Linux", "Darwin")
    assert found.cache == f"{tmp_path}/.cache/seqbench"
    assert found.free_kb


def test_machine_without_an_id_is_told_by_its_name_and_start() -> None:
    assert facts(**{"machine-id": "machine-id "}).identity == "a 77"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"system": "system SunOS"}, "the system is SunOS"),
        ({"system": "system \x1b[2J"}, r"the system is \x1b[2J"),
        ({"python": ""}, "there is no python3"),
        ({"python": "python /usr/bin/python3 3.8.10"}, "too old: /usr/bin/python3 is 3.8.10"),
        ({"python": "python /usr/bin/python3 Segmentation fault"}, "there is no python3"),
        ({"room": "room /dev/disk 10 5 5000 1% /"}, "has 5 MB free: expected 500 MB"),
        ({"room": "room "}, "cannot be written"),
    ],
)
def test_what_a_host_lacks_is_named_with_a_fix(changes: dict[str, str], words: str) -> None:
    with pytest.raises(HostError) as caught:
        probe.require_usable(facts(**changes), "a", ("code-2",))
    assert words in caught.value.message
    assert caught.value.fix


def test_host_that_has_all_of_it_needs_little_room() -> None:
    found = facts(room="room /dev/disk 10 5 60000 1% /")
    probe.require_usable(found, "a", ("code-1",))
    with pytest.raises(HostError):
        probe.require_usable(found, "a", ("code-1", "suite-1"))


@pytest.mark.parametrize("text", ["", "This account is currently not available.\n", "seqbench-probe\nsystem Linux\n"])
def test_shell_that_runs_no_script_is_an_error_with_what_it_printed(text: str) -> None:
    with pytest.raises(HostError, match="did not run a simple script"):
        probe.parse(text, "a", NOW)


def test_remarks_name_clocks_architectures_and_missing_compilers() -> None:
    late = facts(clock="clock 996400")
    arm = facts(architecture="architecture aarch64", compiler="compiler ")
    found = "\n".join(probe.remarks({"a": late, "b": arm}))
    assert "a: its clock is 3600 s behind: its sessions are ordered by when they arrive" in found
    assert "different architectures, so their times cannot be compared: a is Linux x86_64, b is Linux aarch64" in (
        found
    )
    assert "b: there is no C compiler" in found
    assert probe.remarks({"a": facts(), "b": replace(facts(), identity="2")}) == ()
