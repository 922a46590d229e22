"""Answers that stay true as long as the snapshot does, worked out once for all who ask."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable

MOST = 128


class Memo:
    """After a commit every open page asks for the same charts at the same moment."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._kept: OrderedDict[Hashable, asyncio.Future[bytes]] = OrderedDict()

    async def get(self, key: Hashable, make: Callable[[], Awaitable[bytes]]) -> bytes:
        """What was made for the key, or is being made; an error is told and not kept.

        Args:
            key: Holds the id of the snapshot that the answer goes with.
            make: Works it out.
        """
        task = self._kept.get(key)
        if task is None:
            task = self._kept[key] = asyncio.ensure_future(make())
            task.add_done_callback(lambda done: self._forget(key, done))
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return await asyncio.shield(task)

    def _forget(self, key: Hashable, done: "asyncio.Future[bytes]") -> None:
        failed = done.cancelled() or done.exception() is not None
        if failed and self._kept.get(key) is done:
            del self._kept[key]
