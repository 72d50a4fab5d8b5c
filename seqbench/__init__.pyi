from . import compare as compare
from . import errors as errors
from . import publish as publish
from . import sessions as sessions
from . import stats as stats
from . import suite as suite
from . import units as units

__all__ = [
    "compare",
    "errors",
    "publish",
    "sessions",
    "stats",
    "suite",
    "units",
]
