"""The event time of a row, as a database's dialect reads it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_

from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.model.moment import EARLIEST, LATEST, MINUTE, Interval
from kpi_pipeline.source.sql.clock import WallClock, joined

MINUTES = 16
"""Characters of `2026-11-24 07:00`."""
FIRST = EARLIEST.replace(tzinfo=None)
LAST = LATEST.replace(tzinfo=None)
"""Event times before and after these have no bucket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTime:
    """How to compare and to show the event time; all datetimes here are naive wall times.

    Attributes:
        clock: Of the zone that the column's wall times are in.
        column: What the database compares, and finds the ends of by its index.
        written: SQL for a value of the column as ISO text, a space between day and time.
        within: SQL for "from the first up to but not including the second", using an index.
        until: SQL for "not after".
        beyond: SQL for rows that no bucket can hold, each using an index.
        odd: SQL for a row that cannot be read, and the sentence to say; None if there are none.
    """

    clock: WallClock
    column: ColumnElement[Any]
    written: Callable[[ColumnElement[Any]], ColumnElement[str]]
    within: Callable[[datetime, datetime], ColumnElement[bool]]
    until: Callable[[datetime], ColumnElement[bool]]
    beyond: tuple[ColumnElement[bool], ...]
    odd: tuple[ColumnElement[bool], str] | None = None

    @property
    def text(self) -> ColumnElement[str]:
        """The wall time of a row as ISO text."""
        return self.written(self.column)

    def shown(self, length: int) -> ColumnElement[str]:
        """The first characters of the text: the day, the hour or the minute."""
        return func.substr(self.text, 1, length)

    def inside(self, intervals: tuple[Interval, ...]) -> ColumnElement[bool]:
        """SQL for all rows of some intervals of UTC; it may let in a few of their neighbours."""
        walls = joined(self.clock.shown(interval) for interval in intervals)
        return or_(*(self.within(low, high) for low, high in walls))

    def since(self, moment: datetime) -> ColumnElement[bool]:
        """SQL for all rows from a moment on, and perhaps a few before it."""
        return self.inside((Interval(min(moment, LATEST - MINUTE), LATEST),))

    def oddest(self) -> list[ColumnElement[Any]]:
        """A column that holds a row's event time that cannot be read, if a group has one."""
        if self.odd is None:
            return []
        return [func.max(self.column).filter(self.odd[0]).label("odd")]

    def check(self, row: Any) -> None:  # noqa: ANN401 - a row mapping
        """Refuse a group that holds an event time that cannot be read."""
        if self.odd is not None and row["odd"] is not None:
            raise SourceError(self.odd[1].format(repr(str(row["odd"])[:40])))


def both(*conditions: ColumnElement[bool] | None) -> ColumnElement[bool]:
    """All conditions that are there."""
    return and_(*(condition for condition in conditions if condition is not None))
