"""Run a task on other machines: send the code and the suite there, follow the run, and fetch what it measured.

`names`, `probe`, `scripts`, `wire` and `arrival` are pure; `bundle` reads files, `link` is the connection, and `run`
does the work.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
