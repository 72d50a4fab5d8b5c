"""Measure versions in common rounds with one reference, and find the steps between them.

`analysis` judges the rounds and plans more of them, `run` measures them.
`document` defines the stored data, `report` and `chart` print them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
