"""What a task left behind: its text, sessions and record; and assertions about them."""

import hashlib
import re
from dataclasses import replace

from seqbench.compare.document import StoredComparison, load_comparison
from seqbench.sessions import latest_run, store
from seqbench.sessions.latest_run import Record
from seqbench.sessions.session import Measured, Outcome, Sample, Session
from tests.support.world import Said, World

RATIO = re.compile(r"\d+(\.\d+)?x")


def stored(world: World) -> list[Session]:
    return [store.load(path) for path in sorted(world.results.glob("*.json"))]


def assert_no_traceback(said: Said) -> None:
    assert "Traceback" not in said.out + said.err
    assert "defect in seqbench" not in said.err


def assert_fails(said: Said, code: int, *words: str) -> None:
    """Make sure that it ended with this code and an error that has these words and a mend."""
    assert said.code == code, said.err
    assert_no_traceback(said)
    assert "error: " in said.err
    assert "mend: " in said.err
    for word in words:
        assert word in said.err


def table_of(said: Said) -> list[str]:
    """Give the rows of the headline table."""
    return said.out.partition("\n\n")[0].splitlines()[2:]


def row(text: str, title: str) -> str:
    """Give the row of the headline table, which is the first one that begins so."""
    return next(line for line in text.splitlines() if line.startswith(title))


def rewrite(world: World, **changes: object) -> None:
    """Write the record anew with these values, as a run that had them would have."""
    found = latest_run.parse(world.record.read_text())
    changed = replace(found, **changes)  # type: ignore[arg-type]
    world.record.write_text(latest_run.render(changed))


def retell(world: World, old: str, new: str) -> None:
    """Write the record in other words, with a digest that fits them."""
    body = world.record.read_text().rpartition("digest: ")[0]
    assert old in body
    body = body.replace(old, new)
    world.record.write_text(f"{body}digest: sha256:{hashlib.sha256(body.encode()).hexdigest()}\n")


def stamp(world: World) -> Record:
    return latest_run.parse(world.record.read_text())


def kept_comparison(world: World) -> StoredComparison:
    (path,) = world.results.glob("*.json")
    return load_comparison(path)


def outcome(session: Session, benchmark: str, runtime: str, variant: str = "") -> Outcome:
    (result,) = (result for result in session.results if result.name == benchmark)
    (program,) = (p for p in result.programs if (p.runtime, p.variant) == (runtime, variant))
    return program.outcome


def samples(session: Session, benchmark: str, runtime: str, variant: str = "") -> tuple[Sample, ...]:
    found = outcome(session, benchmark, runtime, variant)
    assert isinstance(found, Measured)
    return found.samples
