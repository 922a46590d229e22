"""What a dashboard's streams carry, and a box of it for one listener."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple, Self


class Message(NamedTuple):
    """One event of one pipeline.

    Attributes:
        event: snapshot, status or alerts.
        id: The snapshot's; None of other events.
        data: JSON, as the API gives it.
    """

    pipeline: str
    event: str
    id: str | None
    data: bytes


class Mailbox:
    """What a listener has not taken yet: iterate over it, and leave it by `with` at the end.

    However slow the listener is, it holds no more than the newest message of each kind.
    """

    def __init__(self, leave: Callable[["Mailbox"], object]) -> None:
        self._waiting: dict[tuple[str, str], Message] = {}
        self._filled = asyncio.Event()
        self._closed = False
        self._leave = leave

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._leave(self)

    def put(self, message: Message) -> None:
        """Leave a message; it takes the place of an older one of its kind."""
        self._waiting[message.pipeline, message.event] = message
        self._filled.set()

    def close(self) -> None:
        """Let the listener take what is there, and end."""
        self._closed = True
        self._filled.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Message:
        """The message that waits longest."""
        while not self._waiting:
            if self._closed:
                raise StopAsyncIteration
            self._filled.clear()
            await self._filled.wait()
        return self._waiting.pop(next(iter(self._waiting)))
