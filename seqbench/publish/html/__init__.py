"""Render one self-contained page from stored sessions, comparisons and experiments.

`contents` gathers the sessions and sections, `plots` draws, and `render` fills the template.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
