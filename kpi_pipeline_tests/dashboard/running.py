"""A dashboard that really listens, in a thread of the test's process."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from kpi_pipeline.dashboard.access import Access
from kpi_pipeline.dashboard.app import create_app
from kpi_pipeline.dashboard.hub import Hub
from kpi_pipeline.dashboard.redis_open import Publisher
from kpi_pipeline.dashboard.server import Server, listen, server_of
from kpi_pipeline.ports.board import Bell, Board

TOKEN = "a-token-for-tests-alone"  # noqa: S105 - it guards made-up figures
BEARER = {"Authorization": f"Bearer {TOKEN}"}
NEAR = Access(token=TOKEN)
FAR = Access(token=TOKEN, loopback=False)


@dataclass(frozen=True)
class Running:
    """A dashboard on a free port."""

    url: str
    server: Server
    hub: Hub
    client: httpx.Client

    def get(self, path: str, **headers: str) -> httpx.Response:
        """One request."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers=named)

    def body(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """What a request that goes well answers."""
        found = self.get(path)
        assert found.status_code == 200, found.text
        return found.json()


@contextmanager
def serving(
    boards: Sequence[Board],
    bell: Bell,
    access: Access = NEAR,
    publisher: Publisher | None = None,
    **limits: Any,  # noqa: ANN401
) -> Iterator[Running]:
    """Serve boards until the block ends; the hub takes `limits`."""
    hub = Hub(boards, bell, **limits)
    place = listen("127.0.0.1", 0)
    server = server_of(create_app(boards, bell, access, hub=hub, publisher=publisher))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [place]})
    thread.start()
    try:
        eventually(lambda: server.started and all(f.ready.is_set() for f in hub.feeds.values()))
        url = f"http://127.0.0.1:{place.getsockname()[1]}"
        with httpx.Client(base_url=url, timeout=15, trust_env=False) as client:
            yield Running(url, server, hub, client)
    finally:
        server.should_exit = True
        thread.join(15)
        assert not thread.is_alive()


def eventually(true: Any, seconds: float = 20) -> None:  # noqa: ANN401 - any call without arguments
    """Wait until a call returns something true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def events(
    running: Running, path: str = "/stream", **headers: str
) -> Iterator[Iterator[tuple[str, str | None, Any]]]:
    """Server-sent events as they come: event, id, data."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with running.client.stream("GET", path, headers=named) as answer:
        assert answer.status_code == 200, answer.read()
        yield _events(answer.iter_lines())


def _events(lines: Iterator[str]) -> Iterator[tuple[str, str | None, Any]]:
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "data" in fields:
            yield fields["event"], fields.get("id"), json.loads(fields["data"])
            fields = {}
