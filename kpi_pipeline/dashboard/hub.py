"""The hub: reads each pipeline when the bell rings, and hands what is new to whoever listens."""

import asyncio
import logging
import threading
from collections.abc import Collection, Mapping, Sequence

from kpi_pipeline.dashboard.crew import Crew
from kpi_pipeline.dashboard.feed import HEARTBEAT_SECONDS, Feed
from kpi_pipeline.dashboard.message import Mailbox, Message
from kpi_pipeline.model.errors import KpiError, StateError
from kpi_pipeline.ports.board import Bell, Board

DEADLINE_SECONDS = 10.0
PATIENCE_SECONDS = 1.0
SHORTEST_REST, LONGEST_REST = 0.25, 10.0
MOST_STREAMS = 1000
log = logging.getLogger(__name__)


class TooManyListenersError(KpiError):
    """No more streams are given; one may end soon."""


class Hub:
    """Feeds by pipeline, a thread that listens to the bell, and a mailbox a listener.

    Level-triggered: a ring says that there is something to read, never what. A lost ring is made
    up for by the next heartbeat. To be used on the event loop that started it.

    Attributes:
        most: How many may listen at once.
    """

    def __init__(
        self,
        boards: Sequence[Board],
        bell: Bell,
        *,
        most: int = MOST_STREAMS,
        heartbeat: float = HEARTBEAT_SECONDS,
        deadline: float = DEADLINE_SECONDS,
    ) -> None:
        # A reading that hangs keeps its thread, and the next one must still find one.
        crew = Crew(2 * len(boards), deadline)
        found = (Feed(board, crew, self._tell, heartbeat) for board in boards)
        self.feeds: Mapping[str, Feed] = {feed.name: feed for feed in found}
        self.bell = bell
        self.most = most
        self._boxes: dict[Mailbox, frozenset[str]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = threading.Event()

    async def start(self) -> None:
        """Begin to read and to listen."""
        self._tasks = [asyncio.create_task(feed.run()) for feed in self.feeds.values()]
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._listen, args=(loop,), name="bell", daemon=True).start()

    def close(self) -> None:
        """End every stream, and take no new listener."""
        self.most = 0
        for box in self._boxes:
            box.close()

    async def stop(self) -> None:
        """End everything; waits for no thread."""
        self.close()
        self._stopping.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._boxes)

    def warn(self, faults: Mapping[str, str]) -> None:
        """Have the status say what is wrong beside the numbers, by pipeline; from any thread."""
        for name, feed in self.feeds.items():
            feed.warning = faults.get(name, "")

    def ring(self, names: Collection[str]) -> None:
        """Have these pipelines read now."""
        for name in names:
            if name in self.feeds:
                self.feeds[name].rung.set()

    def subscribe(self, names: Collection[str], seen: str | None = None) -> Mailbox:
        """What is known now, then what is new, until the hub closes; leave it by `with`.

        Args:
            names: The pipelines.
            seen: Id of the snapshot that the listener has; that one is not sent again.

        Raises:
            TooManyListenersError: No more streams are given.
        """
        if len(self._boxes) >= self.most:
            raise TooManyListenersError("too many streams are open; try again later")
        box = Mailbox(self._leave)
        for name in names:
            for message in self.feeds[name].newest(seen):
                box.put(message)
        self._boxes[box] = frozenset(names)
        return box

    def _leave(self, box: Mailbox) -> None:
        self._boxes.pop(box, None)

    def _tell(self, message: Message) -> None:
        for box, names in self._boxes.items():
            if message.pipeline in names:
                box.put(message)

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        rest = SHORTEST_REST
        while not self._stopping.is_set():
            try:
                for place, names in enumerate(self.bell.rings(PATIENCE_SECONDS)):
                    rest = SHORTEST_REST
                    self._ring_from_thread(loop, names if place else frozenset(self.feeds))
                    if self._stopping.is_set():
                        return
            except StateError as error:
                log.info("the bell is lost: %s", error)
            except Exception:
                log.exception("the bell fails")
            self._ring_from_thread(loop, frozenset(self.feeds))  # the pages shall know at once
            self._stopping.wait(rest)
            rest = min(2 * rest, LONGEST_REST)

    def _ring_from_thread(self, loop: asyncio.AbstractEventLoop, names: frozenset[str]) -> None:
        if names and not self._stopping.is_set() and not loop.is_closed():
            loop.call_soon_threadsafe(self.ring, names)
