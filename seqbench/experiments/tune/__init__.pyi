from .document import TuneDocument as TuneDocument
from .document import load_tune as load_tune
from .document import tune_to_json as tune_to_json
