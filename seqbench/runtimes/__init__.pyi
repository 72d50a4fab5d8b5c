from .base import Recipe as Recipe
from .base import Runtime as Runtime
from .base import StrandCost as StrandCost
from .registry import DEFAULT_RUNTIMES as DEFAULT_RUNTIMES
from .registry import RUNTIMES as RUNTIMES
from .registry import select_runtimes as select_runtimes
