from .formats import Exported as Exported
from .formats import Format as Format
from .formats import export as export
from .formats import find_format as find_format
from .programs import MeasuredProgram as MeasuredProgram
from .programs import measured_programs as measured_programs
from .programs import without_samples as without_samples
