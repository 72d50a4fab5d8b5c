"""Describe one run: its data, its file, its tables, and its record LATEST_RUN.txt.

`session` has the data, `store` the JSON files, `report` the tables, `latest_run` the record and
`freshness` the 24-hour rule.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
