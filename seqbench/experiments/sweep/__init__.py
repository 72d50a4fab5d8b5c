"""Measure how time and memory grow with one parameter or setting.

`ranges` reads the values, `run` measures a point for each of them, `analysis` fits the laws of growth.
`document` defines the stored data, `report` and `chart` print them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
