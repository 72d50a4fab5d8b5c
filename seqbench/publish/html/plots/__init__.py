"""Draw the plots of the page as SVG.

`charts`, `intervals` and `timelines` draw each kind of plot. The `of_*` modules choose the data of a session,
a document or the history.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
