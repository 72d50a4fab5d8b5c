"""Text that would do harm or show as nothing if it went into a page as it is."""

from dataclasses import replace

from seqbench.sessions.session import Failed, Session, Stage
from tests.support.strategies import a_program, a_result, a_session, measured

# What would do harm or show as nothing, if it went into a page as it is.
HOSTILE = "<script>alert(1)</script> \"quotes\" 'too' & $(rm -rf ~) `id` \U0001f600 \x00 </style> {{ 7 * 7 }}"
SHOWN = HOSTILE.replace("\x00", r"\x00")


def hostile_session(words: str = HOSTILE) -> Session:
    """Build a session with these words wherever there can be any."""
    seq, go = measured(502, 500, 503, 502, 501, 504), measured(217, 216, 218, 217, 219, 215)
    failed = Failed(stage=Stage.RUN, reason=words, detail=words)
    programs = (a_program(seq), a_program(go, "go"), a_program(go, "go", "v"), a_program(failed, "seq", "w"))
    result = replace(
        a_result(*programs, title=words),
        name=words,
        size_label=words,
        size_sentence=words,
        is_full=False,
        remedies=(words,),
        rate_count=1,
        rate_unit=words,
        parameters=((words, 1),),
        variant_labels=(("v", words), ("w", "w")),
    )
    session = replace(a_session(result), commit=words, settings=(("SEQ_A", words),), sources=words)
    return replace(session, machine=replace(session.machine, cpu=words), seqbench_version=words)
