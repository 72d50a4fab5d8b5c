from .analysis import SweptFindings as SweptFindings
from .analysis import findings as findings
from .document import SweepDocument as SweepDocument
from .document import load_sweep as load_sweep
from .document import sweep_to_json as sweep_to_json
from .ranges import parse_over as parse_over
from .ranges import parse_steps as parse_steps
