from .base import Runtime as Runtime
from .base import StrandCost as StrandCost
from .load import load_runtime as load_runtime
from .registry import RUNTIMES as RUNTIMES
