"""Run the checks that a commit must pass, and report results on GitHub.

`steps` has the checks of `invoke ci`. `action` measures for the action on GitHub, and `annotations` and `github` build
what it reports.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
