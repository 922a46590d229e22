"""Listeners to a dashboard's stream: as many as one process holds, each as thin as can be."""

import asyncio
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field

REQUEST = b"GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"
SNAPSHOT = re.compile(rb"event: snapshot\nid: (\d+)\.")
LONGEST_EVENT = 2**23


@dataclass(slots=True)
class Listener:
    """One client.

    Attributes:
        connected: Seconds until the first event; None if none came.
        heard: When it had each snapshot, by revision, on the clock of this machine.
        read: Bytes that it was sent.
        dropped: Whether the stream ended although nobody had asked for that.
        settled: Set once it has heard something, or cannot.
    """

    connected: float | None = None
    heard: dict[int, float] = field(default_factory=dict)
    read: int = 0
    dropped: bool = False
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self, port: int) -> None:
        """Until cancelled, or until the stream ends."""
        began = time.monotonic()
        writer: asyncio.StreamWriter | None = None
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=LONGEST_EVENT)
            writer.write(REQUEST)
            while True:
                event = await reader.readuntil(b"\n\n")
                now = time.monotonic()
                self.read += len(event)
                self.connected = self.connected or now - began
                self.settled.set()
                if found := SNAPSHOT.search(event):
                    self.heard.setdefault(int(found[1]), now)
        except (OSError, asyncio.IncompleteReadError):
            self.dropped = True
        finally:
            self.settled.set()
            if writer is not None:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()
