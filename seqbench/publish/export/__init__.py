"""Export a session in the formats of other tools, one module per format.

`formats` lists the formats. `programs` prepares the data for all of them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
