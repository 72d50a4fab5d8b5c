"""Build the commands that repeat the measurement of a session. Pure."""

import re
import shlex

from seqbench.sessions.session import Session
from seqbench.suite.size_request import SizeName
from seqbench.system.facts import Target

_COMPILER = "seqc"
_DIGESTS_SHOWN = 12
_SIZE = re.compile(r"(?:[\w-]+=)?\d+")
_PUBLISHED = "crates.io "
# A phrase in the provenance of a compiler, and the part of a SPEC that builds the same.
_ASKED = {"by plain cargo install": "runtime=cargo-install", "diagnostics off": "diagnostics=off"}


def commands(session: Session) -> tuple[str, ...]:
    """Return shell lines; every value of the session is quoted, so that it stays one word."""
    return (*_checkout(session), "pip install -e '.[toolchain]'", _bench(session))


def remarks(session: Session) -> tuple[str, ...]:
    """Return sentences on what the commands do not restore."""
    found = [f"The compiler was {tool.sentence()}." for tool in session.toolchain if tool.name == _COMPILER]
    if session.dirty:
        found.append(f"There were{uncommitted(session).removeprefix(', with')}, which the session does not store.")
    if not session.is_default_suite:
        found.append("The benchmarks came from another folder, given with --suite.")
    return tuple(found)


def uncommitted(session: Session) -> str:
    """Return the end of a sentence on a commit: `, with uncommitted changes of fanout`; empty if there were none."""
    names = f" of {', '.join(session.changed)}" if session.changed else ""
    return f", with uncommitted changes{names}" if session.dirty else ""


def _checkout(session: Session) -> tuple[str, ...]:
    return (f"git checkout {shlex.quote(session.commit[:_DIGESTS_SHOWN])}",) if session.commit else ()


def _bench(session: Session) -> str:
    words = [*(f"{key}={shlex.quote(value)}" for key, value in session.settings if key.isidentifier()), "invoke bench"]
    if session.missing() and session.results:
        words.append(f"--only {shlex.quote(','.join(_benchmarks(session)))}")
    if session.runtimes:
        words.append(f"--runtimes {shlex.quote(','.join(column.name for column in session.runtimes))}")
    if session.reference:
        words.append(f"--reference {shlex.quote(session.reference)}")
    if size := _size(session):
        words.append(f"--size {shlex.quote(size)}")
    if session.budget_s is None and session.results:
        words.append(f"--runs {session.results[0].rounds}")
    elif session.budget_s is not None and session.keeps_budget:
        words.append(f"--budget {session.budget_s:g}s")
    words.append(f"--seed {session.seed}")
    compiler = next((tool for tool in session.toolchain if tool.name == _COMPILER), None)
    if compiler is not None and compiler.provenance.startswith(_PUBLISHED):
        spec = [compiler.version, *(part for said, part in _ASKED.items() if said in compiler.provenance)]
        spec += [compiler.flags] if compiler.flags else []
        words.append(f"--seqc {shlex.quote(','.join(spec))}")
    if session.target_cpu == Target.NATIVE:
        words.append(f"--target-cpu {Target.NATIVE}")
    return " ".join(words)


def _size(session: Session) -> str:
    """Return what asks for the same size; empty for none, and where the session has the name of no size."""
    sizes = session.size.replace(",", "").split()
    # Full is the default size; where it does not fit, the command scales it down again.
    if sizes == [SizeName.FULL] or not all(size in set(SizeName) or _SIZE.fullmatch(size) for size in sizes):
        return ""
    return ",".join(sizes)


def _benchmarks(session: Session) -> list[str]:
    """Return the names of the benchmarks, once for all tests of a program."""
    names: list[str] = []
    for result in session.results:
        if not (result.test or result.is_wall) or result.benchmark not in names:
            names.append(result.benchmark)
    return names
