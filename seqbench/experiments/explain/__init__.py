"""Explain where the time goes: unit costs, system calls, and how much of a gap comes from which part.

`run` measures two sizes and counts the system calls. `conclusions` writes the findings that the data support.
`document` defines the stored data, `report` prints them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
