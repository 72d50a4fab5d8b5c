import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest

from seqbench.doctor import Health, HealthCheck, Places, examine, fix
from seqbench.doctor.machine import machine_checks
from seqbench.doctor.places import place_checks
from seqbench.events import ignore
from seqbench.suite.manifest import load_suite
from seqbench.system import machine
from seqbench.system.facts import NO_LIMITS, Ceiling, Limits
from seqbench.system.limits import this_machines_limits
from seqbench.toolchain.compiler_spec import parse_spec
from seqbench.toolchain.seqc import BUILD_TIME, provide_seqc
from tests.support.world import CPU, SYSTEM_PATH, World, hollow_wheels, says

STRANDS = "[parameters.n]\nfull = {full}\nquick = 1\nscales = true\n[needs]\nlive-strands = 'n'\n"

CODE = f", code for {CPU.name}"


def examined(world: World, spec: str | None = None, **variables: str) -> dict[str, HealthCheck]:
    """Examine the world; return the checks by what was looked at."""
    suite = load_suite(world.suite)
    checks = examine(
        suite,
        parse_spec(spec or str(world.tools / "seqc")),
        runtimes=suite.default_runtimes,
        places=Places(cache=world.cache, project=world.project, results=world.results, history=world.history),
        environment={**world.environment, **variables},
        cpu=CPU,
    )
    by_subject = {check.subject: check for check in checks}
    assert len(by_subject) == len(checks)
    return by_subject


def test_every_tool_and_limit_is_looked_at(world: World) -> None:
    world.add_right("alpha")
    world.tool("cc", "#!/bin/sh\n")
    found = examined(world)

    tools = {"Python", "C compiler", "git", "cargo", "seqc", "clang", "go"}
    assert tools | {"vm.max_map_count", "processors", "memory", "threads", "other work", "cache"} <= set(found)
    assert not [check for check in found.values() if check.health is Health.MISSING]
    assert found["cargo"].found == f"cargo 1.95.0 (fake) at {world.tools / 'cargo'}"
    assert found["go"].found == f"1.27.3 (from GO{CODE}) at {world.tools / 'go'}"
    assert found["clang"].found == f"18.1.0 (from CLANG{CODE}) at {world.tools / 'clang'}"


def test_what_is_not_well_has_a_mend(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.add_right("alpha")
    monkeypatch.syspath_prepend(hollow_wheels(world.root / "hollow"))
    empty = str(world.root / "empty")
    found = examined(world, "/nonexistent/seqc", PATH=empty, GO="", CLANG="")

    missing = {subject for subject, check in found.items() if check.health is Health.MISSING}
    assert missing == {"C compiler", "cargo", "seqc", "clang", "go"}
    assert all(check.fix for check in found.values() if check.health is not Health.OK)
    assert not any(check.fix for check in found.values() if check.health is Health.OK)


def test_looking_builds_nothing(world: World) -> None:
    world.add_right("alpha")
    found = examined(world, "7.7.5")

    assert (found["seqc"].health, found["seqc"].found) == (Health.WARNING, "7.7.5, not built yet")
    assert world.calls() == []


@pytest.mark.parametrize(("spec", "health"), [("7.7.5", Health.OK), ("7.7.5,runtime=cargo-install", Health.OK)])
def test_a_compiler_that_was_built_here_is_well(world: World, spec: str, health: Health) -> None:
    world.add_right("alpha")
    provide_seqc(parse_spec(spec), cache=world.cache, environment=world.environment, cpu=CPU, listen=ignore)
    found = examined(world, spec)

    assert found["seqc"].health is health
    assert found["seqc"].found.startswith("seqc 7.7.5 at ")


def test_a_compiler_whose_runtime_may_be_unoptimised_is_warned_of(world: World) -> None:
    world.add_right("alpha")
    check = examined(world)["seqc"]

    assert check.health is Health.WARNING
    assert "may be unoptimised" in check.found
    assert "--seqc" in check.fix


def test_a_compiler_of_a_plain_cargo_install_is_warned_of(world: World) -> None:
    world.add_right("alpha")
    (world.root / "bin").mkdir()
    path = (world.tools / "seqc").rename(world.root / "bin" / "seqc")
    (world.root / ".crates2.json").write_text('{"seq-compiler 7.7.5 (registry+https://x)": {}}')
    check = examined(world, str(path))["seqc"]

    assert check.health is Health.WARNING
    assert "is unoptimised" in check.found


def test_a_checkout_is_said_to_be_built_later(world: World) -> None:
    world.add_right("alpha")

    assert "will be built in" in examined(world, f"checkout:{world.root}")["seqc"].found


def test_a_size_that_fits_is_well_and_one_that_does_not_says_what_is_short(world: World) -> None:
    world.add("small", seq=says(), toml=STRANDS.format(full=2))
    world.add("vast", seq=says(), toml=STRANDS.format(full=10**15))
    found = examined(world)

    assert (found["size of small"].health, found["size of small"].found) == (Health.OK, "full: 2 n")
    vast = found["size of vast"]
    assert vast.health is Health.WARNING
    assert "full is 1,000,000,000,000,000" in vast.found
    assert "available memory is" in vast.found or "vm.max_map_count is" in vast.found


def test_where_every_limit_is_high_enough_there_is_nothing_to_mend(world: World) -> None:
    world.add_right("alpha")
    world.tool("sysctl", '#!/bin/sh\necho "$@" >>"$(dirname "$0")/log"\n')

    assert fix(load_suite(world.suite), world.environment) == ("nothing to fix: every limit is high enough",)
    assert world.calls() == []


@pytest.mark.skipif(this_machines_limits().max_map_count is None, reason="this system counts no maps")
def test_a_limit_that_cannot_be_raised_says_why_and_what_to_type(world: World) -> None:
    world.add("vast", seq=says(), toml=STRANDS.format(full=10**15))
    # Neither root's command nor sudo works here, so the machine is left as it is.
    for name in ("sysctl", "sudo"):
        world.tool(name, f'#!/bin/sh\necho {name} "$@" >>"$(dirname "$0")/log"\necho "no, {name}" >&2\nexit 1\n')
    (said,) = fix(load_suite(world.suite), {**world.environment, "PATH": f"{world.tools}:{SYSTEM_PATH}"})

    (call,) = world.calls()
    assert "sysctl -w vm.max_map_count=" in call
    assert said.startswith("vm.max_map_count not raised (no, ")
    assert "run this command yourself: sudo sysctl -w vm.max_map_count=" in said


@pytest.mark.skipif(this_machines_limits().max_map_count is None, reason="this system counts no maps")
def test_a_command_that_says_it_went_well_and_did_nothing_is_not_believed(world: World) -> None:
    world.add("vast", seq=says(), toml=STRANDS.format(full=10**15))
    for name in ("sysctl", "sudo"):
        world.tool(name, "#!/bin/sh\nexit 0\n")
    (said,) = fix(load_suite(world.suite), {**world.environment, "PATH": f"{world.tools}:{SYSTEM_PATH}"})

    assert "not raised (the command has no effect on this machine)" in said
    assert Path("/proc/sys/vm/max_map_count").read_text().strip().isdigit()


def test_places_are_checked_and_left_as_they_are(world: World) -> None:
    world.add_right("alpha")
    found = examined(world)

    for subject, path in (("cache", world.cache), ("results", world.results), ("history", world.history)):
        assert found[subject].health is Health.OK
        assert found[subject].found.startswith(f"{path}, ")
        assert found[subject].found.endswith(" free")
    assert not world.results.exists()
    assert not world.history.parent.exists()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="nothing here refuses root")
@pytest.mark.parametrize("subject", ["cache", "results", "history", "record"])
def test_place_that_cannot_be_written_is_named_with_its_fix(world: World, subject: str) -> None:
    place = Path("/proc/x")
    places = Places(cache=world.cache, project=world.project, results=world.results, history=world.history)
    checks = place_checks(replace(places, **{"project" if subject == "record" else subject: place}), world.environment)
    (bad,) = [check for check in checks if check.health is not Health.OK]

    assert (bad.subject, bad.health) == (subject, Health.MISSING)
    assert bad.found.startswith("/proc/x cannot be written: ")
    assert bad.fix.startswith(("set SEQBENCH_", "work in a copy"))


def test_history_that_is_no_file_and_file_in_place_of_a_folder_are_named(world: World) -> None:
    file = world.root / "file"
    file.touch()
    places = Places(cache=file, project=world.project, results=file / "results", history=world.home)
    found = {check.subject: check for check in place_checks(places, world.environment)}

    assert found["cache"].found == f"{file} cannot be written: Not a directory"
    assert found["results"].found == f"{file / 'results'} cannot be written: Not a directory"
    assert found["history"].found == f"{world.home} cannot be written: Is a directory"


@pytest.mark.parametrize(
    ("home", "expected"), [("", "HOME is not set"), ("/nonexistent", "HOME is /nonexistent, which")]
)
def test_missing_home_is_named(world: World, home: str, expected: str) -> None:
    places = Places(cache=world.cache, project=world.project, results=world.results, history=world.history)
    check = next(each for each in place_checks(places, {"HOME": home}) if each.subject == "home")

    assert check.health is Health.WARNING
    assert check.found.startswith(expected)
    assert "SEQBENCH_CACHE" in check.fix


@pytest.mark.parametrize(
    ("limits", "subject", "expected"),
    [
        (NO_LIMITS, "address space", "ok no limit"),
        (NO_LIMITS, "threads", "ok no limit"),
        (
            replace(NO_LIMITS, address_space=Ceiling(name="A", value=3 << 30, fix="do a")),
            "address space",
            "warning 3.0 GiB by A; full sizes need 9.8 GiB: do a",
        ),
        (
            replace(NO_LIMITS, address_space=Ceiling(name="A", value=3 << 40, fix="do a")),
            "address space",
            "ok 3072 GiB by A",
        ),
        (NO_LIMITS, "CPU time", "ok no limit"),
        (
            replace(NO_LIMITS, cpu_time=Ceiling(name="C", value=10, fix="do c")),
            "CPU time",
            "warning 10 s by C: the kernel kills a program or compiler that uses more: do c",
        ),
        (
            replace(NO_LIMITS, threads=Ceiling(name="T", value=70, fix="do t")),
            "threads",
            "warning 70 more by T: compilers and runtimes may fail to start: do t",
        ),
    ],
)
def test_limits_are_named_with_their_fix(
    world: World, monkeypatch: pytest.MonkeyPatch, limits: Limits, subject: str, expected: str
) -> None:
    world.add_right("alpha")
    monkeypatch.setattr("seqbench.doctor.machine.this_machines_limits", lambda: limits)
    check = next(each for each in machine_checks(load_suite(world.suite)) if each.subject == subject)

    assert f"{check.health} {check.found}{': ' if check.fix else ''}{check.fix}" == expected


def test_quota_and_memory_limit_of_a_group_are_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.add_right("alpha")
    limited = replace(machine.this_machine(), cpu_quota=0.5, memory_limit_bytes=1 << 30)
    monkeypatch.setattr(machine, "this_machine", lambda: limited)
    found = {check.subject: check for check in machine_checks(load_suite(world.suite))}

    assert found["processors"].health is Health.WARNING
    assert "CPU quota 0.5 by a control group" in found["processors"].found
    assert "--cpus" in found["processors"].fix
    assert ", 1.0 GiB allowed by a control group, " in found["memory"].found


def test_git_that_is_missing_is_a_warning(world: World) -> None:
    world.add_right("alpha")
    check = examined(world, PATH=str(world.tools))["git"]

    assert check.health is Health.WARNING
    assert "results name no commit" in check.found
    assert "install git" in check.fix


def test_load_stands_in_where_the_system_counts_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.add_right("alpha")
    monkeypatch.setattr("seqbench.system.activity._STAT", world.root / "no-such-file")
    check = next(each for each in machine_checks(load_suite(world.suite)) if each.subject == "other work")

    assert check.found.startswith("load ")
    assert "without /proc/stat nothing more is known" in check.found


def test_fix_names_the_limits_that_it_cannot_raise(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.add_right("alpha")
    limits = replace(NO_LIMITS, address_space=Ceiling(name="RLIMIT_AS (ulimit -v)", value=1, fix="ulimit -v unlimited"))
    monkeypatch.setattr("seqbench.doctor.checks.this_machines_limits", lambda: limits)
    (said,) = fix(load_suite(world.suite), world.environment)

    assert said.endswith("RLIMIT_AS (ulimit -v) can only be raised by the shell")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, "free disk space there, or set SEQBENCH_CACHE"),
        (errno.EACCES, "correct its permissions, or set SEQBENCH_CACHE"),
        (errno.EROFS, "set SEQBENCH_CACHE"),
    ],
)
def test_fix_of_a_place_follows_its_problem(
    world: World, monkeypatch: pytest.MonkeyPatch, number: int, expected: str
) -> None:
    def refused(**_arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("seqbench.doctor.places.tempfile.TemporaryDirectory", refused)
    places = Places(cache=world.cache, project=world.project, results=world.results, history=world.history)
    check = next(each for each in place_checks(places, world.environment) if each.subject == "cache")

    assert check.found == f"{world.cache} cannot be written: {os.strerror(number)}"
    assert check.fix.startswith(expected)


def test_rust_that_is_too_old_for_a_runtime_that_is_not_the_default_is_a_warning(world: World) -> None:
    world.add("alpha", seq=says(), may_rs=says())
    (world.suite / "Cargo.toml").touch()
    (world.suite / "Cargo.lock").write_text('[[package]]\nname = "may"\nversion = "0.3.51"\n')
    check = examined(world)["may"]
    assert (check.health, check.found.partition(" ")[0]) == (Health.OK, "0.3.51")

    world.tool("rustc", "#!/bin/sh\necho 'rustc 1.80.1 (fake)'\n")
    check = examined(world)["may"]
    assert check.health is Health.WARNING
    assert check.found == (
        "the programs with may are built by rustc 1.80.1: expected version 1.85 or later; only --runtimes may needs it"
    )
    assert "rustup update" in check.fix


def test_settings_that_are_wrong_are_named(world: World) -> None:
    world.add_right("alpha")
    assert examined(world)["settings"].health is Health.OK
    check = examined(world, f"{world.tools / 'seqc'},SEQ_NEW=1", SEQ_POOL_CAPCITY="20", GOGC="much")["settings"]

    assert check.health is Health.WARNING
    for expected in (
        "unknown setting SEQ_NEW",
        "in the environment: GOGC is 'much', expected ",
        "unknown setting SEQ_POOL_CAPCITY=20, passed to the programs all the same; did you mean SEQ_POOL_CAPACITY?",
    ):
        assert expected in check.found
    assert check.fix


def test_compiler_that_is_not_built_yet_says_how_long_that_takes(world: World) -> None:
    world.add_right("alpha")
    assert BUILD_TIME in examined(world, "7.7.5")["seqc"].fix
