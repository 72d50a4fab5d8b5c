import re
from dataclasses import replace

from seqbench.claims import CLAIMS
from seqbench.findings_page import Investigation, page
from seqbench.sessions.latest_run import Record, record_of
from seqbench.sessions.session import Failed, Stage
from tests.support.explanations import a_measured_result, an_explanation
from tests.support.strategies import NOON, a_program, a_result, a_session, measured
from tests.support.sweeps import a_point, a_sweep
from tests.support.tunings import a_tuning

TITLES = {"pingpong": "Ping-Pong"}
SIDES = {"seq": measured(*[230] * 6), "go": measured(*[100] * 6)}
FULL = a_session(a_result(a_program(SIDES["seq"]), a_program(SIDES["go"], "go")))


def an_investigation(**changes: object) -> Investigation:
    small = a_session(a_measured_result("pingpong", SIDES, round_trips=10))
    large = a_session(a_measured_result("pingpong", SIDES, round_trips=100))
    found = Investigation(
        explanation=an_explanation(small, large),
        sweeps=(a_sweep(a_point(10, a_program(measured(1)))),),
        tuning=a_tuning(),
        bench=None,
    )
    return replace(found, **changes)  # type: ignore[arg-type]


def written(investigation: Investigation, record: Record | None = None) -> str:
    return page(investigation, record, TITLES, NOON)


def claim(text: str, words: str) -> str:
    (found,) = (line for line in text.splitlines() if line.startswith("|") and words in line)
    return found


def test_every_command_stands_beside_what_it_printed() -> None:
    text = written(an_investigation())

    assert re.findall(r"^## `(.*)`$", text, re.MULTILINE) == [
        "invoke explain --budget 200s --seed 7",
        "invoke sweep --only skynet --over strands=10:1000 --runtimes seq,go --budget 600s --seed 7",
        "invoke tune --budget 900s --seed 7",
    ]
    assert text.count("```") == 6
    assert "Written by `invoke findings` at 2026-03-01T12:00:00Z" in text
    assert "- machine: A processor, 8 cores" in text
    assert "- go 1.27.3" in text


def test_every_claim_is_listed_once_with_its_verdict() -> None:
    text = written(an_investigation())
    rows = [line for line in text.splitlines() if line.startswith("| “")]

    assert len(rows) == len(CLAIMS)
    verdicts = [row.rsplit("|", 3)[1].strip() for row in rows]
    counts = re.search(r"keeps it: (\d+) confirmed, (\d+) not confirmed, (\d+) not measured here", text)
    assert counts is not None
    assert [int(number) for number in counts.groups()] == [
        verdicts.count(verdict) for verdict in ("confirmed", "not confirmed", "not measured here")
    ]
    # They are not told a second time, by less evidence.
    assert "Claims of the document" not in text


def test_a_session_at_full_size_judges_what_an_explanation_cannot() -> None:
    words = "Pingpong | 502ms"
    escaped = words.replace("|", r"\|")

    assert "not measured here" in claim(written(an_investigation()), escaped)
    text = written(an_investigation(bench=FULL))
    assert re.search(r"\| confirmed +\|", claim(text, escaped))
    assert "## `invoke bench --seed 7`" in text


def test_without_such_a_session_the_record_does_as_far_as_its_table_goes() -> None:
    text = written(an_investigation(), record_of(FULL))

    assert re.search(r"\| confirmed +\|", claim(text, r"Pingpong \| 502ms"))
    assert "## `invoke bench`" in text
    # A session has more, so that the record is not needed beside it.
    assert "## `invoke bench`" not in written(an_investigation(bench=FULL), record_of(FULL))


def test_without_either_it_says_what_it_takes() -> None:
    assert "There is no run at full size of these sources on this machine: `invoke bench`" in written(
        an_investigation()
    )


def test_a_program_that_failed_anywhere_is_a_failure() -> None:
    failed = Failed(stage=Stage.RUN, reason="timed out", detail="")
    bad = a_session(a_measured_result("pingpong", {"seq": failed}))

    assert not an_investigation().has_failures()
    assert an_investigation(explanation=an_explanation(bad, bad)).has_failures()
    assert an_investigation(sweeps=(a_sweep(a_point(10, a_program(failed))),)).has_failures()
