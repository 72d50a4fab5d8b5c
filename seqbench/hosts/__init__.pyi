from .arrival import Arrival as Arrival
from .run import fetch as fetch
from .run import measure as measure
