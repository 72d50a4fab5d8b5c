"""Run the checks that a commit must pass, and report results on GitHub and Forgejo.

`steps` has the checks of `invoke ci`. `action` judges for the action, `annotations` and `forge` build what it reports,
and `pull_request` keeps a comment up to date.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
