"""Compare two compilers whose programs ran in the same rounds: verdicts, gate and calibration.

`verdict` judges one benchmark, `comparison` two sessions, `gate` a comparison with a probe.
`run` measures both compilers; `document` and `report` are what is stored and printed.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
