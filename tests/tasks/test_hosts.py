"""Tasks with `--hosts`, on three real sshd that are three machines to seqbench."""

import json
import os
import re
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

import pytest

from seqbench.compare.document import load_comparison
from seqbench.hosts import follow
from seqbench.hosts.arrival import Commit
from seqbench.hosts.record import RunRecord, record_to_json
from seqbench.publish.history import database
from seqbench.sessions import store
from seqbench.sessions.session import Session, State
from tests.support.mounts import read_only, small_disk
from tests.support.once import folder_made_once
from tests.support.outcomes import assert_fails, assert_no_traceback, samples
from tests.support.short_tasks import prepare
from tests.support.sshd import NAMES, Host, Network, make_environment, network, require_sshd
from tests.support.world import Said, World, end_of, is_gone, on_run, says, script, until

pytestmark = pytest.mark.whole
ALL = ",".join(NAMES)
# A program that waits for a word, so that a test can do something meanwhile.
WAITS = script(
    'echo "$$" >"$HOME/waits"',
    'until [ -e "$HOME/go-on" ]; do sleep 0.02; done',
    "echo result: 42",
    "echo elapsed_ns: 800000",
)


@pytest.fixture(scope="module")
def hosts_of_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with network(tmp_path_factory.mktemp("hosts")) as made:
        yield made


@pytest.fixture
def hosts(hosts_of_module: Network, world: World) -> Iterator[Network]:
    """Three hosts that run, known to the user of the world; what ran on them before is gone."""
    hosts_of_module.introduce(world)
    for host in hosts_of_module.hosts.values():
        for run in host.runs:
            shutil.rmtree(run)
        for name in ("go-on", "waits", "pids"):
            (host.home / name).unlink(missing_ok=True)
    yield hosts_of_module
    for host in hosts_of_module.hosts.values():
        (host.home / "go-on").touch()
        until(partial(is_quiet, host), f"nothing runs on {host.name}")


def sessions(world: World) -> dict[str, Session]:
    """Return the sessions in results/ by the host in their names."""
    return {path.stem.rpartition("-")[2]: store.load(path) for path in world.results.glob("*.json")}


def is_quiet(host: Host) -> bool:
    return not host.processes()


def waiting(host: Host) -> None:
    until((host.home / "waits").exists, f"a program runs on {host.name}")


def test_bench_on_three_hosts_keeps_a_session_of_each_machine(world: World, hosts: Network) -> None:
    world.add_right("alpha", "beta")
    said = world.task("bench", "--hosts", ALL, "--runs", "2")

    assert said.code == 0, said.err
    assert_no_traceback(said)
    found = sessions(world)
    assert sorted(found) == sorted(NAMES)
    assert len({session.machine.identity for session in found.values()}) == 3
    assert {name: session.machine.host for name, session in found.items()} == {name: name for name in NAMES}
    assert len({session.seed for session in found.values()}) == 1
    assert not world.record.exists()
    assert [len(re.findall(rf"^{name} \(", said.out, re.MULTILINE)) for name in NAMES] == [1, 1, 1]
    overview = said.out.rpartition("All 3 hosts")[2]
    assert re.search(r"^Benchmark +north +south +west$", overview, re.MULTILINE)
    assert re.search(r"^Alpha +2\.0x +2\.0x +2\.0x$", overview, re.MULTILINE)
    assert len(re.findall(r"following the run used [\d.]+ % of one core", said.out)) == 3
    assert {machine.sessions for machine in database.machines(world.history)} == {1}
    assert len(database.machines(world.history)) == 3
    assert list((world.results / "hosts").glob("*.json")) == []


def test_second_run_sends_and_installs_nothing_again(world: World, hosts: Network) -> None:
    world.add_right("alpha")
    first = world.task("bench", "--hosts", "north", "--runs", "1")
    second = world.task("bench", "--hosts", "north", "--runs", "1")

    assert (first.code, second.code) == (0, 0), first.err + second.err
    assert "sending the suite" in first.err
    assert "sending the suite" not in second.err
    assert "installing seqbench" not in second.err


def test_progress_of_every_host_has_its_name(world: World, hosts: Network) -> None:
    world.add_right("alpha")
    said = world.task("bench", "--hosts", "north,south", "--runs", "1")

    for name in ("north", "south"):
        assert re.search(rf"^{name}: connecting$", said.err, re.MULTILINE)
        assert re.search(rf"^{name}: .*pilot round 1 of", said.err, re.MULTILINE)


def test_compare_judges_each_machine_and_all_together(world: World, hosts: Network) -> None:
    world.add_right("alpha")
    for name, host in hosts.hosts.items():
        # A compiler whose programs take 10 % longer, and on the last host none of it.
        host.add_compilers("800000", "880000" if name != "west" else "800000")
    sides = ("--base", "~/seqc", "--head", "~/slow-seqc")
    said = world.task("compare", "--hosts", ALL, *sides, "--runs", "24", "--json", "-")

    assert_no_traceback(said)
    document = json.loads(said.out)
    (verdict,) = document["verdicts"]
    assert {each["name"]: each["verdict"] for each in verdict["machines"]} == {
        "north": "slower",
        "south": "slower",
        "west": "same",
    }
    assert verdict["verdict"] == "slower"
    assert verdict["disagree"] is True
    assert "Alpha: the machines disagree: slower on north and south, same on west" in said.err
    stored = [load_comparison(path) for path in world.results.glob("compare-*.json")]
    assert len({each.sessions[0].machine.identity for each in stored}) == 3


# Seq's program takes longer with the new compiler, by about so much on every machine.
NOISY = script("echo result: 42", "echo elapsed_ns: $((800000 + $$ % 97 * 200))")
# Times without any order, so that no comparison of a few rounds decides.
RANDOM = script("echo result: 42", "echo elapsed_ns: $((800000 + $(od -An -N2 -tu2 /dev/urandom) * 5))")


def test_hosts_stop_a_benchmark_at_the_same_look_by_the_verdict_over_all_of_them(world: World, hosts: Network) -> None:
    world.add("alpha", seq=NOISY, go=says())
    for host in hosts.hosts.values():
        host.add_compilers("800000", "1200000")
    said = world.task("compare", "--hosts", ALL, "--base", "~/seqc", "--head", "~/slow-seqc", "--runs", "100")

    assert said.code == 0, said.err
    assert said.err.count("alpha: slower over all hosts, at look 1") == 1
    stored = {path.stem: load_comparison(path) for path in world.results.glob("compare-*.json")}
    designs = [each.sessions[0].results[0].design for each in stored.values()]
    assert [[look.rounds for look in design.looks] for design in designs if design] == [[8]] * 3
    overview = said.out.rpartition("All 3 hosts")[2]
    assert re.search(r"^Alpha +1\.\d+ \[.*\] +slower ", overview, re.MULTILINE)
    # A table of a host may say inconclusive beside so few rounds.
    assert said.out.count("the verdicts over all hosts, which are below, decided where its benchmarks stopped") == 3


# A program whose clock shows whether it was paused, as the probe of a gate is, however busy the machine is.
PAUSABLE = script(
    "paused=0",
    "trap 'paused=400000' CONT",
    "sleep 0.02",
    "echo result: 42",
    "echo elapsed_ns: $((800000 + paused + $$ % 97 * 200))",
)


@pytest.mark.parametrize(("new", "code", "outcome"), [("800001", 0, "pass"), ("1000000", 1, "fail")])
def test_hosts_stop_a_gate_at_the_same_look_once_verdict_and_probe_stand(
    world: World, hosts: Network, new: str, code: int, outcome: str
) -> None:
    world.add("alpha", seq=PAUSABLE, go=says())
    for host in hosts.hosts.values():
        host.add_compilers("800000", new)
    sides = ("--base", "~/seqc", "--head", "~/slow-seqc", "--margin", "10%")
    said = world.task("gate", "--hosts", ALL, *sides, "--runs", "100")

    assert said.code == code, said.err + said.out
    assert_no_traceback(said)
    assert said.out.count("gate: ") == 1
    assert f"gate: {outcome}" in said.out.rpartition("All 3 hosts")[2]
    designs = [each.sessions[0].results[0].design for each in map(load_comparison, world.results.glob("gate-*.json"))]
    rounds = [design.looks[-1].rounds for design in designs if design]
    assert len(rounds) == 3
    assert len(set(rounds)) == 1
    assert rounds[0] < 100


def test_gate_without_a_probe_that_is_found_runs_to_the_end_and_is_unfit(world: World, hosts: Network) -> None:
    world.add("alpha", seq=NOISY, go=says())
    for host in hosts.hosts.values():
        host.add_compilers("800000", "1200000")
    said = world.task("gate", "--hosts", ALL, "--base", "~/seqc", "--head", "~/slow-seqc", "--runs", "40")

    assert said.code == 5, said.err
    assert "gate: unfit" in said.out.rpartition("All 3 hosts")[2]
    assert "was not found over all machines" in said.out


def test_host_that_cannot_judge_alone_does_not_make_the_verdict_over_all_inconclusive(
    world: World, hosts: Network
) -> None:
    """The second look has eight rounds of each host, which is too few for a verdict of any of them."""
    world.add("alpha", seq=NOISY, go=says())
    for host in hosts.hosts.values():
        host.add_compilers("800000", "1200000")
    sides = ("--base", "~/seqc", "--head", "~/slow-seqc")
    said = world.task("compare", "--hosts", ALL, *sides, "--runs", "50", "--json", "-")

    (verdict,) = json.loads(said.out)["verdicts"]
    assert (said.code, verdict["verdict"], verdict["rounds"]) == (0, "slower", 24)
    assert [each["verdict"] for each in verdict["machines"]] == ["inconclusive"] * 3


def test_hosts_go_on_to_the_end_where_one_is_lost_and_resume_judges_all(
    world: World, hosts: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "RETRY_S", (0.0, 0.0))
    world.add("alpha", seq=WAITS.replace("800000", "$((800000 + $$ % 97 * 200))"), go=says())
    for host in hosts.hosts.values():
        host.add_compilers("800000", "1200000")
    lost = hosts.hosts["west"]
    for name in ("north", "south"):
        (hosts.hosts[name].home / "go-on").touch()

    def go_away() -> None:
        waiting(lost)
        lost.stop()
        # Its run goes on alone, and waits for an answer at its first look.
        (lost.home / "go-on").touch()

    thread = threading.Thread(target=go_away)
    thread.start()
    sides = ("--base", "~/seqc", "--head", "~/slow-seqc")
    said = world.task("compare", "--hosts", ALL, *sides, "--runs", "20")
    thread.join()
    assert_fails(said, 3, "west: error: ", "a host cannot be reached any more: the others run all planned rounds")
    assert "Without west, where nothing was measured" in said.out
    stored = [load_comparison(path) for path in world.results.glob("compare-*.json")]
    assert [each.sessions[0].results[0].rounds for each in stored] == [20, 20]

    lost.start(hosts.key)
    (file,) = (world.results / "hosts").glob("*.json")
    said = world.task("compare", "--resume", str(file))
    assert said.code == 0, said.err
    assert re.search(r"^Alpha .* slower ", said.out.rpartition("All 3 hosts")[2], re.MULTILINE)


def test_doctor_shows_the_checks_of_each_host(world: World, hosts: Network) -> None:
    world.add_right("alpha")
    said = world.task("doctor", "--hosts", "north,west")

    assert_no_traceback(said)
    assert len(re.findall(r"^ok +Python", said.out, re.MULTILINE)) == 2
    assert re.search(r"^west$", said.out, re.MULTILINE)
    assert "following the run" not in said.out
    overview = said.out.rpartition("All 2 hosts")[2]
    assert re.search(r"^seqc +warning +warning$", overview, re.MULTILINE)
    assert "Python" not in overview


@pytest.mark.parametrize(
    ("task", "words", "expected", "overview"),
    [
        ("gate", ("--base", "~/seqc", "--head", "~/seqc", "--runs", "16"), "gate: ", r"^The alpha .* same "),
        ("calibrate", ("--seqc", "~/seqc", "--runs", "16"), "What a comparison of", r"^alpha +[\d.]+ % +[\d.]+ %$"),
        (
            "sweep",
            ("--over", "messages=1:100", "--steps", "2", "--runs", "1"),
            "messages",
            r"^alpha +100 messages +[\d.]+x +[\d.]+x$",
        ),
    ],
)
def test_every_other_measuring_task_runs_on_hosts(
    world: World, hosts: Network, *, task: str, words: tuple[str, ...], expected: str, overview: str
) -> None:
    prepare(world)
    for name in ("north", "west"):
        hosts.hosts[name].add_compilers("1", "1")
    said = world.task(task, "--hosts", "west,north", *words, "--json", "-")

    assert_no_traceback(said)
    assert said.code in (0, 5), said.err
    found = json.loads(said.out)["hosts"]
    assert [host["name"] for host in found] == ["west", "north"]
    for host in found:
        assert host["result"]["schema"].startswith("seqbench/")
        assert expected in host["text"]
        assert f"{host['name']}: kept in " in said.err
    assert re.search(overview, said.err.rpartition("All 2 hosts")[2], re.MULTILINE), said.err


def test_error_of_a_task_on_a_host_comes_back_with_its_fix(world: World, hosts: Network) -> None:
    world.add_right("alpha")
    said = world.task("bench", "--hosts", "north,south", "--runs", "1", "--seqc", "/nowhere/seqc")

    assert_fails(said, 3, "north: error: ", "south: error: ", "/nowhere/seqc")


def test_run_goes_on_when_connections_break_and_its_session_comes_back(
    world: World, hosts: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "RETRY_S", (0.0,) * 50)
    world.add("alpha", seq=WAITS, go=says())
    host = hosts.hosts["north"]
    broken: list[int] = []
    (hosts.hosts["south"].home / "go-on").touch()

    def break_it() -> None:
        waiting(host)
        broken.append(host.break_connections())
        (host.home / "go-on").touch()

    thread = threading.Thread(target=break_it)
    thread.start()
    said = world.task("bench", "--hosts", "north,south", "--runs", "1")
    thread.join()

    assert broken[0] > 0
    assert said.code == 0, said.err
    assert "north: the connection broke; the run continues on the host" in said.err
    assert sorted(sessions(world)) == ["north", "south"]


def test_resume_fetches_what_a_host_measured_after_it_went_away(
    world: World, hosts: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "RETRY_S", (0.0, 0.0))
    world.add("alpha", seq=WAITS, go=says())
    host = hosts.hosts["north"]

    def go_away() -> None:
        waiting(host)
        host.stop()

    thread = threading.Thread(target=go_away)
    thread.start()
    said = world.task("bench", "--hosts", "north", "--runs", "1")
    thread.join()
    assert_fails(said, 3, "north: error: ", "the run continues on the host")
    (file,) = (world.results / "hosts").glob("*.json")
    assert f"invoke bench --resume {os.path.relpath(file, world.project)}" in said.err
    assert sessions(world) == {}

    (host.home / "go-on").touch()
    host.start(hosts.key)
    said = world.task("bench", "--resume", str(file))
    assert said.code == 0, said.err
    assert sorted(sessions(world)) == ["north"]
    assert not file.exists()
    assert len(database.machines(world.history)) == 1


def test_run_that_was_killed_on_its_host_is_said(world: World, hosts: Network) -> None:
    world.add("alpha", seq=WAITS, go=says())
    host = hosts.hosts["north"]

    def kill_it() -> None:
        waiting(host)
        (run,) = host.runs
        os.killpg(int((run / "group").read_text()), signal.SIGKILL)
        host.break_connections()

    thread = threading.Thread(target=kill_it)
    thread.start()
    said = world.task("bench", "--hosts", "north", "--runs", "1")
    thread.join()
    assert_fails(said, 3, "has ended without a result")


def test_interrupt_ends_the_programs_on_all_hosts(world: World, hosts: Network) -> None:
    world.add("alpha", seq=WAITS, go=says())
    running = world.start("bench", "--hosts", "north,south", "--runs", "1")
    two = [hosts.hosts[name] for name in ("north", "south")]
    for host in two:
        waiting(host)
    programs = [int((host.home / "waits").read_text()) for host in two]
    running.send_signal(signal.SIGINT)
    said = end_of(running)

    assert said.code == 130, said.err
    assert "interrupted" in said.err
    for pid in programs:
        until(partial(is_gone, pid), "the program on the host has ended")
    for host in two:
        until(partial(is_quiet, host), f"nothing runs on {host.name}")


def waits_in_run(number: int) -> str:
    """Build the source of a program that waits for the word in its n-th run."""
    waits = 'echo "$$" >"$HOME/waits"; until [ -e "$HOME/go-on" ]; do sleep 0.02; done'
    says_it = "echo result: 42; echo elapsed_ns: 800000"
    return on_run(number, f"{waits}; {says_it}", says_it)


def test_interrupt_keeps_what_was_measured_until_then(world: World, hosts: Network) -> None:
    world.add_right("alpha")
    world.add("beta", seq=waits_in_run(2), go=says())
    running = world.start("bench", "--hosts", "north,south", "--runs", "1")
    for name in ("north", "south"):
        waiting(hosts.hosts[name])
    running.send_signal(signal.SIGINT)
    said = end_of(running)

    assert said.code == 130, said.err
    found = sessions(world)
    assert sorted(found) == ["north", "south"]
    assert {session.state for session in found.values()} == {State.INTERRUPTED}
    assert {name: len(samples(session, "alpha", "seq")) for name, session in found.items()} == {"north": 1, "south": 1}
    assert not world.history.exists()
    assert list((world.results / "hosts").glob("*.json")) == []
    assert "--resume" not in said.err


@pytest.mark.parametrize("task", ["compare", "gate"])
def test_interrupted_comparison_keeps_what_its_hosts_measured(world: World, hosts: Network, task: str) -> None:
    world.add_right("alpha")
    # After the pilot, which has twenty rounds.
    world.add("beta", seq=waits_in_run(25 if task == "compare" else 45), go=says())
    two = [hosts.hosts[name] for name in ("north", "south")]
    for host in two:
        host.add_compilers("800000", "880000")
    sides = ("--base", "~/seqc", "--head", "~/slow-seqc")
    running = world.start(task, "--hosts", "north,south", *sides, "--runs", "18", "--fixed")
    for host in two:
        waiting(host)
    running.send_signal(signal.SIGINT)
    said = end_of(running)

    assert said.code == 130, said.err
    for host in two:
        until(partial(is_quiet, host), f"nothing runs on {host.name}")
    assert_no_traceback(said)
    stored = [load_comparison(path) for path in world.results.glob(f"{task}-*.json")]
    assert [each.sessions[0].state for each in stored] == [State.INTERRUPTED] * 2, said.err
    assert [len(samples(each.sessions[1], "alpha", "seq")) for each in stored] == [18, 18]
    overview = said.out.rpartition("All 2 hosts")[2]
    assert re.search(r"^Alpha +1\.100 .* slower ", overview, re.MULTILINE)
    if task == "compare":
        assert re.search(r"^Beta +- +inconclusive ", overview, re.MULTILINE)
    else:
        assert "gate: unfit" in overview


def test_second_interrupt_does_not_wait_and_names_how_to_fetch(world: World, lone: Network, tmp_path: Path) -> None:
    """A host that does not answer when it is asked to end its run."""
    host = lone.hosts["lone"]
    host.tool(
        "cat",
        script(
            'if [ "$1" = group ] && [ -e "$HOME/hold" ]; then',
            '  touch "$HOME/asked"; until [ -e "$HOME/go-on" ]; do sleep 0.02; done; exit 1',
            "fi",
            'exec /bin/cat "$@"',
        ),
    )
    world.add("alpha", seq=WAITS, go=says())
    lone.introduce(world)
    lone.start()
    errors = tmp_path / "errors"
    running = world.start("bench", "--hosts", "lone", "--runs", "1", stderr=errors)
    waiting(host)
    (host.home / "hold").touch()
    running.send_signal(signal.SIGINT)
    until((host.home / "asked").exists, "the host is asked to end the run")
    running.send_signal(signal.SIGINT)
    said = end_of(running)

    assert said.code == 130
    (file,) = (world.results / "hosts").glob("*.json")
    assert f"invoke bench --resume {os.path.relpath(file, world.project)} fetches it" in errors.read_text()
    assert "error: interrupted; what runs on hosts may continue\n" in errors.read_text()
    (host.home / "hold").unlink()
    (host.home / "go-on").touch()
    fetched = world.task("bench", "--resume", str(file))
    assert fetched.code == 0, fetched.err
    assert sorted(sessions(world)) == ["lone"]


def test_suite_of_the_user_is_named_by_its_folder_here(world: World, hosts: Network) -> None:
    suite = world.root / "other suite"
    world.add("alpha", seq=RANDOM, go=says())
    world.suite.rename(suite)
    file = world.root / "suite.toml"
    file.write_text("")
    host = hosts.hosts["north"]
    host.add_compilers("800000", "801000")
    sides = ("--base", "~/seqc", "--head", "~/slow-seqc", "--margin", "0.01%")
    words = ("--suite", str(suite), "--suite-file", str(file), "--runs", "12", "--json", "-")
    said = world.task("compare", "--hosts", "north", *sides, *words)

    (path,) = world.results.glob("compare-*.json")
    stored = load_comparison(path)
    assert (stored.suite, stored.suite_file) == (str(suite), str(file))
    assert f"--suite '{suite}' --suite-file {file}" in said.err, said.err[-2500:]
    (run,) = host.runs
    assert str(run) not in path.read_text() + said.out + said.err


def test_unknown_changed_and_refused_keys_stop_before_anything_runs(world: World, hosts: Network) -> None:
    world.add_right("alpha")
    ssh = world.home / ".ssh"
    known = hosts.known_hosts()
    (ssh / "known_hosts").write_text("".join(f"{line}\n" for line in known.splitlines()[1:]))
    said = world.task("bench", "--hosts", ALL, "--runs", "1")
    assert_fails(said, 3, "north: the key of the host is not known", "ssh north")
    assert (ssh / "known_hosts").read_text() == "".join(f"{line}\n" for line in known.splitlines()[1:])

    (ssh / "known_hosts").write_text(hosts.known_hosts(south=hosts.folder / "other_key"))
    said = world.task("bench", "--hosts", ALL, "--runs", "1")
    assert_fails(said, 3, "south: the key of the host has changed", "ssh-keygen -R")

    (ssh / "known_hosts").write_text(known)
    config = (ssh / "config").read_text()
    (ssh / "config").write_text(config.replace(str(hosts.key), str(hosts.folder / "other_key"), 1))
    said = world.task("bench", "--hosts", ALL, "--runs", "1")
    assert_fails(said, 3, "north: refuses the keys of the user")
    assert [host.runs for host in hosts.hosts.values()] == [[], [], []]


def test_host_keys_are_checked_though_the_configuration_says_no(world: World, hosts: Network) -> None:
    world.add_right("alpha")
    ssh = world.home / ".ssh"
    (ssh / "known_hosts").write_text("")
    (ssh / "config").write_text(f"StrictHostKeyChecking no\n{(ssh / 'config').read_text()}")
    assert_fails(world.task("bench", "--hosts", "north", "--runs", "1"), 3, "the key of the host is not known")


def test_key_of_a_host_in_between_is_checked_too(world: World, hosts: Network) -> None:
    world.add_right("alpha")
    ssh = world.home / ".ssh"
    known = hosts.known_hosts().splitlines()
    (ssh / "known_hosts").write_text("".join(f"{line}\n" for line in known[1:]))
    config = (ssh / "config").read_text()
    (ssh / "config").write_text(config.replace("Host south\n", "Host south\n  ProxyJump north\n"))
    assert_fails(world.task("bench", "--hosts", "south", "--runs", "1"), 3, "the key of the host is not known")


def test_one_machine_under_two_names_is_refused(world: World, hosts: Network) -> None:
    world.add_right("alpha")
    hosts.introduce(world, aliases={"twin": "north"})
    said = world.task("bench", "--hosts", "north,twin", "--runs", "1")
    assert_fails(said, 2, "north and twin are the same machine", "count twice")
    assert hosts.hosts["north"].runs == []


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("nowhere.invalid", ("nowhere.invalid", "no such host")),
        ("-oProxyCommand=x", ("is not the name of a host",)),
        ("north,north", ("given twice",)),
        (" , ", ("contains no name",)),
        ("a\x1b[2Jb", ("is not the name of a host",)),
    ],
)
def test_names_that_are_no_hosts_are_refused(world: World, hosts: Network, names: str, words: tuple[str, ...]) -> None:
    world.add_right("alpha")
    said = world.task("bench", f"--hosts={names}", "--runs", "1")
    assert_fails(said, 3 if "nowhere" in names else 2, *words)
    assert "\x1b" not in said.err


def test_all_problems_of_all_hosts_are_said_at_once(world: World, hosts: Network) -> None:
    world.add_right("alpha")
    (world.home / ".ssh" / "known_hosts").write_text("")
    said = world.task("bench", "--hosts", ALL, "--runs", "1")
    assert_fails(said, 3, "3 hosts cannot be used", *(f"{name}: the key of the host" for name in NAMES))


OLD_PYTHON = script("echo 3.8.10")
NO_COMPILER = script("exit 1")


@pytest.fixture
def lone(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """A host of a test's own, to break; it is not started, and has the environment already."""
    require_sshd()
    made = Network(tmp_path / "lone", ("lone",))
    made.hosts["lone"].seed(folder_made_once(tmp_path_factory, "host-environment", make_environment))
    yield made
    made.stop()


def on_lone(world: World, lone: Network) -> Said:
    world.add_right("alpha")
    lone.introduce(world)
    lone.start()
    return world.task("bench", "--hosts", "lone", "--runs", "1")


def hide(lone: Network, *names: str) -> None:
    """Let the host have a PATH on which there are no other programs than these are not."""
    host = lone.hosts["lone"]
    folder = host.folder / "bin"
    folder.mkdir()
    for place in ("/usr/bin", "/bin"):
        for path in Path(place).iterdir():
            if not any(re.fullmatch(name, path.name) for name in names) and not (folder / path.name).exists():
                (folder / path.name).symlink_to(path)
    host.environment["PATH"] = f"{host.tools}:{folder}"


def test_host_without_python_is_said(world: World, lone: Network) -> None:
    hide(lone, r"python.*")
    (lone.hosts["lone"].tools / "python3").unlink()
    assert_fails(on_lone(world, lone), 3, "lone: there is no python3", "apt install python3-venv")


def test_host_with_an_old_python_is_said(world: World, lone: Network) -> None:
    hide(lone, r"python.*")
    lone.hosts["lone"].tool("python3", OLD_PYTHON)
    assert_fails(on_lone(world, lone), 3, "lone: its Python is too old", "is 3.8.10; expected 3.11 or later")


def test_newer_python_beside_an_old_one_is_taken(world: World, lone: Network) -> None:
    host = lone.hosts["lone"]
    (host.tools / "python3").rename(host.tools / "python3.11")
    host.tool("python3", OLD_PYTHON)
    said = on_lone(world, lone)
    assert said.code == 0, said.err


def test_host_without_venv_is_said_with_what_python_prints(world: World, lone: Network) -> None:
    host = lone.hosts["lone"]
    shutil.rmtree(host.cache)
    (host.tools / "python3").rename(host.tools / "real-python")
    host.tool(
        "python3",
        '#!/bin/sh\ncase "$*" in *"-m venv"*) echo "ensurepip is not available" >&2; exit 1 ;; esac\n'
        'exec "${0%/*}/real-python" "$@"\n',
    )
    assert_fails(on_lone(world, lone), 3, "lone: cannot install seqbench", "ensurepip is not", "python3-venv")
    assert list((host.cache / "hosts").glob("code-*")) == []


def test_host_without_room_is_said_before_anything_is_sent(world: World, lone: Network) -> None:
    host = lone.hosts["lone"]
    host.mounts.append(f"mount -t tmpfs -o size=4m tmpfs {host.home}")
    assert_fails(on_lone(world, lone), 3, "MB free: expected 500 MB", "free disk space on lone")


def test_host_without_a_compiler_measures_and_says_so(world: World, lone: Network) -> None:
    hide(lone, "cc", "gcc.*", "c99", "c89")
    said = on_lone(world, lone)
    assert said.code == 0, said.err
    assert "lone: there is no C compiler (cc)" in said.err


def test_host_of_another_system_is_refused(world: World, lone: Network) -> None:
    lone.hosts["lone"].tool("uname", script("echo SunOS"))
    assert_fails(on_lone(world, lone), 3, "lone: the system is SunOS", "remove lone from --hosts")


def test_host_of_another_architecture_gets_an_environment_of_its_own(world: World, lone: Network) -> None:
    host = lone.hosts["lone"]
    host.tool("uname", '#!/bin/sh\ncase $1 in -m) echo riscv64 ;; *) exec /usr/bin/uname "$@" ;; esac\n')
    said = on_lone(world, lone)
    assert said.code == 0, said.err
    assert [path.name for path in (host.cache / "hosts").glob("code-*-riscv64-*")] != []


def test_session_of_a_host_whose_clock_is_off_is_ordered_by_its_arrival(world: World, lone: Network) -> None:
    lone.hosts["lone"].tool("date", script("echo 4000000000"))
    said = on_lone(world, lone)
    assert said.code == 0, said.err
    assert re.search(r"lone: its clock is \d+ s ahead: its sessions are ordered by when they arrive", said.err)


def test_nothing_of_the_environment_or_of_ssh_goes_over_but_recorded_settings(world: World, lone: Network) -> None:
    host = lone.hosts["lone"]
    world.environment |= {"SECRET_TOKEN": "hunter2", "GOGC": "50"}
    spy = script('env >"$HOME/env-of-program"', "echo result: 42", "echo elapsed_ns: 400000")
    world.add("alpha", seq=spy, go=spy)
    host.tool("seqc", f'#!/bin/sh\nenv >"$HOME/env-of-tool"\n. {host.tools}/real-seqc\n')
    shutil.copyfile(Path(__file__).parents[1] / "support" / "fakes" / "seqc", host.tools / "real-seqc")
    lone.introduce(world)
    lone.start()
    said = world.task("bench", "--hosts", "lone", "--runs", "1")

    assert said.code == 0, said.err
    (run,) = host.runs
    everything = "".join(path.read_text(errors="replace") for path in run.rglob("*") if path.is_file())
    everything += "".join(path.read_text() for path in host.home.glob("env-of-*"))
    assert "hunter2" not in everything
    assert "SSH_" not in everything.replace((run / "start.sh").read_text(), "")
    assert "export GOGC=50" in (run / "start.sh").read_text()
    (session,) = sessions(world).values()
    assert dict(session.settings)["GOGC"] == "50"
    assert "SSH" not in store.to_json(session)
    assert "127.0.0.1" not in store.to_json(session) + said.out


def test_hostile_texts_of_a_host_are_escaped(world: World, lone: Network) -> None:
    evil = script("printf 'boom \\033[2J\\033]0;owned\\007\\342\\200\\256' >&2", "exit 7")
    world.add("alpha", seq=evil, go=says())
    lone.introduce(world)
    lone.start()
    said = world.task("bench", "--hosts", "lone", "--runs", "1")

    assert said.code == 4
    for text in (said.out, said.err, *(path.read_text() for path in world.results.glob("*.json"))):
        assert not set(text) & {"\x1b", "\x07", "\u202e"}
        assert "\\u001b" not in text


def test_flags_are_checked_here_before_a_host_is_asked(world: World) -> None:
    world.add_right("alpha")
    for words, expected in (
        (("--budget", "soon"), "--budget"),
        (("--only", "alhpa"), "did you mean 'alpha'"),
        (("--record",), "--record cannot be combined with --hosts"),
    ):
        assert_fails(world.task("bench", "--hosts", "nowhere.invalid", *words), 2, expected)


def test_flags_that_do_not_go_with_hosts_are_refused(world: World) -> None:
    world.add_right("alpha")
    for task, words, expected in (
        ("compare", ("--base", "a.json", "--head", "b.json"), "stored sessions were measured already"),
        ("compare", ("--base", "7.7.5", "--head", "7.7.5", "--resume", "x.json"), "its file names the hosts"),
    ):
        assert_fails(world.task(task, "--hosts", "nowhere.invalid", *words), 2, expected)


def test_file_of_resume_is_checked_before_a_host_is_asked(world: World, tmp_path: Path) -> None:
    world.add_right("alpha")
    file = tmp_path / "bench-1.json"
    file.write_text(record_to_json(RunRecord(task="bench", hosts=(), commit=Commit())))
    assert_fails(world.task("bench", "--resume", str(file), "--only", "alpha"), 2, "cannot be combined with other")
    assert_fails(
        world.task("compare", "--resume", str(file)),
        2,
        "is of bench",
        f"invoke bench --resume {os.path.relpath(file, world.project)}",
    )


def test_task_that_was_killed_on_a_host_counts_as_a_host_that_went_away(world: World, lone: Network) -> None:
    """As where the system kills the task: the shell reports 128 and the signal."""
    world.add("alpha", seq=script(r"kill -9 $(cut -d\  -f4 /proc/$PPID/stat)", "sleep 60"), go=says())
    lone.introduce(world)
    lone.start()
    said = world.task("bench", "--hosts", "lone", "--runs", "1")
    assert said.code == 3, said.err


def test_without_fabric_the_extra_is_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.add_right("alpha")
    monkeypatch.setattr("seqbench.tasks.hosts.find_spec", {}.get)
    assert_fails(world.task("bench", "--hosts", "north"), 2, "pip install 'seqbench[hosts]'")


@pytest.mark.parametrize("kind", ["file", "link"])
def test_record_that_cannot_be_kept_is_said_and_nothing_is_removed(world: World, hosts: Network, kind: str) -> None:
    world.add_right("alpha")
    world.results.mkdir()
    place = world.results / "hosts"
    if kind == "file":
        place.write_text("mine")
    else:
        place.symlink_to("nowhere")
    said = world.task("bench", "--hosts", "north", "--runs", "1")

    assert_fails(said, 2, "error: ", "results/hosts")
    assert sorted(sessions(world)) == ["north"]
    assert place.is_symlink() or place.read_text() == "mine"
    assert "--resume" not in said.err
    assert Path(os.devnull).is_char_device()


def test_results_that_could_not_be_kept_are_fetched_again(world: World, hosts: Network) -> None:
    """The disk here is full when they come, and the record of the run is there."""
    world.add("alpha", seq=WAITS, go=says())
    host = hosts.hosts["north"]
    with small_disk(world.results, 64):

        def fill() -> None:
            waiting(host)
            with (world.results / "fill").open("wb", buffering=0) as file, suppress(OSError):
                while True:
                    file.write(bytes(4096))
            (host.home / "go-on").touch()

        thread = threading.Thread(target=fill)
        thread.start()
        said = world.task("bench", "--hosts", "north", "--runs", "1")
        thread.join()
        assert_fails(said, 2, "No space left on device")
        (file,) = (world.results / "hosts").glob("*.json")
        assert f"invoke bench --resume {os.path.relpath(file, world.project)} fetches it" in said.err
        (world.results / "fill").unlink()
        said = world.task("bench", "--resume", str(file))
        assert said.code == 0, said.err
        assert sorted(sessions(world)) == ["north"]
        assert not file.exists()


def test_record_that_cannot_be_removed_does_not_hide_the_exit_code(world: World, hosts: Network) -> None:
    world.add("alpha", seq=WAITS + "exit 7\n", go=says())
    host = hosts.hosts["north"]
    with ExitStack() as stack:

        def lock() -> None:
            waiting(host)
            stack.enter_context(read_only(world.results / "hosts"))
            (host.home / "go-on").touch()

        thread = threading.Thread(target=lock)
        thread.start()
        said = world.task("bench", "--hosts", "north", "--runs", "1")
        thread.join()
    assert_fails(said, 4, "Read-only file system")
    assert sorted(sessions(world)) == ["north"]


def test_compiler_and_width_of_here_are_those_on_a_host(world: World, hosts: Network) -> None:
    world.add_right("alpha")
    host = hosts.hosts["north"]

    def commands(*words: str) -> str:
        for run in host.runs:
            shutil.rmtree(run)
        assert_no_traceback(world.task(*words, "--hosts", "north"))
        (run,) = host.runs
        return (run / "start.sh").read_text()

    world.environment["SEQC"] = "/nowhere/mine"
    found = commands("bench", "--wide")
    assert " --wide " in found
    assert " --seqc=/nowhere/mine " in found
    found = commands("bench", "--seqc", "/nowhere/other")
    assert "--seqc=/nowhere/other" in found
    assert "/nowhere/mine" not in found
    assert "--head=/nowhere/mine" in commands("gate", "--base", "/nowhere/base")
    assert "/nowhere/mine" not in commands("gate", "--base", "/nowhere/base", "--head", "/nowhere/head")
    assert "/nowhere/mine" not in commands("compare", "--base", "/nowhere/base", "--head", "/nowhere/head")
    del world.environment["SEQC"]
    assert "--seqc" not in commands("bench", "--runs", "1")


def test_doctor_that_lost_a_host_is_run_again(world: World, lone: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "RETRY_S", (0.0,))
    host = lone.hosts["lone"]
    host.tool("go", script(f"touch {host.home}/waits", f"until [ -e {host.home}/go-on ]; do sleep 0.02; done"))
    world.add_right("alpha")
    lone.introduce(world)
    lone.start()

    def go_away() -> None:
        waiting(host)
        host.stop()
        (host.home / "go-on").touch()

    thread = threading.Thread(target=go_away)
    thread.start()
    said = world.task("doctor", "--hosts", "lone")
    thread.join()
    assert_fails(said, 3, "lone: error: ", "what is missing: run invoke doctor again")
    assert "doctor --resume" not in said.err
    assert not (world.results / "hosts").exists()


def test_run_that_is_gone_is_not_to_be_fetched(world: World, lone: Network) -> None:
    """As after a restart of the host; what the run had measured comes back."""
    host = lone.hosts["lone"]
    world.add_right("alpha", "beta")
    world.add("beta", seq=WAITS, go=says())
    lone.introduce(world)
    lone.start()

    def restart() -> None:
        waiting(host)
        (run,) = host.runs
        os.kill(int((run / "group").read_text()), signal.SIGKILL)
        host.break_connections()
        (host.home / "go-on").touch()

    thread = threading.Thread(target=restart)
    thread.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(follow, "RETRY_S", (0.0,) * 50)
        said = world.task("bench", "--hosts", "lone", "--runs", "1")
    thread.join()
    assert_fails(said, 3, "lone: error: lone: the run there has ended without a result")
    assert "--resume" not in said.err
    assert list((world.results / "hosts").glob("*.json")) == []
    until(partial(is_quiet, host), "nothing runs there")


@pytest.fixture
def twins(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Two hosts with one home folder, as by NFS."""
    require_sshd()
    made = Network(tmp_path / "twins", ("first", "second"))
    first, second = made.hosts.values()
    first.seed(folder_made_once(tmp_path_factory, "host-environment", make_environment))
    second.mounts.append(f"mount --bind {first.home} {second.home}")
    made.start()
    yield made
    made.stop()


def test_hosts_with_one_home_folder_have_a_folder_for_each_run(world: World, twins: Network) -> None:
    world.add_right("alpha")
    twins.introduce(world)
    said = world.task("bench", "--hosts", "first,second", "--runs", "1")
    assert said.code == 0, said.err
    assert {name: each.machine.host for name, each in sessions(world).items()} == {"first": "first", "second": "second"}
    assert len(twins.hosts["first"].runs) == 2


def test_hosts_with_one_cache_cannot_stop_at_common_looks(world: World, twins: Network) -> None:
    world.add_right("alpha")
    twins.introduce(world)
    sides = ("--base", "/nowhere/base", "--head", "/nowhere/head")
    said = world.task("compare", "--hosts", "first,second", *sides)
    assert_fails(said, 2, "--hosts: first and second share ", "set SEQBENCH_CACHE on first and second", "add --fixed")
    said = world.task("compare", "--hosts", "first,second", "--fixed", *sides)
    assert_fails(said, 3, "/nowhere/base")
