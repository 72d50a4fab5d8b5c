from . import contents as contents
from . import plots as plots
from . import render as render
from .section import Section as Section
from .section import Unread as Unread
