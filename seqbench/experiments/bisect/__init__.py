"""Find the version that made a benchmark slower or faster.

`search` decides what is known and which version comes next, `run` measures it, and `analysis` puts both together.
`document` defines the stored data, `report` prints them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
