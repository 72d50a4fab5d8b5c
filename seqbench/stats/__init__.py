"""Turn numbers into intervals: medians, ratios, signed ranks and laws of growth.

Pure: times and counts go in as plain numbers, and nothing here knows what a benchmark is.
The formulas have their sources in the docstrings; docs/METHOD.md explains them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
