from .analysis import BenchmarkAnalysis as BenchmarkAnalysis
from .analysis import analyze_sweep as analyze_sweep
from .document import SweepDocument as SweepDocument
from .document import load_sweep as load_sweep
from .document import sweep_to_json as sweep_to_json
from .ranges import parse_over as parse_over
from .ranges import parse_steps as parse_steps
