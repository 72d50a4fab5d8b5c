import os
import signal

import pytest

from seqbench.system.interrupts import interruptible, shielded

done: list[str] = []


@pytest.fixture(autouse=True)
def _nothing_done() -> None:
    done.clear()


def _interrupt() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def test_work_in_a_shield_is_finished_before_the_interrupt_is_raised() -> None:
    def work() -> None:
        with interruptible():
            with shielded(), shielded():
                _interrupt()
                done.append("inner")
            done.append("after the interrupt")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["inner"]


def test_second_signal_does_not_disturb_what_is_kept_after_the_first() -> None:
    def work() -> None:
        with interruptible():
            try:
                _interrupt()
            except KeyboardInterrupt:
                with shielded():
                    _interrupt()
                    done.append("kept")
                done.append("shown")
                raise

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["kept", "shown"]


def test_interrupt_is_raised_even_if_the_work_in_the_shield_fails() -> None:
    def work() -> None:
        with interruptible(), shielded():
            _interrupt()
            raise OSError

    with pytest.raises(KeyboardInterrupt):
        work()
