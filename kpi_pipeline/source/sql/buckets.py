"""From what the clock showed to buckets: which minute or local day a group of rows belongs to."""

from bisect import bisect_left, bisect_right
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kpi_pipeline.compute.calendar import days_in
from kpi_pipeline.model.moment import LATEST, MINUTE, Interval, floor_minute, union
from kpi_pipeline.source.sql.clock import DAY, WallClock, joined
from kpi_pipeline.source.sql.event_time import MINUTES

HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)
DAYS, HOURS = 10, 13
"""Characters of `2026-11-24` and of `2026-11-24 07`: coarser groups than minutes."""


class Buckets:
    """The buckets of some intervals, and the groups that the database makes for them.

    Attributes:
        intervals: What to read: nothing before the declared start.
        length: Characters of the event time to group by: as few as keep the buckets apart.
    """

    def __init__(
        self, clock: WallClock, wanted: tuple[Interval, ...], start: datetime, zone: ZoneInfo | None
    ) -> None:
        """Minutes of the wanted intervals, or local days if there is a zone."""
        self.clock = clock
        self.start = floor_minute(start)
        self.whole = zone is not None
        self.spans = list(union(wanted)) if zone is None else days_in(wanted, zone)
        self.starts = [span.start for span in self.spans]
        clipped = (span.clip(start, LATEST) for span in union(self.spans))
        self.intervals = tuple(span for span in clipped if span is not None)
        self.length = self._coarsest() if self.whole else MINUTES
        self._known: dict[str, datetime | None] = {}

    def bucket(self, shown: str) -> datetime | None:
        """The bucket of a group, by its first characters; None for a neighbour's rows."""
        if shown not in self._known:
            self._known[shown] = self._of(self.clock.read(shown))
        return self._known[shown]

    def _of(self, moment: datetime) -> datetime | None:
        minute = floor_minute(moment)
        k = bisect_right(self.starts, minute) - 1
        if k < 0 or minute >= self.spans[k].end or minute < self.start:
            return None
        return self.starts[k] if self.whole else minute

    def _coarsest(self) -> int:
        """What the most divided of the days that the database may see rows of needs."""
        edges = sorted({self.start, *self.starts, *(span.end for span in self.spans)})
        length = DAYS
        for low, high in joined(self.clock.shown(interval) for interval in self.intervals):
            day = low.replace(hour=0, minute=0, second=0, microsecond=0)
            while day < high and length < MINUTES:
                length = max(length, self._needed(day, edges))
                day += DAY
        return length

    def _needed(self, day: datetime, edges: list[datetime]) -> int:
        first, last = self.clock.moment(day), self.clock.moment(day + DAY - MINUTE)
        if last - first != DAY - MINUTE:
            return self._needed_as_clocks_move(day)
        inside = edges[bisect_right(edges, first) : bisect_left(edges, first + DAY)]
        if not inside:
            return DAYS
        return HOURS if all((edge - first) % HOUR == timedelta() for edge in inside) else MINUTES

    def _needed_as_clocks_move(self, day: datetime) -> int:
        """Quarter by quarter: on those, days end and clocks are moved; else minutes it must be."""
        hours: dict[int, set[datetime | None]] = {}
        for k in range(DAY // QUARTER):
            first = self.clock.moment(day + k * QUARTER)
            last = self.clock.moment(day + (k + 1) * QUARTER - MINUTE)
            if last - first != QUARTER - MINUTE or self._of(first) != self._of(last):
                return MINUTES
            hours.setdefault(k * QUARTER // HOUR, set()).add(self._of(first))
        if any(len(owners) > 1 for owners in hours.values()):
            return MINUTES
        return DAYS if len(set.union(*hours.values())) == 1 else HOURS
