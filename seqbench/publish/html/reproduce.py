"""From a session to the commands that measure the same again. Pure."""

import re
import shlex

from seqbench.sessions.session import Session
from seqbench.suite.sizes import SizeName

_COMPILER = "seqc"
_DIGESTS_SHOWN = 12
_NUMBER = re.compile(r"\d[\d,]*")
_PUBLISHED = "crates.io "
# What a provenance says of how the compiler was built, and what asks for the same (`provision` writes the one).
_ASKED = {"by plain cargo install": "runtime=cargo-install", "diagnostics off": "diagnostics=off"}


def commands(session: Session) -> tuple[str, ...]:
    """Return shell lines; what came from outside is quoted, so that it cannot be more than a word of them."""
    return (*_checkout(session), "pip install -e '.[toolchain]'", _bench(session))


def remarks(session: Session) -> tuple[str, ...]:
    """Return what the commands alone do not bring back."""
    found = [f"The compiler was {tool.sentence()}." for tool in session.toolchain if tool.name == _COMPILER]
    if session.dirty:
        found.append("There were changes that were not committed; they are not known.")
    if not session.is_default_suite:
        found.append("The benchmarks were another folder's, given with --suite.")
    return tuple(found)


def _checkout(session: Session) -> tuple[str, ...]:
    return (f"git checkout {shlex.quote(session.commit[:_DIGESTS_SHOWN])}",) if session.commit else ()


def _bench(session: Session) -> str:
    words = [*(f"{key}={shlex.quote(value)}" for key, value in session.settings if key.isidentifier()), "invoke bench"]
    if session.missing() and session.results:
        words.append(f"--only {shlex.quote(','.join(result.name for result in session.results))}")
    if session.runtimes:
        words.append(f"--runtimes {shlex.quote(','.join(column.name for column in session.runtimes))}")
    # Full is what is asked for where no size is given: where it does not fit, it is scaled down again.
    if session.size in set(SizeName) - {SizeName.FULL} or _NUMBER.fullmatch(session.size):
        words.append(f"--size {session.size.replace(',', '')}")
    if session.budget_s is not None:
        words.append(f"--budget {session.budget_s:g}s")
    elif session.results:
        words.append(f"--runs {session.results[0].rounds}")
    words.append(f"--seed {session.seed}")
    compiler = next((tool for tool in session.toolchain if tool.name == _COMPILER), None)
    if compiler is not None and compiler.provenance.startswith(_PUBLISHED):
        spec = [compiler.version, *(part for said, part in _ASKED.items() if said in compiler.provenance)]
        words.append(f"--seqc {shlex.quote(','.join(spec))}")
    return " ".join(words)
