from .cargo import find_crate as find_crate
from .compiler_spec import Spec as Spec
from .compiler_spec import parse_spec as parse_spec
from .seqc import provide_seqc as provide_seqc
from .toolchain import Tool as Tool
from .toolchain import Toolchain as Toolchain
from .tools import find_clang as find_clang
from .tools import find_go as find_go
