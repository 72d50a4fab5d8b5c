"""Find or build the compilers that a SPEC such as `7.7.5,diagnostics=off` names.

The package builds seqc with an optimised runtime, and finds Go, clang and cargo.
The cache keeps each compiler that was built, under everything that determines the result.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
