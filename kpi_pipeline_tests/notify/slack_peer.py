"""A small honest Slack over loopback HTTP, which can also fail on request.

In a test: `with SlackPeer() as peer: ...`. By itself: `python slack_peer.py --port 9999` prints
its addresses, then each accepted message as a line of JSON. Beside Slack's own paths:
GET /messages returns what was accepted, POST /faults ({"times": 2, "status": 500}) orders faults.
"""

import argparse
import contextlib
import json
import socket
import struct
import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, urlsplit

Json = dict[str, Any]
API, WEBHOOK = "/api/", "/services/T/B/X"
TOKEN, CHANNEL = "xoxb-peer-token", "C0OPS"
_HANG_AT_MOST = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong with one request, before Slack would accept it unless it says after."""

    status: int | None = None
    retry_after: str | None = None
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
    args: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One reply: Slack's refusals of the Web API come with status 200."""

    body: str
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


def _json(data: object) -> Reply:
    return Reply(body=json.dumps(data), headers=(("Content-Type", "application/json"),))


def _error(code: str) -> Reply:
    return _json({"ok": False, "error": code})


class SlackPeer:
    """A Slack with one workspace, its channels, and the messages that it accepted.

    Args:
        port: Where to listen; 0 picks a free port.
        token: The only bot token that it knows.
        channels: The state of each channel by ID; an error code such as `is_archived`, or "".
        on_message: Called with each accepted message.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        token: str = TOKEN,
        channels: dict[str, str] | None = None,
        on_message: Callable[[Json], None] = lambda _: None,
    ) -> None:
        self.token = token
        self.channels = {CHANNEL: "", "C0OLD": "is_archived", "C0OUT": "not_in_channel"}
        self.channels |= channels or {}
        self.messages: list[Json] = []
        self.requests: list[Request] = []
        self._on_message = on_message
        self._faults: deque[Fault] = deque()
        self._lock = threading.Lock()
        self.closing = threading.Event()
        self._server = _Server(self, port)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def api_url(self) -> str:
        return self.url + API

    @property
    def webhook_url(self) -> str:
        return self.url + WEBHOOK

    def fail(self, fault: Fault, *, times: int = 1) -> None:
        """Let the next requests to Slack's own paths fail, after the faults already ordered."""
        self._faults.extend([fault] * times)

    def next_fault(self) -> Fault:
        with self._lock:
            return self._faults.popleft() if self._faults else Fault()

    def answer(self, request: Request) -> Reply:
        """Answer one request as Slack would."""
        with self._lock:
            self.requests.append(request)
            match request.path:
                case "/api/chat.postMessage":
                    return self._authorized(request, self._post_message)
                case "/api/conversations.history":
                    return self._authorized(request, self._history)
                case str(path) if path.startswith("/services/"):
                    return self._webhook(request)
                case _:
                    return _error("unknown_method")

    def _authorized(self, request: Request, method: Callable[[Json], Reply]) -> Reply:
        token = request.token or request.args.get("token", "")
        if token != self.token:
            return _error("invalid_auth" if token else "not_authed")
        channel = self.channels.get(request.args.get("channel", ""), "channel_not_found")
        return _error(channel) if channel else method(request.args)

    def _post_message(self, args: Json) -> Reply:
        problem = message_problem(args)
        if problem:
            return _error(problem)
        message = self._accept(args["channel"], args)
        return _json({"ok": True, "channel": args["channel"], "ts": message["ts"]})

    def _webhook(self, request: Request) -> Reply:
        if request.path != WEBHOOK:
            return Reply(status=404, body="no_service")
        problem = message_problem(request.args) if request.args else "invalid_payload"
        if problem:
            return Reply(status=400, body=problem)
        self._accept("", request.args)
        return Reply(body="ok")

    def _accept(self, channel: str, args: Json) -> Json:
        number = len(self.messages) + 1
        message: Json = {"ts": f"{1_700_000_000 + number}.{number:06d}", "channel": channel}
        message |= {name: args[name] for name in ("text", "blocks", "metadata") if name in args}
        self.messages.append(message)
        self._on_message(message)
        return message

    def _history(self, args: Json) -> Reply:
        shown = [m for m in reversed(self.messages) if m["channel"] == args["channel"]]
        hidden = {"channel"} if args.get("include_all_metadata") == "1" else {"channel", "metadata"}
        start, limit = int(args.get("cursor") or 0), min(int(args.get("limit") or 100), 999)
        page = [
            {"type": "message"} | {name: m[name] for name in m if name not in hidden}
            for m in shown[start : start + limit]
        ]
        more = start + limit < len(shown)
        reply: Json = {"ok": True, "messages": page, "has_more": more}
        if more:
            reply["response_metadata"] = {"next_cursor": str(start + limit)}
        return _json(reply)


def message_problem(args: Json) -> str:
    """Return Slack's error code for a message that breaks its limits, '' if none does."""
    text, blocks, metadata = args.get("text", ""), args.get("blocks", []), args.get("metadata")
    if not text and not blocks:
        return "no_text"
    if len(text) > 40_000:
        return "msg_too_long"
    if len(blocks) > 50 or not all(_block_is_valid(block) for block in blocks):
        return "invalid_blocks"
    if metadata is not None and not {"event_type", "event_payload"} <= metadata.keys():
        return "invalid_metadata_format"
    return ""


def _block_is_valid(block: Json) -> bool:
    match block:
        case {"type": "header", "text": {"type": "plain_text", "text": str(text)}}:
            return 0 < len(text) <= 150
        case {"type": "section", "fields": list(fields)}:
            return 0 < len(fields) <= 10 and all(_text_is_valid(text, 2000) for text in fields)
        case {"type": "section", "text": dict(text)}:
            return _text_is_valid(text, 3000)
        case {"type": "context", "elements": list(elements)}:
            return 0 < len(elements) <= 10 and all(_text_is_valid(text, 3000) for text in elements)
        case {"type": "divider"}:
            return True
        case _:
            return False


def _text_is_valid(text: Json, limit: int) -> bool:
    known = text.get("type") in {"mrkdwn", "plain_text"}
    return known and 0 < len(text.get("text", "")) <= limit


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # closing joins every request's thread: nothing outlives a test

    def __init__(self, peer: SlackPeer, port: int) -> None:
        self.peer = peer
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing about clients that hang up: tests let them."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        if self.path == "/messages":
            self._send(_json(self.server.peer.messages))
        else:
            self._serve()

    def do_POST(self) -> None:
        if self.path == "/faults":
            order = json.loads(self._body())
            self.server.peer.fail(times=order.pop("times", 1), fault=Fault(**order))
            self._send(_json({"ok": True}))
        else:
            self._serve()

    def _serve(self) -> None:
        peer, request = self.server.peer, self._request()
        fault = peer.next_fault()
        if fault.hang:
            peer.closing.wait(_HANG_AT_MOST)
        if fault.hang or fault.reset == "before":
            return self._reset()
        reply = _faulty(fault) or peer.answer(request)
        return self._reset() if fault.reset == "after" else self._send(reply)

    def _request(self) -> Request:
        url, body = urlsplit(self.path), self._body()
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        request = Request(method=self.command, path=url.path, token=token, body=body)
        request.args = dict(parse_qsl(url.query)) | self._args(body)
        return request

    def _args(self, body: bytes) -> Json:
        if "json" not in self.headers.get("Content-Type", ""):
            return dict(parse_qsl(body.decode()))
        with contextlib.suppress(ValueError):
            parsed = json.loads(body)
            return parsed if isinstance(parsed, dict) else {}
        return {}

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

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


def _faulty(fault: Fault) -> Reply | None:
    if fault.error is not None:
        return _error(fault.error)
    if fault.status is None and fault.body is None:
        return None
    retry = (("Retry-After", fault.retry_after),) if fault.retry_after is not None else ()
    return Reply(status=fault.status or 200, body=fault.body or "", headers=retry)


def main() -> None:
    """Serve until interrupted; print the addresses, then every message that is accepted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--channel", default=CHANNEL)
    options = parser.parse_args()
    with SlackPeer(
        port=options.port,
        token=options.token,
        channels={options.channel: ""},
        on_message=lambda message: _say(json.dumps(message)),
    ) as peer:
        _say(f"api {peer.api_url}\nwebhook {peer.webhook_url}\ntoken {peer.token}")
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
