"""Publish stored sessions: exports for other tools, the history, and the page.

`export` has one module per format, `history` the database of all sessions, `html` the page with its plots.
No module here measures.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
