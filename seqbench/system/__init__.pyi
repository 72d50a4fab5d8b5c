from . import files as files
from . import git as git
from . import lock as lock
from . import machine as machine
from . import process as process
