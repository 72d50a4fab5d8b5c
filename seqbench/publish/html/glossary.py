"""Define the terms of results with their meanings, for docs/GLOSSARY.md and the tooltips of the report. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from seqbench.text import printable

if TYPE_CHECKING:
    from markupsafe import Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A term with its meaning; `also` are the words in a text that mean it too."""

    name: str
    meaning: str
    also: tuple[str, ...] = ()
    page: tuple[str, str] = ("", "")
    """The title of the page of docs/ that tells more, and the link to it; empty for most."""

    @property
    def ident(self) -> str:
        """Return the id of its tooltip on a page."""
        return "term-" + re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")


TERMS = (
    Term(
        name="band",
        meaning="what a ratio means: Excellent up to 2x, Good up to 5x, Investigate above",
        also=("bands", "Excellent", "Good", "Investigate"),
    ),
    Term(
        name="base, head",
        meaning="the two sides of a comparison: the old one and the new one",
        also=("base", "head"),
    ),
    Term(
        name="benchmark",
        meaning="a folder with one program for each runtime that all do the same work",
        also=("benchmarks",),
    ),
    Term(name="break-even", meaning="where a ratio crosses 2x, in a sweep"),
    Term(
        name="calibration",
        meaning="the noise of this machine, measured by comparing a compiler with itself",
        also=("calibrate",),
    ),
    Term(name="candidate", meaning="a program of a side, ready to run", also=("candidates",)),
    Term(
        name="change",
        meaning="in the history: a new level of the times that lasts for several sessions",
        also=("changes",),
    ),
    Term(
        name="context switch",
        meaning="the kernel takes a CPU from one thread and gives it to another",
        also=("context switches",),
    ),
    Term(
        name="disturbed",
        meaning="said of a round during which other processes used more than a tenth of the CPUs",
    ),
    Term(
        name="false alarm",
        meaning="a verdict of slower or faster although nothing changed",
        also=("false alarms",),
    ),
    Term(name="fix", meaning="the command or action that resolves an error"),
    Term(name="freshness", meaning="the 24-hour rule of LATEST_RUN.txt"),
    Term(name="gate", meaning="the regression check, `invoke gate`", also=("gates",)),
    Term(name="head / base", meaning="the ratio of a comparison: above 1 if head is slower"),
    Term(
        name="history",
        meaning="the times of all complete sessions on this machine, which `invoke history` shows",
    ),
    Term(
        name="inconclusive",
        meaning="the verdict when the rounds do not decide: the interval holds 1 and reaches beyond the margin",
    ),
    Term(
        name="interval",
        meaning="the range that holds the true value with a stated confidence",
        also=("intervals",),
    ),
    Term(
        name="layout",
        meaning="where the linker put the code and data of a program; `calibrate` measures five of them",
        also=("layouts",),
    ),
    Term(
        name="ledger",
        meaning="the counts of work that a program reports, such as its messages, which the harness checks",
        also=("ledgers",),
    ),
    Term(name="margin", meaning="the relative difference that counts as the same, 2 % by default"),
    Term(
        name="median",
        meaning="the middle value: as many are above it as below",
        also=("medians",),
    ),
    Term(
        name="metric",
        meaning="what a verdict is about: time, peak memory, processor time, build time or size",
        also=("metrics",),
    ),
    Term(name="own clock", meaning="the time that a program measured itself, over its complete work"),
    Term(
        name="page fault",
        meaning="the kernel gives a program memory that it uses for the first time, or reads it from disk",
        also=("page faults",),
    ),
    Term(
        name="peak memory",
        meaning="the most memory that the process had at one moment (its resident set)",
    ),
    Term(name="pilot", meaning="unscored rounds that plan the rest"),
    Term(name="plan", meaning="how many rounds each benchmark gets"),
    Term(name="power", meaning="the probability of detecting a slowdown of a given size"),
    Term(name="probe", meaning="the base with a known slowdown, which the gate must detect"),
    Term(name="program", meaning="one source built for one runtime", also=("programs",)),
    Term(
        name="ratio",
        meaning="the time of one program divided by that of another in the same round; the median over the rounds",
        also=("ratios",),
    ),
    Term(name="record", meaning="LATEST_RUN.txt"),
    Term(name="round", meaning="one run of every candidate, in random order", also=("rounds",)),
    Term(
        name="runtime",
        meaning="a language with its tools, described by one TOML file",
        also=("runtimes",),
    ),
    Term(name="sample", meaning="the figures of one process run", also=("samples",)),
    Term(
        name="seed",
        meaning="the number from which the order of every round is drawn, so that a run can be repeated",
    ),
    Term(
        name="session",
        meaning="everything that one run of `invoke bench` measured, stored in results/",
        also=("sessions",),
    ),
    Term(name="side", meaning="one of the things compared: base, head, probe", also=("sides",)),
    Term(
        name="SPEC",
        meaning="a text that names a compiler with its settings",
        page=("Configuration", "CONFIGURATION.md#compilers"),
    ),
    Term(name="strand", meaning="a green thread of Seq", also=("strands",)),
    Term(name="suite", meaning="a folder of benchmarks", also=("suites",)),
    Term(
        name="system time",
        meaning="CPU time that the kernel used for a program, summed over all cores",
        also=("system %",),
    ),
    Term(name="target CPU", meaning="the CPU that all programs are compiled for"),
    Term(
        name="unfit",
        meaning="said of a gate that did not detect its probe, or raised a false alarm on it",
    ),
    Term(
        name="unit cost",
        meaning="time, memory, faults or calls of one additional strand or message",
        also=("unit costs",),
    ),
    Term(
        name="user time",
        meaning="CPU time that a program used itself, outside the kernel, summed over all cores",
    ),
    Term(
        name="variant",
        meaning="a second program of the same runtime, such as `fanout.idiomatic.go`",
        also=("variants",),
    ),
    Term(
        name="verdict",
        meaning="faster, slower, same, inconclusive, or not comparable",
        also=("verdicts",),
    ),
    Term(
        name="wall clock",
        meaning="the time of the whole process, as seen from outside",
        also=("wall clocks", "elapsed"),
    ),
)


def terms_in(text: str) -> tuple[Term, ...]:
    """Return the terms that a text uses, in the order of the glossary."""
    used = {term.name for term, _, _ in _found(text)}
    return tuple(term for term in TERMS if term.name in used)


_BUTTON = '<button type="button" class="term" popovertarget="{0}" interestfor="{0}" aria-describedby="{0}">{1}</button>'


class Tooltips:
    """The tooltips of a page: texts with their terms as buttons, and the terms that were used.

    A part of the page marks the first use of each term, so that `part` is called at its beginning.
    """

    def __init__(self) -> None:
        self._used: dict[str, Term] = {}
        self._marked: set[str] = set()

    def part(self) -> str:
        """Begin a part of the page; return an empty text, for a template."""
        self._marked.clear()
        return ""

    def mark(self, text: str) -> "Markup":
        """Return a text as markup, with a button at the first use of each term in this part."""
        from markupsafe import Markup, escape  # noqa: PLC0415 - as in render

        shown = printable(text)
        pieces, done = [], 0
        for term, start, end in _found(shown):
            if term.name not in self._marked:
                pieces += [escape(shown[done:start]), self.button(term, shown[start:end])]
                done = end
        return Markup("").join([*pieces, escape(shown[done:])])

    def terms(self, text: str) -> Sequence["Markup"]:
        """Return a button for each term that a text uses, for a text that must stay as it was printed."""
        return [self.button(term, term.name) for term in terms_in(text)]

    def button(self, term: Term, word: str) -> "Markup":
        """Return a button that shows the tooltip of a term: by a click, the keyboard, or a pointer that rests on it."""
        from markupsafe import Markup  # noqa: PLC0415 - as above

        self._used[term.name] = term
        self._marked.add(term.name)
        return Markup(_BUTTON).format(term.ident, word)  # noqa: S704 - no value of others is in it

    @property
    def used(self) -> Iterator[tuple[Term, "Markup"]]:
        """Yield the terms that have a button, with their meaning as markup."""
        for term in TERMS:
            if term.name in self._used:
                yield term, _with_code(term.meaning)


def _with_code(meaning: str) -> "Markup":
    from markupsafe import Markup, escape  # noqa: PLC0415 - as above

    return Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(meaning))))  # noqa: S704 - escaped


def _found(text: str) -> Iterator[tuple[Term, int, int]]:
    """Yield each use of a term with its place in the text."""
    by_word = _by_word()
    for found in _pattern().finditer(text):
        # The pattern takes letters such as \u017f for an s, and its lower case is itself.
        if term := by_word.get(found[0].lower()):
            yield term, found.start(), found.end()


@cache
def _by_word() -> dict[str, Term]:
    return {word.lower(): term for term in TERMS for word in (term.name, *term.also)}


@cache
def _pattern() -> re.Pattern[str]:
    # The longest first: "head / base" is a term of its own.
    words = sorted(_by_word(), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, words))})(?![\w-])", re.IGNORECASE)
