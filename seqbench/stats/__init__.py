"""Compute intervals from numbers: medians, ratios, signed ranks and growth.

Pure: the functions take plain numbers and know nothing about benchmarks.
The docstrings name the source of each formula, and docs/METHOD.md explains them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
