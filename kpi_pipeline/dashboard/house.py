"""What the routes share: the feeds, the threads, and who may do what."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

from fastapi import Depends
from starlette.requests import HTTPConnection

from kpi_pipeline.compute.explanation import UnknownNameError
from kpi_pipeline.dashboard.access import Access
from kpi_pipeline.dashboard.crew import Crew
from kpi_pipeline.dashboard.feed import Feed
from kpi_pipeline.dashboard.hub import DEADLINE_SECONDS, Hub
from kpi_pipeline.dashboard.lane import Lane
from kpi_pipeline.dashboard.memo import Memo
from kpi_pipeline.dashboard.shown import Shown
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.errors import RangeError, StateError
from kpi_pipeline.model.moment import parse_moment
from kpi_pipeline.ports.board import Board

T = TypeVar("T")
FIRST_YEAR, LAST_YEAR = 1900, 2200


@dataclass(frozen=True, slots=True)
class House:
    """One dashboard over some pipelines.

    Attributes:
        crew: For what requests ask of a board.
        patient: For what may take long: rows of the source.
        curious: For explanations, which ask the source too: one that hangs holds up no chart.
    """

    hub: Hub
    crew: Crew
    patient: Crew
    curious: Crew
    access: Access
    lane: Lane
    memo: Memo

    @property
    def feeds(self) -> Mapping[str, Feed]:
        """By pipeline."""
        return self.hub.feeds

    def close(self) -> None:
        """End the streams, and whoever waits for an answer."""
        self.hub.close()
        self.lane.close()
        for crew in (self.crew, self.patient, self.curious):
            crew.close()

    def feed(self, name: str | None) -> Feed:
        """Of a pipeline; of the first one without a name.

        Raises:
            UnknownNameError: There is none; names the nearest.
        """
        if not self.feeds:
            raise UnknownNameError("no pipeline is declared")
        if name is None:
            return next(iter(self.feeds.values()))
        if name not in self.feeds:
            raise UnknownNameError(f"unknown pipeline {name!r}{did_you_mean(name, self.feeds)}")
        return self.feeds[name]

    async def shown(self, feed: Feed) -> Shown:
        """The last good reading.

        Raises:
            StateError: There was none yet.
        """
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await feed.ready.wait()
        except TimeoutError:
            raise StateError("the state database was not read yet; try again") from None
        if feed.shown is None:
            raise StateError(feed.fault or "nothing was read yet; try again")
        return feed.shown

    async def ask(self, feed: Feed, question: Callable[[Board], T]) -> T:
        """What a board answers, from a thread of its own.

        Raises:
            StateError: It does not answer in time, or says so.
        """
        return await self.crew.run(lambda: question(feed.board))


def house_of(connection: HTTPConnection) -> House:
    """The house that a request came to."""
    house: House = connection.app.state.house
    return house


Here = Annotated[House, Depends(house_of)]


async def now_of(house: House, feed: Feed) -> datetime:
    """The state database's clock, nearly."""
    shown = await house.shown(feed)
    return shown.live.now + feed.sight.elapsed


def moment_asked(text: str, zone: ZoneInfo) -> datetime:
    """A moment of a request; without a zone it is business time.

    Raises:
        CursorError: It is none.
        RangeError: It is beyond what calendars are good for.
    """
    found = parse_moment(text, zone)
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise RangeError(f"{text} is not between the years {FIRST_YEAR} and {LAST_YEAR}")
    return found


def known_metric(feed: Feed, metric: str) -> None:
    """Raise `UnknownNameError` where there is no such metric."""
    known = feed.board.spec.metrics
    if metric not in known:
        raise UnknownNameError(f"unknown metric {metric!r}{did_you_mean(metric, known)}")
