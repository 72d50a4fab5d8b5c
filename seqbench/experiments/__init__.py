"""Answer larger questions with many sessions: `explain`, `sweep` and `tune`.

Each has a document (what is stored), a run (what measures) and a report (what is printed).
They do not import each other.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
