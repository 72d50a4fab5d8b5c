"""Read a folder of benchmarks: manifests, programs, expected results and sizes.

The package defines the format of `benchmark.toml` and its formulas, and chooses a size that fits the machine.
`scaffold` writes the skeleton of a new benchmark.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
