"""A peer over loopback HTTP that can fail on request: refuse, stall, reset."""

import contextlib
import json
import socket
import struct
import threading
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, urlsplit

Json = dict[str, Any]
_HANG_AT_MOST = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong with one request, before the peer would accept it unless it says after."""

    status: int | None = None
    retry_after: str | None = None
    location: str | None = None
    reset: Literal["before", "after"] | None = None
    hang: bool = False
    body: str | None = None
    error: str | None = None


@dataclass(slots=True)
class Request:
    """One request as it came in."""

    method: str
    path: str
    token: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    args: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One reply of a peer."""

    body: str
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


def as_json(data: object, status: int = 200) -> Reply:
    """A reply that holds JSON."""
    kind = (("Content-Type", "application/json"),)
    return Reply(body=json.dumps(data), status=status, headers=kind)


class HttpPeer(ABC):
    """A server on a loopback port, from `with` to the end of it.

    Args:
        port: Where to listen; 0 picks a free port.
    """

    def __init__(self, port: int = 0) -> None:
        self.requests: list[Request] = []
        self.closing = threading.Event()
        self._faults: deque[Fault] = deque()
        self._lock = threading.Lock()
        self._server = _Server(self, port)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def fail(self, fault: Fault, *, times: int = 1) -> None:
        """Let the next requests fail, after the faults already ordered."""
        self._faults.extend([fault] * times)

    def next_fault(self) -> Fault:
        with self._lock:
            return self._faults.popleft() if self._faults else Fault()

    def answer(self, request: Request) -> Reply:
        """Answer one request as the real service would."""
        with self._lock:
            self.requests.append(request)
            return self.reply(request)

    @abstractmethod
    def reply(self, request: Request) -> Reply:
        """What the real service would say."""

    def aside(self, request: Request) -> Reply | None:  # noqa: ARG002
        """What is asked of the peer itself, beside the service's own paths."""
        return None

    def refusal(self, code: str) -> Reply:
        """How the service says an error's code."""
        return as_json({"error": code}, 400)


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # closing joins every request's thread: nothing outlives a test

    def __init__(self, peer: HttpPeer, port: int) -> None:
        self.peer = peer
        self.open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def hang_up(self) -> None:
        """End what still waits for a client: one that says nothing must not hold a test up."""
        for connection in tuple(self.open):
            _end(connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing about clients that hang up: tests let them."""


def _end(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.open.add(self.connection)
        if self.server.peer.closing.is_set():  # too late for `hang_up` to know of it
            _end(self.connection)

    def finish(self) -> None:
        self.server.open.discard(self.connection)
        super().finish()

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        peer, request = self.server.peer, self._request()
        aside = peer.aside(request)
        if aside is not None:
            return self._send(aside)
        fault = peer.next_fault()
        if fault.hang:
            peer.closing.wait(_HANG_AT_MOST)
        if fault.hang or fault.reset == "before":
            return self._reset()
        reply = _faulty(fault, peer) or peer.answer(request)
        return self._reset() if fault.reset == "after" else self._send(reply)

    def _request(self) -> Request:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        request = Request(method=self.command, path=url.path, token=token, body=body)
        request.headers = dict(self.headers.items())
        request.args = dict(parse_qsl(url.query)) | self._args(body)
        return request

    def _args(self, body: bytes) -> Json:
        if "json" not in self.headers.get("Content-Type", ""):
            return dict(parse_qsl(body.decode(errors="replace")))
        with contextlib.suppress(ValueError):
            parsed = json.loads(body)
            return parsed if isinstance(parsed, dict) else {}
        return {}

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in (*reply.headers, ("Content-Length", str(len(reply.body.encode())))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body.encode())

    def _reset(self) -> None:
        # A linger of 0 makes close() send RST; all three hold the socket open.
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        for part in (self.rfile, self.wfile, self.connection):
            part.close()

    def log_message(self, *_: object) -> None:
        """Keep standard error for errors."""


def _faulty(fault: Fault, peer: HttpPeer) -> Reply | None:
    if fault.error is not None:
        return peer.refusal(fault.error)
    if fault.status is None and fault.body is None:
        return None
    given = (("Retry-After", fault.retry_after), ("Location", fault.location))
    headers = tuple((name, value) for name, value in given if value is not None)
    return Reply(status=fault.status or 200, body=fault.body or "", headers=headers)
