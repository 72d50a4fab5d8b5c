"""Describe each language runtime: its tools, how to build and lint its programs, and the cost of a strand.

Only this package depends on the language of a program.
To add a runtime, add one entry to the registry.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
