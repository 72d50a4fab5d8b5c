from .check import Expected as Expected
from .check import check as check
from .request import Request as Request
from .run import bench as bench
