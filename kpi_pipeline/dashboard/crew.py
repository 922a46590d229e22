"""Runs what blocks in threads: so many at once, and nobody waits for one for ever."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from kpi_pipeline.model.errors import StateError

T = TypeVar("T")


class Crew:
    """Worker threads with a limit and a deadline.

    A thread that hangs keeps its seat until it ends, so that hanging calls cannot pile up. The
    threads are daemons: one that hangs does not hold the process back from ending.
    """

    def __init__(self, seats: int, seconds: float) -> None:
        self.seats = asyncio.Semaphore(seats)
        self.seconds = seconds
        self._patience: set[asyncio.Timeout] = set()

    async def run(self, work: Callable[[], T]) -> T:
        """What the work returns or raises.

        Raises:
            StateError: It took longer than the deadline, waiting for a seat included.
        """
        patience = asyncio.timeout(self.seconds)
        try:
            async with patience:
                self._patience.add(patience)
                await self.seats.acquire()
                return await self._start(work)
        except TimeoutError:
            why = f"no answer within {self.seconds:g} s" if self.seconds else "the dashboard ends"
            raise StateError(f"{why}; try again") from None
        finally:
            self._patience.discard(patience)

    def close(self) -> None:
        """Tell everybody who waits that there will be no answer: the dashboard ends."""
        self.seconds = 0
        for patience in self._patience:
            patience.reschedule(0)

    def _start(self, work: Callable[[], T]) -> "asyncio.Future[T]":
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def done(result: T | None, error: BaseException | None) -> None:
            self.seats.release()
            if future.done():
                return  # nobody waits any more
            if error is None:
                future.set_result(result)  # type: ignore[arg-type]  # what the work returned
            else:
                future.set_exception(error)

        def body() -> None:
            result, error = None, None
            try:
                result = work()
            except Exception as raised:  # noqa: BLE001 - raised again where it is awaited
                error = raised
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(done, result, error)

        threading.Thread(target=body, name="board", daemon=True).start()
        return future
