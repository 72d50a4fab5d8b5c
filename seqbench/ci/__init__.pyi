from . import annotations as annotations
from . import forge as forge
from . import steps as steps
