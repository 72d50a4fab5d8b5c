"""The parts of a page: a section with its plots, and a file that could not be read. Pure."""

from dataclasses import dataclass

from seqbench.publish.html.plots.parts import Plot


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What other tasks found, for the end of the page: its kind, such as Comparisons, its title, text and plots."""

    kind: str
    title: str
    about: str
    """The file that it is from, when it was measured, and on which machine."""
    text: str
    """As the task printed it."""
    plots: tuple[Plot, ...] = ()
    remarks: tuple[str, ...] = ()
    """What has no plot, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A file that should be on the page and could not be read."""

    problem: str
    """It names the file."""
    fix: str
