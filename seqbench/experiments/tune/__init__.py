"""Find the settings of the Seq runtime that help, and confirm them in fresh rounds.

`settings` has the grid, `screening` chooses from one stage, `run` measures both stages.
`document` is what is stored, `report` what is printed.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
