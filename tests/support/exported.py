"""Sessions that the tests of several export formats render."""

from dataclasses import replace

from seqbench.publish.export.programs import measured_programs
from seqbench.sessions.session import Measured, Sample, Session
from tests.support.strategies import a_program, a_result, a_sample, a_session, measured

FANOUT = replace(
    a_result(
        a_program(
            Measured(
                samples=(
                    replace(a_sample(400), ledger=(("tasks", 101),)),
                    replace(a_sample(500, round_number=2), ledger=(("tasks", 101),)),
                ),
                warm_ups=(a_sample(900, round_number=0),),
            )
        ),
        a_program(measured(100), "go", "idiomatic"),
    ),
    name="fanout",
    parameters=(("workers", 100),),
)
SESSION = a_session(FANOUT)
SEQ = "fanout/runtime=seq/workers=100"
GO = "fanout/runtime=go/variant=idiomatic/workers=100"
COUNTED = replace(
    a_result(a_program(measured(502, 500, 503, 502, 501, 504)), a_program(measured(217), "go")), rate_count=2_000_000
)


def all_samples(session: Session) -> list[Sample]:
    return [sample for program in measured_programs(session) for sample in program.samples]
