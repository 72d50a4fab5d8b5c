"""seqbench: builds, runs, checks and compares concurrency benchmarks of Seq against other runtimes.

`__all__` names the modules that programs of others may build on; docs/API.md shows how.
"""

__all__ = [
    "compare",
    "comparison",
    "errors",
    "export",
    "gate",
    "history",
    "measured_programs",
    "record",
    "report",
    "request",
    "session",
    "stats",
    "store",
    "suite",
    "trend",
    "units",
]
