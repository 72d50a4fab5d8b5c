import os
import signal
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from seqbench.system.facts import Command, Ending, Finished, Pause
from seqbench.system.launcher import Launcher, provide_launcher
from seqbench.system.process import interruptible, kill_all, run
from tests.support.world import SYSTEM_PATH, is_gone, until

MIB = 1 << 20


# How the programs of a test are started; the fixture sets it.
_launcher: list[str] = []


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Launcher:
    return provide_launcher(tmp_path_factory.mktemp("cache"), {"PATH": SYSTEM_PATH})


@pytest.fixture(autouse=True, params=["directly", "compiled", pytest.param("script", marks=pytest.mark.whole)])
def _way(request: pytest.FixtureRequest, compiled: Launcher) -> Iterator[None]:
    """Everything holds however a program is started."""
    script = provide_launcher(Path("/nonexistent"), {"PATH": "/nonexistent"})
    _launcher[:] = {"directly": (), "compiled": compiled.argv, "script": script.argv}[request.param]
    yield
    _launcher.clear()


def command(
    *argv: str,
    timeout_s: float = 300.0,
    limit: int = MIB,
    folder: Path = Path("/"),
    environment: Mapping[str, str] | None = None,
) -> Command:
    return Command(
        argv=argv,
        directory=folder,
        environment={"PATH": SYSTEM_PATH} if environment is None else environment,
        timeout_s=timeout_s,
        output_limit_bytes=limit,
        launcher=tuple(_launcher),
    )


def shell(text: str, *, timeout_s: float = 300.0, limit: int = MIB, folder: Path = Path("/")) -> Command:
    return command("/bin/sh", "-c", text, timeout_s=timeout_s, limit=limit, folder=folder)


def never_ending(folder: Path) -> str:
    """Build a shell text that has a child, tells both numbers in `folder/pids`, and does not end."""
    return f"sleep 300 & echo $$ $! >'{folder}/new'; mv '{folder}/new' '{folder}/pids'; wait"


def pids_in(folder: Path) -> list[int]:
    until((folder / "pids").exists, "the process has started")
    return [int(word) for word in (folder / "pids").read_text().split()]


def assert_gone(folder: Path) -> None:
    for pid in pids_in(folder):
        until(lambda pid=pid: is_gone(pid), f"process {pid} is gone")  # type: ignore[misc]


def send_to_self(number: signal.Signals, folder: Path) -> threading.Thread:
    """Send this process a signal as soon as the child in `folder` runs."""

    def send() -> None:
        pids_in(folder)
        os.kill(os.getpid(), number)

    thread = threading.Thread(target=send)
    thread.start()
    return thread


def open_descriptors() -> set[str]:
    return set(os.listdir("/dev/fd"))  # noqa: PTH208 - a Path would open one more


def is_inheritable(descriptor: int) -> bool:
    try:
        return os.get_inheritable(descriptor)
    except OSError:
        return False


def test_a_process_that_ends_well_gives_its_output_and_status_0() -> None:
    finished = run(shell("echo out; echo err >&2"))

    assert finished.ok
    assert (finished.ending, finished.status) == (Ending.EXITED, 0)
    assert (finished.stdout, finished.stderr) == (b"out\n", b"err\n")


def test_an_exit_status_is_given_and_is_not_ok() -> None:
    finished = run(shell("exit 7"))

    assert (finished.ending, finished.status, finished.ok) == (Ending.EXITED, 7, False)


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGSEGV, signal.SIGKILL])
def test_a_signal_is_told_from_an_exit_status(number: signal.Signals) -> None:
    finished = run(shell(f"ulimit -c 0; kill -{number.value} $$"))

    assert (finished.ending, finished.status, finished.ok) == (Ending.SIGNALLED, number.value, False)


def test_output_of_both_streams_larger_than_a_pipe_is_read_whole() -> None:
    finished = run(shell("head -c 150000 /dev/zero; head -c 150000 /dev/zero >&2"))

    assert finished.ok
    assert (len(finished.stdout), len(finished.stderr)) == (150_000, 150_000)


def test_what_is_written_just_before_the_end_is_not_lost() -> None:
    for number in range(30):
        assert run(shell(f"echo {number}")).stdout == b"%d\n" % number


def test_a_process_that_hangs_is_killed_with_its_whole_group(tmp_path: Path) -> None:
    finished = run(shell(never_ending(tmp_path), timeout_s=0.5))

    assert finished.ending is Ending.TIMED_OUT
    assert_gone(tmp_path)


def test_a_child_that_outlives_its_parent_is_killed_and_does_not_hold_up_the_end(tmp_path: Path) -> None:
    finished = run(shell(never_ending(tmp_path).replace("; wait", "; exit 0")))

    assert finished.ok
    assert_gone(tmp_path)


def test_a_hundred_megabytes_of_output_end_early_and_do_not_fill_the_memory(tmp_path: Path) -> None:
    finished = run(shell("yes | head -c 100000000; touch done", limit=MIB, folder=tmp_path))

    assert finished.ending is Ending.TOO_MUCH_OUTPUT
    assert len(finished.stdout) <= 2 * MIB
    assert not (tmp_path / "done").exists()


def test_too_much_on_standard_error_is_too_much_as_well() -> None:
    assert run(shell("yes >&2", limit=100_000)).ending is Ending.TOO_MUCH_OUTPUT


def test_output_of_the_limit_is_allowed_and_a_byte_more_is_not() -> None:
    # Many times, because the end may be seen before the last output.
    for _ in range(20):
        assert run(shell("head -c 1000 /dev/zero", limit=1000)).ending is Ending.EXITED
        assert run(shell("head -c 1001 /dev/zero", limit=1000)).ending is Ending.TOO_MUCH_OUTPUT


def test_what_fled_from_the_group_and_floods_the_pipe_is_not_read_for_ever() -> None:
    if not Path("/usr/bin/setsid").exists():
        pytest.skip("no setsid on this system")
    # `timeout` ends the flood where nobody else can.
    finished = run(shell("setsid timeout 20 yes & sleep 0.05", limit=MIB))

    assert len(finished.stdout) <= 2 * MIB


def test_nothing_of_our_standard_input_reaches_the_child() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"a line for us\n")
    before = os.dup(0)
    os.dup2(reader, 0)
    try:
        finished = run(shell("read -r line; echo status $? $line"))
    finally:
        os.dup2(before, 0)
        for descriptor in (before, reader, writer):
            os.close(descriptor)

    assert finished.stdout == b"status 1\n"


def test_the_environment_is_exactly_the_one_given() -> None:
    shown = command("/usr/bin/env", environment={"A": "1", "B": "ü x"})

    assert sorted(run(shown).stdout.decode().splitlines()) == ["A=1", "B=ü x"]


def test_it_runs_in_the_directory_given_and_this_process_stays_where_it_was(tmp_path: Path) -> None:
    before = Path.cwd()

    assert run(shell("pwd -P", folder=tmp_path)).stdout.decode().strip() == str(tmp_path.resolve())
    assert Path.cwd() == before


def test_runs_in_several_threads_keep_to_their_own_directories(tmp_path: Path) -> None:
    before = Path.cwd()
    said: dict[Path, str] = {}

    def ask(folder: Path) -> None:
        folder.mkdir()
        said[folder] = run(shell("pwd -P", folder=folder)).stdout.decode().strip()

    threads = [threading.Thread(target=ask, args=(tmp_path / str(number),)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert said == {folder: str(folder.resolve()) for folder in said}
    assert len(said) == 12
    assert Path.cwd() == before


def test_the_child_leads_a_process_group_of_its_own() -> None:
    finished = run(shell("echo $$ $(ps -o pgid= -p $$ 2>/dev/null || cut -d' ' -f5 /proc/$$/stat)"))

    pid, group = finished.stdout.split()
    assert pid == group
    assert int(group) != os.getpgrp()


@pytest.mark.parametrize("number", [signal.SIGPIPE, signal.SIGXFSZ])
def test_a_signal_that_python_ignores_is_not_ignored_in_the_child(number: signal.Signals) -> None:
    finished = run(shell(f"ulimit -c 0; kill -{number.value} $$; echo still here"))

    assert (finished.ending, finished.status, finished.stdout) == (Ending.SIGNALLED, number.value, b"")


def test_a_signal_that_this_thread_blocks_is_not_blocked_in_the_child() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        finished = run(shell("kill -TERM $$; echo still here"))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    assert (finished.ending, finished.status) == (Ending.SIGNALLED, signal.SIGTERM)


def test_no_descriptor_leaks_into_the_child(tmp_path: Path) -> None:
    inherited = {name for name in open_descriptors() if is_inheritable(int(name))}
    with (tmp_path / "open").open("w"):
        finished = run(shell("exec ls /dev/fd"))

    # The fourth is that of ls itself, reading the folder.
    assert set(finished.stdout.decode().split()) - inherited <= {"0", "1", "2", "3"}


def test_no_descriptor_is_left_open_here() -> None:
    before = open_descriptors()
    run(shell("true"))
    run(shell("sleep 300", timeout_s=0.01))
    run(shell("yes", limit=100_000))
    with pytest.raises(OSError, match="No such file"):
        run(command("/nonexistent/program"))
    with pytest.raises(OSError, match="No such file"):
        run(shell("true", folder=Path("/nonexistent")))

    assert open_descriptors() == before


def test_a_program_that_is_not_there_is_an_os_error() -> None:
    with pytest.raises(FileNotFoundError):
        run(command("/nonexistent/program"))


def test_a_file_that_is_no_program_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a program\n")
    with pytest.raises(PermissionError):
        run(command(str(tmp_path / "text"), folder=tmp_path))


def test_a_directory_that_is_not_there_is_an_os_error_and_this_process_stays_where_it_was() -> None:
    before = Path.cwd()
    with pytest.raises(FileNotFoundError):
        run(shell("true", folder=Path("/nonexistent")))

    assert Path.cwd() == before


def test_a_timeout_of_years_is_no_problem() -> None:
    assert run(shell("true", timeout_s=1e9)).ok


def test_the_outside_clock_spans_the_whole_life() -> None:
    finished = run(shell("sleep 0.05"))

    assert finished.wall_ns >= 50_000_000


def test_pauses_stop_the_whole_group_again_and_again_and_it_goes_on_to_its_end() -> None:
    # Ten tenths of a second of work by a child, and each is stopped for as long as it runs.
    work = "for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.02; done & wait; echo done"
    plain = run(shell(work))
    paused = run(replace(shell(work), pause=Pause(every_ns=50_000_000, share=1.0)))

    assert paused.ok
    assert paused.stdout == b"done\n"
    assert paused.wall_ns >= 150_000_000
    assert plain.ok


def test_a_pause_after_the_end_is_none() -> None:
    every_ns = 3_600_000_000_000
    finished = run(replace(shell("true"), pause=Pause(every_ns=every_ns, share=1.0)))

    assert finished.ok
    assert finished.wall_ns < every_ns


def test_what_is_paused_can_time_out_and_is_killed_with_its_whole_group(tmp_path: Path) -> None:
    pause = Pause(every_ns=200_000_000, share=18_000.0)
    finished = run(replace(shell(never_ending(tmp_path), timeout_s=0.5), pause=pause))

    assert finished.ending is Ending.TIMED_OUT
    assert_gone(tmp_path)


def test_the_kernel_counts_are_plausible() -> None:
    finished = run(shell("i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done; sleep 0.01"))

    usage = finished.usage
    assert 0 < usage.user_ns + usage.system_ns <= finished.wall_ns * (os.cpu_count() or 1)
    assert 100_000 < usage.max_rss_bytes <= max(finished.peak_floor_bytes, 64 * MIB)
    assert usage.minor_faults > 0
    assert usage.major_faults >= 0
    assert usage.voluntary_switches >= 1
    assert usage.involuntary_switches >= 0


def test_peak_memory_above_the_floor_is_the_programs_own() -> None:
    floor = run(shell(":")).peak_floor_bytes
    wanted = floor + 16 * MIB
    finished = run(shell(f"exec dd if=/dev/zero of=/dev/null bs={wanted} count=1"))

    assert finished.ok
    assert wanted <= finished.usage.max_rss_bytes < wanted + 4 * MIB
    assert finished.peak_floor_bytes < wanted


@pytest.mark.parametrize("_way", ["compiled"], indirect=True)
def test_peak_memory_of_a_small_program_does_not_hold_that_of_this_process() -> None:
    ballast = bytearray(b"1" * (200 * MIB))
    finished = run(command("/bin/true"))

    assert len(ballast) > 40 * finished.usage.max_rss_bytes
    assert finished.peak_floor_bytes == 0


def test_lines_of_standard_error_are_told_while_it_runs(tmp_path: Path) -> None:
    heard: list[str] = []

    def hear(line: str) -> None:
        heard.append(line)
        (tmp_path / "heard").touch()

    # The second line is only written once the first one has been heard.
    finished = run(
        shell("echo first >&2; until [ -e heard ]; do sleep 0.01; done; echo second >&2", folder=tmp_path), hear
    )

    assert finished.ok
    assert heard == ["first", "second"]


def test_the_lines_just_before_the_end_are_told_too() -> None:
    for _ in range(30):
        heard: list[str] = []
        run(shell("echo '  one'; echo two >&2; printf 'th' >&2; echo ree >&2"), heard.append)
        assert heard == ["two", "three"]


def test_a_line_that_is_no_utf_8_is_told_nevertheless() -> None:
    heard: list[str] = []
    run(shell(r"printf '\377x\n' >&2"), heard.append)

    assert heard == ["\ufffdx"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_whole_group_and_raises_keyboard_interrupt(number: signal.Signals, tmp_path: Path) -> None:
    handlers = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    sender = send_to_self(number, tmp_path)
    with pytest.raises(KeyboardInterrupt), interruptible():
        run(shell(never_ending(tmp_path)))
    sender.join()

    assert_gone(tmp_path)
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == handlers


def test_without_the_handler_an_interrupt_leaves_nothing_behind_either(tmp_path: Path) -> None:
    before = open_descriptors()
    # A shell that starts the tests in the background has them ignore it.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        sender = send_to_self(signal.SIGINT, tmp_path)
        with pytest.raises(KeyboardInterrupt):
            run(shell(never_ending(tmp_path)))
        sender.join()
    finally:
        signal.signal(signal.SIGINT, handler)

    assert_gone(tmp_path)
    assert open_descriptors() == before


def test_a_signal_ends_what_other_threads_run(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    raised: list[BaseException] = []

    def work(folder: Path) -> None:
        try:
            run(shell(never_ending(folder)))
        except KeyboardInterrupt as error:
            raised.append(error)

    with interruptible():
        threads = []
        for folder in folders:
            folder.mkdir()
            threads.append(threading.Thread(target=work, args=(folder,)))
            threads[-1].start()
        for folder in folders:
            pids_in(folder)
        os.kill(os.getpid(), signal.SIGTERM)
        for thread in threads:
            thread.join()

    assert len(raised) == 2
    for folder in folders:
        assert_gone(folder)


def test_a_signal_between_two_runs_raises_at_once_and_the_next_session_can_run() -> None:
    with pytest.raises(KeyboardInterrupt), interruptible():
        signal.raise_signal(signal.SIGTERM)

    assert run(shell("true")).ok


def test_nothing_starts_anew_once_a_stop_was_asked_for(tmp_path: Path) -> None:
    with interruptible():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            run(shell(f"sleep 1; touch '{tmp_path}/done'"))

    assert not (tmp_path / "done").exists()


def test_kill_all_ends_what_runs_now(tmp_path: Path) -> None:
    results: list[Finished] = []
    thread = threading.Thread(target=lambda: results.append(run(shell(never_ending(tmp_path)))))
    thread.start()
    pids_in(tmp_path)

    def is_killed() -> bool:
        # The program may run before `run` has noted it.
        kill_all()
        return not thread.is_alive()

    until(is_killed, "the program has ended")

    assert (results[0].ending, results[0].status) == (Ending.SIGNALLED, signal.SIGKILL)
    assert_gone(tmp_path)


def test_signal_that_was_ignored_from_the_start_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible():
            finished = run(shell("kill -HUP $HARNESS; echo still here".replace("$HARNESS", str(os.getpid()))))
        assert finished.stdout == b"still here\n"
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
