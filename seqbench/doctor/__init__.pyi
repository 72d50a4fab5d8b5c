from .checks import examine as examine
from .checks import fix as fix
from .health import Health as Health
from .health import HealthCheck as HealthCheck
from .places import Places as Places
