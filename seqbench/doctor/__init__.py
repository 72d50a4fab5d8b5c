"""Check what `invoke bench` needs: tools, sizes, the machine with its limits, and places to write.

`checks` puts them together; each has its result and a fix.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
