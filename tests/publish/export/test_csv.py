import csv
import io

from hypothesis import given

from seqbench.publish.export.csv import csv_text
from seqbench.publish.export.programs import one_line, sample_fields
from seqbench.sessions.session import Session
from tests.support.exported import SESSION, all_samples
from tests.support.laws import FEW
from tests.support.strategies import sessions

# --- CSV


def _rows(session: Session) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_text(session), newline="")))


def test_csv_has_a_line_a_sample_with_the_columns_of_its_benchmark_and_its_ledger() -> None:
    lines = csv_text(SESSION).splitlines()
    zeros = ",".join("0" * 7)
    assert lines[0] == (
        "benchmark,runtime,variant,parameter.workers,round_number,position,result,elapsed_ns,wall_ns,user_ns,system_ns,"
        "max_rss_bytes,max_rss_floor_bytes,minor_faults,major_faults,voluntary_switches,involuntary_switches,"
        "window_ns,machine_busy_ns,machine_steal_ns,own_cpu_ns,kernel_threads_ns,pressure_ns,throttled_ns,"
        "ledger.tasks"
    )
    assert lines[1:] == [
        f"fanout,seq,,100,1,0,1,400000000,800000000,1200000000,400000000,206569472,31457280,1000,234,5000,678,{zeros},101",
        f"fanout,seq,,100,2,0,1,500000000,1000000000,1500000000,500000000,206569472,31457280,1000,234,5000,678,{zeros},101",
        f"fanout,go,idiomatic,100,1,0,1,100000000,200000000,300000000,100000000,206569472,31457280,1000,234,5000,678,{zeros},",
    ]


@FEW
@given(sessions)
def test_csv_read_back_has_the_same_numbers(session: Session) -> None:
    rows = _rows(session)
    assert len(rows) == len(all_samples(session))
    for row, sample in zip(rows, all_samples(session), strict=True):
        assert {key: int(row[key]) for key in sample_fields(sample)} == sample_fields(sample)
        ledger = {one_line(key): value for key, value in sample.ledger}
        assert {key: int(row[f"ledger.{key}"]) for key in ledger} == ledger
