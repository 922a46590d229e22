"""Moments and half-open intervals of event time; always aware, always UTC inside."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from kpi_pipeline.model.errors import CursorError

MINUTE = timedelta(minutes=1)
GAPS = (timedelta(hours=1), timedelta(days=1), timedelta(days=31), timedelta.max)
EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
LATEST = datetime(9999, 12, 30, tzinfo=UTC)
PLAIN = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}(:[0-9]{2}){0,2})?)?"
)
"""ISO 8601 has more forms, such as 20261124 and 2026-W48; a typing error looks like one of them."""


def utc(moment: datetime) -> datetime:
    """The same moment in UTC.

    Raises:
        ValueError: The moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone; give one, such as ...+00:00")
    return moment.astimezone(UTC)


def floor_minute(moment: datetime) -> datetime:
    """The start of the minute that holds the moment, in UTC."""
    return utc(moment).replace(second=0, microsecond=0)


def parse_moment(text: str, zone: tzinfo = UTC) -> datetime:
    """Read a timestamp in ISO 8601's plain form; a date alone is its midnight.

    Args:
        text: What a person or a machine wrote.
        zone: What a text without a time zone of its own means.

    Raises:
        CursorError: The text is not a timestamp; the message shows the format.

    >>> parse_moment("2026-11-24T07:00:00+01:00").isoformat()
    '2026-11-24T06:00:00+00:00'
    """
    try:
        if not PLAIN.fullmatch(text.strip()):
            raise ValueError(text)  # noqa: TRY301 - told below, like what only looks plain
        moment = datetime.fromisoformat(text.strip())
        return utc(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        shown = text if len(text) <= 60 else f"{text[:60]}..."  # noqa: PLR2004 - what fits a line
        raise CursorError(
            f"{shown!r} is not a timestamp; write it like 2026-11-24T07:00:00+00:00"
        ) from None


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Event times from `start` up to but not including `end`."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", utc(self.start))
        object.__setattr__(self, "end", utc(self.end))
        if self.start >= self.end:
            raise ValueError(f"interval {self.start} .. {self.end} is empty")

    @property
    def minutes(self) -> int:
        """Length in whole minutes."""
        return int((self.end - self.start) / MINUTE)

    def clip(self, start: datetime, end: datetime) -> "Interval | None":
        """The part inside `start .. end`, or None."""
        low, high = max(self.start, start), min(self.end, end)
        return Interval(low, high) if low < high else None

    def overlaps(self, start: datetime | None, end: datetime) -> bool:
        """Whether any moment of `start .. end` lies inside; no start means from ever."""
        return self.start < end and (start is None or start < self.end)


def minute_interval(bucket: datetime) -> Interval:
    """The interval of one minute bucket."""
    return Interval(bucket, bucket + MINUTE)


def union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same moments as sorted, disjoint, non-touching intervals."""
    merged: list[Interval] = []
    for item in sorted(intervals):
        if merged and item.start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, item.end))
        else:
            merged.append(item)
    return tuple(merged)


def coalesced(intervals: Iterable[Interval], most: int) -> tuple[Interval, ...]:
    """At most so many intervals that together hold all of these, and what lies between near ones.

    Gaps are closed from the smallest kind up: an hour, a day, a month, any.
    """
    found = union(intervals)
    for gap in GAPS:
        if len(found) <= most:
            break
        found = _closing(found, gap)
    return found


def _closing(intervals: tuple[Interval, ...], gap: timedelta) -> tuple[Interval, ...]:
    merged: list[Interval] = []
    for item in intervals:
        if merged and item.start - merged[-1].end <= gap:
            merged[-1] = Interval(merged[-1].start, item.end)
        else:
            merged.append(item)
    return tuple(merged)


def subtract(intervals: Iterable[Interval], removed: Iterable[Interval]) -> tuple[Interval, ...]:
    """The moments of `intervals` that are in none of `removed`."""
    left = list(union(intervals))
    for hole in union(removed):
        left = [part for item in left for part in _around(item, hole)]
    return tuple(left)


def _around(item: Interval, hole: Interval) -> list[Interval]:
    return [
        part
        for part in (item.clip(item.start, hole.start), item.clip(hole.end, item.end))
        if part is not None
    ]


def total_minutes(intervals: Iterable[Interval]) -> int:
    """How many minute buckets the intervals hold together."""
    return sum(item.minutes for item in union(intervals))
