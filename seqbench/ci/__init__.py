"""Check all that must hold before a commit, and show what was found where a forge shows it.

`steps` are the checks of `invoke ci`; `annotations` and `github` turn a session and a gate into what the
action reports.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
