"""Answer larger questions with many sessions: `explain`, `sweep` and `tune`.

Each package has three modules: `document` defines the stored data, `run` measures, `report` prints.
They do not import each other.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
