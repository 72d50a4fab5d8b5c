"""Run versions of a runtime in common rounds: releases, commits of a checkout, or any list of SPECs.

`version` defines a version and reads lists of them, `releases` and `commits` find them, `listing` reads the flags.
`field` builds them and runs them together, `contrasts` judges two of them by their common rounds.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
