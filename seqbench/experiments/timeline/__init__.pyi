from .analysis import Course as Course
from .analysis import analyze as analyze
from .document import TimelineDocument as TimelineDocument
from .document import load_timeline as load_timeline
from .document import timeline_to_json as timeline_to_json
