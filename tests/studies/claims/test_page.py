import re
from collections.abc import Callable
from dataclasses import replace

from seqbench.sessions.session import Failed, Sample, Stage
from studies.claims.claims import CLAIMS
from studies.claims.page import Investigation, pages
from tests.support.claim_cases import HANDLERS, STACKS, some_facts
from tests.support.explanations import a_measured_result, a_run, an_explanation, at_two_sizes
from tests.support.strategies import NOON, a_program, a_result, a_session, measured
from tests.support.sweeps import a_point, a_sweep
from tests.support.timelines import part, timeline
from tests.support.tunings import a_tuning

SIDES = {"seq": measured(*[230] * 6), "go": measured(*[100] * 6)}
FULL = a_session(a_result(a_program(SIDES["seq"]), a_program(SIDES["go"], "go")))


def an_investigation(**changes: object) -> Investigation:
    small = a_session(a_measured_result("pingpong", SIDES, round_trips=10))
    large = a_session(a_measured_result("pingpong", SIDES, round_trips=100))
    found = Investigation(
        explanation=an_explanation(small, large),
        sweeps=(a_sweep(a_point(10, a_program(measured(1)))),),
        tuning=a_tuning(),
        facts=some_facts(stacks=STACKS, quit_handlers=HANDLERS),
        bench=None,
        releases=None,
    )
    return replace(found, **changes)  # type: ignore[arg-type]


def written(investigation: Investigation) -> str:
    return pages(investigation, NOON)["FINDINGS.md"]


def claim(text: str, words: str) -> str:
    (found,) = (line for line in text.splitlines() if line.startswith("|") and words in line)
    return found


def test_every_command_has_a_file_with_what_it_printed() -> None:
    files = pages(an_investigation(), NOON)
    outputs = {name: text for name, text in files.items() if name.startswith("findings/")}

    assert {name: text.splitlines()[0] for name, text in outputs.items()} == {
        "findings/explain.txt": "$ invoke explain --budget 200s --seed 7",
        "findings/sweep-skynet-strands.txt": (
            "$ invoke sweep --only skynet --over strands=10:1000 --runtimes seq,go --budget 600s --seed 7"
        ),
        "findings/tune.txt": "$ invoke tune --budget 900s --seed 7",
        "findings/small-programs.txt": "$ python -m studies.claims",
    }
    assert "So SEQ_STACK_SIZE counts units of 8 bytes, not bytes." in outputs["findings/small-programs.txt"]
    assert all(f"]({name})" in files["FINDINGS.md"] for name in outputs)


def test_releases_have_their_first_and_last_ratio_a_step_and_a_picture() -> None:
    outcomes = measured(*[100] * 40), measured(*[130] * 40), measured(*[130] * 40)
    document = timeline(part("", *outcomes), runs=40)
    files = pages(an_investigation(releases=document), NOON)
    section = files["FINDINGS.md"].partition("## Since when is Seq as fast as it is?")[2].partition("\n## ")[0]

    assert re.search(
        r"^- pingpong: v1 1\.300 .*; v2 1\.300 .*; possible steps that are not decided: 1$", section, re.MULTILINE
    )
    assert "Measured by [`invoke timeline`](#how-it-was-measured): [all figures](TIMELINE.md)." in section
    command = "invoke timeline --versions v0,v1,v2 --only pingpong --clock own --seed 1"
    assert f"\n- [`{command}`](TIMELINE.md)\n" in files["FINDINGS.md"]
    assert "v1 1.300" in files["images/findings-releases.svg"]


def test_the_page_names_machine_and_tools() -> None:
    text = written(an_investigation())

    assert "Written by `python -m studies.claims` at 2026-03-01T12:00:00Z" in text
    assert "- machine: A processor, 8 cores" in text
    assert "- go 1.27.3" in text


def test_every_answer_names_its_command_and_shows_a_picture_that_exists() -> None:
    files = pages(an_investigation(), NOON)
    sections = files["FINDINGS.md"].split("\n## ")

    questions = [part for part in sections[1:] if part.partition("\n")[0].endswith("?")]
    assert len(questions) >= 4
    commands = files["FINDINGS.md"].partition("## How it was measured")[2]
    for section in questions:
        (task,) = re.findall(r"^Measured by \[`(invoke \w+)`\]\(#how-it-was-measured\)", section, re.MULTILINE)
        assert f"- [`{task} " in commands
    pictures = re.findall(r'src="([^"]+)"', files["FINDINGS.md"])
    assert pictures
    assert all(files[picture].startswith("<svg xmlns=") for picture in pictures)


def test_answers_are_sentences_with_a_picture_beside_them_and_no_tables() -> None:
    """The full tables are linked, so that all answers fit about two screens."""
    answers = written(an_investigation()).partition("\n## How it was measured")[0]

    assert "\n|" not in answers
    assert answers.count("<img ") == answers.count('align="right"') > 0
    assert len(answers.splitlines()) < 75


def test_runtimes_are_faster_or_slower_only_where_the_interval_says_so() -> None:
    slow, unsure = measured(*[230] * 6), measured(80, 120, 80, 120, 80, 120)
    large = a_session(
        a_measured_result("pingpong", {"seq": slow, "go": SIDES["go"], "may": measured(*[50] * 6)}, round_trips=100),
        a_measured_result("fanout", {"seq": unsure, "go": SIDES["go"], "may": slow}, messages=100),
        a_measured_result("skynet", {"seq": slow, "go": SIDES["go"], "may": slow}, leaves=100),
        runtimes=("seq", "go", "may"),
    )
    text = written(an_investigation(explanation=an_explanation(large, large)))

    section = text.partition("## How do other runtimes compare?")[2].partition("\n## ")[0]
    assert "- Seq: slower in pingpong and skynet; not decided in fanout\n" in section
    assert "- May: faster in pingpong; slower in fanout and skynet\n" in section


def test_gaps_with_the_same_cause_are_in_one_line() -> None:
    def works(each_ns: int) -> Callable[[int], Sample]:
        return lambda size: a_run(elapsed_ns=size * each_ns, ledger={"tasks": size, "messages": size})

    programs = {"seq": works(2_000), "go": works(1_000), "may": works(500)}
    found = [at_two_sizes(name, (1_000, 100_000), programs) for name in ("fanout", "skynet")]
    small, large = (
        replace(getattr(found[0], size), results=tuple(getattr(each, size).results[0] for each in found))
        for size in ("small", "large")
    )
    text = written(an_investigation(explanation=an_explanation(small, large)))

    assert "- Seq / Go in fanout 2.0x [2.0, 2.0] and skynet 2.0x [2.0, 2.0]; May is no slower than Go: " in text


def test_every_claim_is_listed_once_with_its_verdict() -> None:
    text = written(an_investigation())
    rows = [line for line in text.splitlines() if line.startswith("| “")]

    assert len(rows) == len(CLAIMS)
    verdicts = [row.rsplit("|", 3)[1].strip() for row in rows]
    counts = re.search(r"Result: (\d+) confirmed, (\d+) not confirmed, (\d+) not measured here", text)
    assert counts is not None
    assert [int(number) for number in counts.groups()] == [
        verdicts.count(verdict) for verdict in ("confirmed", "not confirmed", "not measured here")
    ]


def test_a_session_at_full_size_judges_what_an_explanation_cannot() -> None:
    words = "Pingpong | 502ms"
    escaped = words.replace("|", r"\|")

    assert "not measured here" in claim(written(an_investigation()), escaped)
    text = written(an_investigation(bench=FULL))
    assert re.search(r"\| confirmed +\|", claim(text, escaped))
    assert "- [`invoke bench --seed 7`](findings/full-size.txt)" in text


def test_without_one_it_says_what_it_takes() -> None:
    assert "`results/` has no run at full size of these sources on this machine. `invoke bench`" in written(
        an_investigation()
    )


def test_a_program_that_failed_anywhere_is_a_failure() -> None:
    failed = Failed(stage=Stage.RUN, reason="timed out", detail="")
    bad = a_session(a_measured_result("pingpong", {"seq": failed}))

    assert not an_investigation().has_failures()
    assert an_investigation(explanation=an_explanation(bad, bad)).has_failures()
    assert an_investigation(facts=some_facts(probes=bad)).has_failures()
    assert an_investigation(sweeps=(a_sweep(a_point(10, a_program(failed))),)).has_failures()
