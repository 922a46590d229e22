"""Server-sent events and WebSockets over the hub's messages."""

import asyncio
import json
from collections.abc import Awaitable, Mapping
from functools import lru_cache

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from kpi_pipeline.dashboard.message import Mailbox, Message
from kpi_pipeline.dashboard.plain import encoded

STUCK_SECONDS = 60.0
"""How long a client may take none of what it is sent."""
RETRY_MILLISECONDS = 1000
HEADERS: Mapping[str, str] = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",  # nginx would hold the events back
}


class EventStream(Response):
    """Server-sent events without end: until the hub closes, or the client goes."""

    def __init__(self, box: Mailbox, *, may_act: bool) -> None:
        super().__init__()
        self.box = box
        self.may_act = may_act

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until either side ends."""
        del scope
        headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
        with self.box:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await _first_of(self._send(send), _gone(receive))

    async def _send(self, send: Send) -> None:
        first = f"retry: {RETRY_MILLISECONDS}\n\n".encode()
        await send({"type": "http.response.body", "body": first, "more_body": True})
        async for message in self.box:
            body = event_bytes(message, may_act=self.may_act)
            async with asyncio.timeout(STUCK_SECONDS):
                await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def talk(socket: WebSocket, box: Mailbox, *, may_act: bool) -> None:
    """The same messages over a WebSocket; what the client says is not listened to."""
    with box:
        await socket.accept()
        await _first_of(_say(socket, box, may_act=may_act), _heard(socket))


async def _say(socket: WebSocket, box: Mailbox, *, may_act: bool) -> None:
    async for message in box:
        data = f'{{"event":"{message.event}","id":{json.dumps(message.id)},"data":'
        text = f"{data}{for_whom(message, may_act=may_act).decode()}}}"
        async with asyncio.timeout(STUCK_SECONDS):
            await socket.send_text(text)
    await socket.close(1001)


@lru_cache(maxsize=32)
def event_bytes(message: Message, *, may_act: bool) -> bytes:
    """One server-sent event, made once for all; JSON without line breaks is one line of data."""
    id_ = "" if message.id is None else f"id: {message.id}\n"
    head = f"event: {message.event}\n{id_}data: ".encode()
    return head + for_whom(message, may_act=may_act) + b"\n\n"


def for_whom(message: Message, *, may_act: bool) -> bytes:
    """The data for one client: only the status differs, in whether it may act."""
    if message.event != "status" or not may_act:
        return message.data
    return encoded({**json.loads(message.data), "may_act": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _heard(socket: WebSocket) -> None:
    while True:
        await socket.receive()


async def _first_of(*works: Awaitable[None]) -> None:
    """Run both until one ends; a client that is gone, or stuck, is no error."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    quiet = (asyncio.CancelledError, TimeoutError, WebSocketDisconnect, RuntimeError, OSError)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, quiet):
            raise result
