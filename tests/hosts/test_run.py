"""What happens before anything is started on a host."""

import pytest

from seqbench.events import Event
from seqbench.hosts.arrival import Commit
from seqbench.hosts.bundle import Bundle
from seqbench.hosts.run import Job, measure

EMPTY = Bundle(name="x", content=b"", digest="1")
JOB = Job(
    hosts=("nowhere.invalid",),
    task="bench",
    words=(),
    code=EMPTY,
    extra="",
    suite=EMPTY,
    is_default_suite=True,
    suite_folder="",
    suite_file="",
    has_common_looks=False,
    has_document=False,
    project_file="",
    commit=Commit(),
    settings={},
)


def test_defect_while_hosts_are_prepared_is_raised_in_the_main_thread() -> None:
    def broken(_event: Event) -> None:
        raise LookupError("a defect")

    with pytest.raises(LookupError, match="a defect"):
        measure(JOB, listen=lambda _name: broken, started=lambda _record: None)
