from .contrasts import Contrast as Contrast
from .contrasts import contrast as contrast
from .field import Field as Field
from .listing import Listing as Listing
from .listing import find_versions as find_versions
from .version import Gap as Gap
from .version import Version as Version
