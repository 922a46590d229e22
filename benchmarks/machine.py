"""What the figures were measured on."""

import os
import platform
from importlib.metadata import version

from benchmarks.server import Server

GIB = 2**30
PACKAGES = ("kpi-pipeline", "dagster", "sqlalchemy", "psycopg")


def machine(server: Server) -> dict[str, object]:
    """The same, with the version of a server."""
    return {**plain_machine(), "postgresql": server.version()}


def plain_machine() -> dict[str, object]:
    """Cores, memory, what else the machine was doing, and versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory / GIB, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }
