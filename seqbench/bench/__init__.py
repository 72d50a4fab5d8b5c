"""Measure: prepare tools and programs once, then run the pilot and the rounds, and check every run.

A request goes in and a session comes out. The rounds run every candidate once, in an order drawn from a
recorded seed.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
