from . import export as export
from . import history as history
from . import html as html
