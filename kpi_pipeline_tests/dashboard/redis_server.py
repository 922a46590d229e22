"""A Redis of the tests' own on a free port of loopback, which keeps nothing when it dies."""

import socket
import subprocess
import time
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from kpi_pipeline_tests.dashboard.needed import need

PASSWORD = "se:cret@1%"  # noqa: S105 - of a server that lives for one test
QUOTED = "se%3Acret%401%25"


class RedisServer:
    """Start it, kill it, start it again at the same address."""

    def __init__(self, folder: Path) -> None:
        self._program = need("redis-server", "redis-server")
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self.port: int = taken.getsockname()[1]

    @property
    def url(self) -> str:
        """Address with the password."""
        return f"redis://:{QUOTED}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start, and wait until it answers."""
        settings = {"port": self.port, "bind": "127.0.0.1", "requirepass": PASSWORD, "save": ""}
        words = [word for name, value in settings.items() for word in (f"--{name}", str(value))]
        self._process = subprocess.Popen(
            [self._program, *words], cwd=self._folder, stdout=subprocess.DEVNULL
        )
        until = time.monotonic() + 20
        while not self._answers():
            assert self._process.poll() is None, "redis-server ended"
            assert time.monotonic() < until, "redis-server does not answer"
            time.sleep(0.02)

    def kill(self) -> None:
        """End it at once, with all that it holds."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def client(self) -> "Redis":
        """Somebody who reads what was written."""
        return Redis(host="127.0.0.1", port=self.port, password=PASSWORD)

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except RedisError:
            return False
