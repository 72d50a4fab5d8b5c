"""Find or build the compilers: from a SPEC such as `7.7.5,diagnostics=off` to a tool with a digest.

It owns the recipe that builds seqc with an optimised runtime, and how Go, clang and cargo are found.
What is built is kept in the cache, by everything that its result depends on.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
