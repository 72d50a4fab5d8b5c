import os
from pathlib import Path

import pytest

from seqbench.system import kernel_threads
from seqbench.system.kernel_threads import KernelThreads

TICK_MS = 1_000 // os.sysconf("SC_CLK_TCK")
KERNEL, USER = 0x00200000 | 0x40, 0x00400000


def write(folder: Path, number: int, ticks: tuple[int, int], flags: int = KERNEL, name: str = "kworker/0:1") -> None:
    (folder / str(number)).mkdir(exist_ok=True)
    before = "0 " * 5 + f"{flags} " + "0 " * 4
    (folder / str(number) / "stat").write_text(f"{number} ({name}) S {before}{ticks[0]} {ticks[1]} 0 0 20\n")


@pytest.fixture
def threads(tmp_path: Path) -> KernelThreads:
    write(tmp_path, 2, (0, 100), name="odd) name")
    write(tmp_path, 900, (50, 50), flags=USER)
    (tmp_path / "self").mkdir()
    found = KernelThreads(folder=tmp_path)
    found.begin()
    return found


def used_ms(threads: KernelThreads) -> float:
    """Let reading be due, and return what is found in milliseconds."""
    threads._cost_ns = 0
    return threads.end() / 1e6


def test_time_of_kernel_threads_counts_and_that_of_processes_does_not(tmp_path: Path, threads: KernelThreads) -> None:
    write(tmp_path, 2, (1, 103), name="odd) name")
    write(tmp_path, 900, (90, 90), flags=USER)
    assert used_ms(threads) == 4 * TICK_MS
    assert used_ms(threads) == 0


def test_thread_that_came_or_went_counts_as_nothing(tmp_path: Path, threads: KernelThreads) -> None:
    write(tmp_path, 77, (0, 500))
    assert used_ms(threads) == 0
    (tmp_path / "2" / "stat").unlink()
    write(tmp_path, 77, (0, 501))
    assert used_ms(threads) == TICK_MS


def test_reading_takes_a_hundredth_of_the_time_at_most(tmp_path: Path, threads: KernelThreads) -> None:
    write(tmp_path, 2, (0, 107))
    threads._cost_ns = 10**15
    assert threads.end() == 0
    assert used_ms(threads) == 7 * TICK_MS


def test_what_was_used_between_runs_belongs_to_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: KernelThreads
) -> None:
    monkeypatch.setattr(kernel_threads, "_LONGEST_GAP_NS", -1)
    write(tmp_path, 2, (0, 190))
    threads.begin()
    assert used_ms(threads) == 0


@pytest.mark.parametrize("content", ["", "1 (x", "1 (x) S a b c d e f g"])
def test_file_that_cannot_be_read_counts_as_nothing(tmp_path: Path, threads: KernelThreads, content: str) -> None:
    (tmp_path / "2" / "stat").write_text(content)
    assert used_ms(threads) == 0


def test_system_without_proc_counts_nothing(tmp_path: Path) -> None:
    found = KernelThreads(folder=tmp_path / "none")
    found.begin()
    assert found.end() == 0
