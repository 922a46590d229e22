"""What is known of one pipeline: read when something was committed, and every now and then."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from kpi_pipeline.dashboard.away import away
from kpi_pipeline.dashboard.crew import Crew
from kpi_pipeline.dashboard.message import Message
from kpi_pipeline.dashboard.plain import encoded
from kpi_pipeline.dashboard.seldom import Seldom
from kpi_pipeline.dashboard.shown import Shown, render
from kpi_pipeline.dashboard.status import Sight, status_body
from kpi_pipeline.model.errors import KpiError
from kpi_pipeline.ports.board import Board

HEARTBEAT_SECONDS = 15.0
INTERNAL = "the dashboard met an unexpected error; its log says more"
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Feed:
    """Keeps the last good reading of a board, and tells what is new.

    Attributes:
        tell: Takes each message; called on the event loop.
        first: Id of the first snapshot that was read; who has it may have it of a server that ran
            before, with another declaration.
        warning: What is wrong beside the numbers, such as a declaration that cannot be read.
        noted: When the log may say again what the fault is.
        ready: Set once the first attempt to read is over, well or not.
    """

    board: Board
    crew: Crew
    tell: Callable[[Message], None]
    heartbeat: float = HEARTBEAT_SECONDS
    shown: Shown | None = None
    first: str | None = None
    fault: str | None = None
    warning: str = ""
    noted: Seldom = field(default_factory=Seldom)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    rung: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def name(self) -> str:
        """The pipeline's."""
        return self.board.spec.name

    @property
    def sight(self) -> Sight:
        """What is known now."""
        if self.shown is None:
            return Sight(None, self.fault, warning=self.warning)
        elapsed = time.monotonic() - self.shown.read_at
        return Sight(self.shown.live, self.fault, timedelta(seconds=elapsed), self.warning)

    async def run(self) -> None:
        """Read again whenever it is rung, or a heartbeat is due, until cancelled."""
        while True:
            self.rung.clear()
            try:
                await self.read()
            except Exception:  # one that ends here is never read again, and would look alive
                log.exception("pipeline %s cannot be told of", self.name)
                self.fault = INTERNAL
            with suppress(TimeoutError):
                async with asyncio.timeout(self.heartbeat):
                    await self.rung.wait()

    async def read(self) -> None:
        """Read once; whoever listens is told what is new, and the status in any case."""
        before = self.shown
        try:
            after = await self.crew.run(lambda: render(self.board, before))
        except KpiError as error:
            self._note(str(error))
            self.fault = away(error)
        except Exception:
            log.exception("pipeline %s cannot be shown", self.name)
            self.fault = INTERNAL
        else:
            self.shown, self.fault = after, None
            self.first = self.first or after.id
            self._tell_news(before, after)
        self.ready.set()
        self.tell(self.status())

    def _note(self, said: str) -> None:
        """The log alone says where the database is, once a minute: anybody may read the status."""
        if self.noted.is_due():
            log.warning("pipeline %s cannot be read: %s", self.name, said)

    def _tell_news(self, before: Shown | None, after: Shown) -> None:
        if before is None or before.id != after.id:
            self.tell(self.snapshot(after))
        if before is None or _open(before) != _open(after):
            self.tell(self.alerts(after))

    def newest(self, seen: str | None = None) -> list[Message]:
        """What a new listener gets at once; the snapshot unless it surely has that very one."""
        status = [self.status()] if self.ready.is_set() else []
        if self.shown is None:
            return status
        has = seen == self.shown.id != self.first
        return [*([] if has else [self.snapshot(self.shown)]), *status, self.alerts(self.shown)]

    def snapshot(self, shown: Shown) -> Message:
        """The snapshot."""
        return Message(self.name, "snapshot", shown.id, shown.encoded_snapshot)

    def alerts(self, shown: Shown) -> Message:
        """What is open, and what alerts did."""
        return Message(self.name, "alerts", None, encoded(shown.alerts))

    def status(self) -> Message:
        """The status as of now."""
        return Message(self.name, "status", None, encoded(status_body(self.board.spec, self.sight)))


def _open(shown: Shown) -> tuple[object, object]:
    return shown.alerts["open"], shown.alerts["mutes"]
