from . import annotations as annotations
from . import github as github
from . import steps as steps
