from dataclasses import replace
from pathlib import Path

import pytest

from seqbench.events import Remark
from studies.claims.program_facts import ProgramFacts, facts_text, facts_to_json, load_facts, request_of, run
from tests.support.claim_cases import HANDLERS, STACKS, some_facts
from tests.support.world import World, says

needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system has no /proc")


def facts_of(world: World, **flags: str) -> ProgramFacts:
    folder = world.project / "probes" / "unread"
    folder.mkdir(parents=True)
    (folder / "unread.seq").write_text(says(1_000))
    return run(request_of(world.request(**flags), folder.parent), listen=world.events.append)


@needs_proc
def test_a_program_of_each_build_is_looked_at(world: World) -> None:
    facts = facts_of(world, seqc="7.7.5")

    assert [result.name for result in facts.probes.results] == ["unread"]
    assert facts.quit_handlers == (("on", False), ("off", False))
    # A script maps no stacks.
    assert "mapped no pool of stacks" in facts.stack_problem


@needs_proc
def test_a_build_that_cannot_be_had_is_left_out_and_that_is_said(world: World) -> None:
    # A compiler given by its path is built already.
    facts = facts_of(world)

    assert facts.quit_handlers == (("on", False),)
    (remark,) = (event.text for event in world.events if isinstance(event, Remark))
    assert remark.startswith("not inspected: a program with diagnostics=off: ")


def test_a_program_that_does_not_build_is_a_failure_of_its_session(world: World) -> None:
    folder = world.project / "probes" / "unread"
    folder.mkdir(parents=True)
    (folder / "unread.seq").write_text("# COMPILE ERROR")
    facts = run(request_of(world.request(), folder.parent), listen=world.events.append)

    assert facts.probes.failures()
    assert (facts.stacks, facts.quit_handlers) == ((), ())
    assert "could not be measured: no program could be started." in facts_text(facts)


def test_the_unit_is_told_with_what_it_was_read_from() -> None:
    text = facts_text(some_facts(stacks=STACKS))

    assert (
        "SEQ_STACK_SIZE=131072: 2,000 mappings of 1,048,576 bytes, each next to a guard page of 4,096: 8 bytes per unit"
    ) in text
    assert "So SEQ_STACK_SIZE counts units of 8 bytes, not bytes." in text
    odd = (STACKS[0], replace(STACKS[1], stack_bytes=65_536))
    assert "These do not agree on the unit" in facts_text(some_facts(stacks=odd))
    assert "could not be measured: no /proc." in facts_text(some_facts(stack_problem="no /proc"))


def test_who_handles_sigquit_is_told_where_somebody_looked() -> None:
    text = facts_text(some_facts(quit_handlers=HANDLERS))

    assert "A running program: diagnostics=on handles SIGQUIT, diagnostics=off does not handle SIGQUIT." in text
    assert "SIGQUIT" not in facts_text(some_facts())


def test_facts_are_read_back(tmp_path: Path) -> None:
    facts = some_facts(stacks=STACKS, quit_handlers=HANDLERS)
    (tmp_path / "facts.json").write_text(facts_to_json(facts))

    assert load_facts(tmp_path / "facts.json") == facts
