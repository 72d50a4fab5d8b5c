"""seqbench: builds, runs, checks and compares concurrency benchmarks of Seq against other runtimes.

`__all__` names the packages that other programs may build on, and each package the names that are public;
docs/API.md shows how they are used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
