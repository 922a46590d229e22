"""Processes that use a cluster, and what is left of them."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from kpi_pipeline.embedded.cluster import PACKAGE_ROOT

USER = """
import sys
from pathlib import Path
from kpi_pipeline.embedded.cluster import open_cluster
print(open_cluster(Path(sys.argv[1])).socket, flush=True)
sys.stdin.read()
"""


class UserProcess:
    """Another process that opens the cluster and holds it until it is killed."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=PACKAGE_ROOT,
            text=True,
        )

    def socket(self) -> Path:
        """Waits until the cluster is open."""
        assert self.process.stdout is not None
        return Path(self.process.stdout.readline().strip())

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def processes_of(home: Path) -> list[str]:
    """The command lines of living processes that serve or use this home."""
    found = []
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
            if str(home) in " ".join(words) or process.environ().get("KPI_HOME") == str(home):
                found.append(" ".join(words))
        except psutil.Error:
            continue
    return found


def eventually(condition: Callable[[], bool], *, seconds: float = 20.0) -> bool:
    """Whether the condition comes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return condition()
