from .parts import Caption as Caption
from .parts import Key as Key
from .parts import Plot as Plot
