"""Explain where the time goes: unit costs, system calls, and how much of a gap comes from which part.

`run` measures two sizes and watches the system calls, `conclusions` states what the data support.
`document` is what is stored, `report` what is printed.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
