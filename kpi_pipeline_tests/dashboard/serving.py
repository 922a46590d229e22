"""An app on a free port of loopback, in a thread."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import FastAPI

from kpi_pipeline.dashboard.server import listen, server_of


@contextmanager
def served(app: FastAPI) -> Iterator[int]:
    """The port that it is served at meanwhile."""
    place = listen("127.0.0.1", 0)
    server = server_of(app)
    thread = threading.Thread(target=server.run, args=([place],), daemon=True)
    thread.start()
    try:
        until = time.monotonic() + 20
        while not server.started:
            assert thread.is_alive(), "the server ended"
            assert time.monotonic() < until, "the server does not start"
            time.sleep(0.02)
        yield place.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)
