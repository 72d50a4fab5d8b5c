from .document import Explanation as Explanation
from .document import Roles as Roles
from .document import explanation_to_json as explanation_to_json
from .document import load_explanation as load_explanation
