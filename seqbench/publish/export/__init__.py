"""Export a session in the formats of other tools, one file a format.

`formats` lists them; `programs` has what all of them are made from.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
