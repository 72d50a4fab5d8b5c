import platform

import pytest

from seqbench.system import machine
from seqbench.system.facts import Ending, Finished, Usage


def test_the_sentence_says_what_decides_and_not_whose_machine_it_is() -> None:
    host = machine.this_machine()

    assert f"{host.cores} cores" in host.sentence()
    assert "iB" in host.sentence()
    # A name as short as "a" would be found in any sentence.
    assert len(platform.node()) < 4 or platform.node() not in host.sentence()


@pytest.mark.parametrize(
    ("ending", "status", "ok"),
    [(Ending.EXITED, 0, True), (Ending.EXITED, 1, False), (Ending.SIGNALLED, 0, False), (Ending.TIMED_OUT, 0, False)],
)
def test_process_is_ok_when_it_exited_with_0(ending: Ending, status: int, *, ok: bool) -> None:
    usage = Usage(
        user_ns=0,
        system_ns=0,
        max_rss_bytes=0,
        minor_faults=0,
        major_faults=0,
        voluntary_switches=0,
        involuntary_switches=0,
    )
    finished = Finished(
        ending=ending, status=status, wall_ns=1, usage=usage, peak_floor_bytes=0, stalled_ns=0, stdout=b"", stderr=b""
    )
    assert finished.ok is ok
