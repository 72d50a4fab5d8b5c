"""The limit that is likely behind a failure is named. The messages are those of the real programs under such limits."""

import pytest

from seqbench.bench.limits import with_likely_limit
from seqbench.sessions.session import Failed, Stage
from seqbench.system.facts import NO_LIMITS, Ceiling, Limits

SPACE = Ceiling(name="RLIMIT_AS (ulimit -v)", value=3 << 30, fix="ulimit -v unlimited")
THREADS = Ceiling(name="kernel.pid_max", value=12, fix="sudo sysctl -w kernel.pid_max=4194304")
ALL = Limits(
    max_map_count=65_530,
    available_memory_bytes=1 << 30,
    group_memory_bytes=512 << 20,
    address_space=SPACE,
    threads=THREADS,
    cpu_time=Ceiling(name="RLIMIT_CPU (ulimit -t)", value=10, fix="ulimit -t unlimited"),
)
TIME = "RLIMIT_CPU (ulimit -t), 10 s; fix: ulimit -t unlimited"
MAY = 'failed to alloc sys stack: IoError(Os { code: 12, kind: OutOfMemory, message: "Cannot allocate memory" })'
RUST_THREAD = 'failed to spawn thread: Os { code: 11, kind: WouldBlock, message: "Resource temporarily unavailable" }'
# A panic that goes on for a screen, and speaks of spawning and of threads at its end.
LONG = "\n".join(
    [MAY, *["  16: core::panicking::panic"] * 30, "patch_seq_strand_spawn_with_base", "thread caused abort"]
)
GO_THREAD = "runtime: may need to increase max user processes (ulimit -u)\nfatal error: newosproc"


def failed(reason: str, stage: Stage = Stage.RUN) -> Failed:
    return Failed(stage=stage, reason=reason, detail="the program failed\nstderr ends with:\nits last lines")


def cause(found: Failed) -> str:
    return found.detail.partition("likely cause: ")[2]


@pytest.mark.parametrize(
    ("reason", "stderr", "expected"),
    [
        ("killed by SIGABRT", MAY, "RLIMIT_AS (ulimit -v), 3.0 GiB; fix: ulimit -v unlimited"),
        ("exit status 101", MAY, "RLIMIT_AS (ulimit -v), 3.0 GiB"),
        ("killed by SIGABRT", LONG, "RLIMIT_AS (ulimit -v), 3.0 GiB"),
        ("exit status 2", "fatal error: failed to reserve page summary memory", "RLIMIT_AS (ulimit -v), 3.0 GiB"),
        ("exit status 1", "memory allocation of 147456 bytes failed", "RLIMIT_AS (ulimit -v), 3.0 GiB"),
        ("killed by SIGSEGV", "", "RLIMIT_AS (ulimit -v), 3.0 GiB"),
        ("exit status 101", RUST_THREAD, "kernel.pid_max, 12 more threads at the start; fix: sudo sysctl"),
        ("exit status 2", GO_THREAD, "kernel.pid_max, 12 more threads"),
        ("exit status 1", "RuntimeError: can't start new thread", "kernel.pid_max, 12 more threads"),
        (
            "killed by SIGKILL",
            "",
            f"{TIME}\nlikely cause: the memory limit of the control group, 512 MiB; fix: raise it",
        ),
        ("killed by SIGXCPU", "", TIME),
        ("exit status 3", "index out of range", ""),
        ("timed out", "", ""),
    ],
)
def test_failure_names_the_likely_limit(reason: str, stderr: str, expected: str) -> None:
    found = with_likely_limit(failed(reason), stderr, ALL)

    assert cause(found).startswith(expected)
    assert bool(cause(found)) is bool(expected)
    assert (found.reason, found.stage) == (reason, Stage.RUN)


def test_memory_maps_are_named_where_the_address_space_is_free() -> None:
    low = Limits(max_map_count=65_530, available_memory_bytes=None)
    ample = Limits(max_map_count=4_000_000, available_memory_bytes=None)

    expected = "vm.max_map_count, 65,530; fix: sudo sysctl -w vm.max_map_count=4000000"
    assert cause(with_likely_limit(failed("killed by SIGABRT"), MAY, low)) == expected
    assert cause(with_likely_limit(failed("killed by SIGABRT"), MAY, ample)) == ""


@pytest.mark.parametrize("reason", ["killed by SIGABRT", "killed by SIGKILL", "exit status 101"])
def test_failure_without_limits_is_unchanged(reason: str) -> None:
    for stderr in (MAY, RUST_THREAD):
        assert with_likely_limit(failed(reason), stderr, NO_LIMITS) == failed(reason)


def test_wrong_result_has_no_limit_behind_it() -> None:
    wrong = failed("wrong result", Stage.CHECK)

    assert with_likely_limit(wrong, MAY, ALL) == wrong


def test_line_that_speaks_of_memory_is_shown_where_the_failure_has_cut_it() -> None:
    found = with_likely_limit(failed("killed by SIGABRT"), LONG, ALL)

    assert f"\nstderr has: {MAY}\nlikely cause: " in found.detail
    shown = Failed(stage=Stage.RUN, reason="killed by SIGABRT", detail=MAY)
    assert "stderr has" not in with_likely_limit(shown, LONG, ALL).detail
