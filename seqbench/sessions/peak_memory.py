"""Compute the peak memory of samples, or an upper bound where the kernel reports no more. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from seqbench.sessions.session import Sample
from seqbench.units import short_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The median peak memory of some samples; only an upper bound where `is_hidden`.

    Linux passes the peak of the process that starts a program on to the program (docs/ARCHITECTURE.md).
    A smaller peak of the program is then hidden by the harness's own.
    """

    size_bytes: float
    is_hidden: bool

    @property
    def text(self) -> str:
        """Return it for a table: `112 MiB`, or `< 46.0 MiB` where it is an upper bound."""
        return f"{'< ' if self.is_hidden else ''}{short_bytes(self.size_bytes)}"


def peak_of(samples: Sequence[Sample]) -> Peak:
    """Return the peak memory of a program from one sample or more."""
    size_bytes = float(median(sample.max_rss_bytes for sample in samples))
    return Peak(size_bytes=size_bytes, is_hidden=size_bytes <= median(sample.max_rss_floor_bytes for sample in samples))
