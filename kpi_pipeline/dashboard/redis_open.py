"""Opens the way to Redis, whose client is an extra."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Protocol

from prometheus_client import Metric

from kpi_pipeline.dashboard.hub import Hub
from kpi_pipeline.dashboard.message import Mailbox
from kpi_pipeline.model.errors import KpiError


class Publisher(Protocol):
    """Hands on what a hub says, and tells Prometheus how that goes."""

    def collect(self) -> Iterator[Metric]:
        """What `/metrics` tells of it."""
        ...

    async def run(self, box: Mailbox) -> None:
        """Hand on what comes, until the hub closes."""
        ...


def open_redis(url: str) -> Publisher:
    """A publisher that has not connected yet.

    Raises:
        KpiError: The client is not installed, or cannot read the address; never shows it.
    """
    try:
        from kpi_pipeline.dashboard.redis_publisher import RedisPublisher  # noqa: PLC0415
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "redis":
            raise
        raise KpiError("KPI_REDIS_URL needs the package redis: pip install redis") from None
    try:
        return RedisPublisher(url)
    except ValueError:
        raise KpiError(
            "KPI_REDIS_URL cannot be read; it is like rediss://user:password@host:6379/0, with "
            "special characters of the password percent-encoded"
        ) from None


@asynccontextmanager
async def publishing(publisher: Publisher | None, hub: Hub) -> AsyncIterator[None]:
    """Have all that a hub says handed on meanwhile, if there is anybody to do it."""
    if publisher is None:
        yield
        return
    task = asyncio.create_task(publisher.run(hub.subscribe(list(hub.feeds))))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
