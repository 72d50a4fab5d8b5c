from .analysis import Analysis as Analysis
from .analysis import analyze as analyze
from .document import BisectDocument as BisectDocument
from .document import bisect_to_json as bisect_to_json
from .document import load_bisect as load_bisect
