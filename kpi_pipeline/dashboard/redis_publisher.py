"""Keeps Redis as new as the hub, and lets it be away for as long as it likes."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import suppress
from typing import cast

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from kpi_pipeline.dashboard.envelope import NOTHING
from kpi_pipeline.dashboard.message import Mailbox, Message
from kpi_pipeline.dashboard.redis_write import SCRIPT, Script, write
from kpi_pipeline.dashboard.seldom import Seldom

PATIENCE_SECONDS = 5.0
SHORTEST_REST, LONGEST_REST = 0.5, 15.0
log = logging.getLogger(__name__)


class RedisPublisher(Collector):
    """Writes the newest snapshot of every pipeline, and again whenever its status is told.

    So a Redis that lost everything has it again within a heartbeat; what is there already changes
    nothing, and is not told twice. What this one writes first takes the place of what another
    declaration said under the same id.

    Args:
        url: `redis://`, `rediss://` or `unix://`; its login is never shown.

    Attributes:
        up: Whether Redis took the last one; None before the first attempt.
    """

    def __init__(self, url: str) -> None:
        self.up: bool | None = None
        self._client = Redis.from_url(
            url,
            socket_connect_timeout=PATIENCE_SECONDS,
            socket_timeout=PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._script = cast("Script", self._client.register_script(SCRIPT))
        self._newest: dict[str, Message] = {}
        self._begun: set[str] = set()
        self._seldom = Seldom()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """`kpi_redis_up`, once there was an attempt."""
        if self.up is not None:
            text = "Whether Redis took the last snapshot that it was given"
            yield GaugeMetricFamily("kpi_redis_up", text, value=int(self.up))

    async def run(self, box: Mailbox) -> None:
        """Write what a hub says, until it closes, or this is cancelled."""
        try:
            with box:
                async for message in box:
                    if message.event == "snapshot" and message.id != NOTHING:
                        self._newest[message.pipeline] = message
                    await self._settle(message.pipeline)
        finally:
            with suppress(RedisError, OSError):
                await self._client.aclose()

    async def _settle(self, pipeline: str) -> None:
        """Write a pipeline's newest snapshot, however long Redis is away."""
        rest = SHORTEST_REST
        while pipeline in self._newest and not await self._taken(self._newest[pipeline]):
            await asyncio.sleep(rest)
            rest = min(2 * rest, LONGEST_REST)

    async def _taken(self, message: Message) -> bool:
        try:
            first = message.pipeline not in self._begun
            newer = await write(self._script, message, first=first)
        except Exception as error:  # noqa: BLE001 - whatever it is, the dashboard goes on
            self.up = False
            self._say(f"Redis takes no snapshot ({type(error).__name__}); see KPI_REDIS_URL")
            return False
        self.up = True
        if newer is None:
            self._begun.add(message.pipeline)
        else:
            self._say(f"Redis has {newer} of {message.pipeline}, which is newer than {message.id}")
        return True

    def _say(self, line: str) -> None:
        if self._seldom.is_due():
            log.warning(line)
