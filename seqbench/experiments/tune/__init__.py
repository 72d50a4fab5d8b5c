"""Find the settings of the Seq runtime that help, and confirm them in fresh rounds.

`settings` defines the grid, `screening` chooses a variant from one stage, `run` measures both stages.
`document` defines the stored data, `report` prints them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
