"""Keep all sessions in one SQLite database, and find where their times changed.

`database` writes and reads it, `imports` adds stored files, `trend` finds the changes, and `report` prints them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
