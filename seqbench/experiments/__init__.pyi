from . import explain as explain
from . import sweep as sweep
from . import tune as tune
