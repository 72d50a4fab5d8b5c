"""From samples to their peak memory, as far as the kernel tells it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from seqbench.sessions.session import Sample
from seqbench.units import short_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The median of some peaks, which the harness's own may hide: then it is all that is known, and the truth is less.

    Linux hands the peak of the process that spawns on to its child (docs/ARCHITECTURE.md).
    """

    size_bytes: float
    is_hidden: bool

    @property
    def text(self) -> str:
        """Write it for a table: `112 MiB`, or `< 46.0 MiB`."""
        return f"{'< ' if self.is_hidden else ''}{short_bytes(self.size_bytes)}"


def peak_of(samples: Sequence[Sample]) -> Peak:
    """Return the peak memory of a program's samples, of which there is one at least."""
    size_bytes = float(median(sample.max_rss_bytes for sample in samples))
    return Peak(size_bytes=size_bytes, is_hidden=size_bytes <= median(sample.max_rss_floor_bytes for sample in samples))
