"""Measure how time and memory grow with one parameter or setting.

`ranges` reads the values, `run` measures a point for each of them, `analysis` fits the laws of growth.
`document` is what is stored, `report` and `chart` are what is printed.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
