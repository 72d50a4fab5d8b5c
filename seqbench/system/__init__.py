"""Touch the machine: processes, files, the lock, git, and what this machine is.

Every other package starts a program, replaces a file or asks about the machine through here.
Nothing here knows what a benchmark is.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
