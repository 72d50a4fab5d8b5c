"""Define the parts of a page: a section with its plots, and a file that could not be read. Pure."""

from dataclasses import dataclass

from seqbench.publish.html.plots.parts import Plot


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The result of another task, after the sessions; `kind` is a heading such as Comparisons."""

    kind: str
    title: str
    about: str
    """The file, the time of measurement and the machine."""
    text: str
    """The text as the task printed it."""
    plots: tuple[Plot, ...] = ()
    remarks: tuple[str, ...] = ()
    """Sentences on data without a plot, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A file that could not be read and is missing on the page."""

    problem: str
    """What is wrong; it names the file."""
    fix: str
