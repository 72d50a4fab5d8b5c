"""Describe each language runtime: its tools, how its programs are built and linted, what a strand costs.

Nothing outside this package asks which language a program is written in.
Adding a runtime is one entry in the registry.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
