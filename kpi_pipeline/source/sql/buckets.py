"""From what the clock showed to buckets: which minute or local day a group of rows belongs to."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kpi_pipeline.compute.calendar import days_in
from kpi_pipeline.model.moment import MINUTE, Interval, floor_minute, union
from kpi_pipeline.source.sql.clock import WallClock, joined
from kpi_pipeline.source.sql.event_time import MINUTES

QUARTER = timedelta(minutes=15)
LENGTHS = (10, 13)
"""Characters of a day and of an hour: coarser groups than minutes, where they will do."""


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
        reach = datetime.max.replace(tzinfo=start.tzinfo)
        clipped = (span.clip(start, reach) for span in union(self.spans))
        self.intervals = tuple(span for span in clipped if span is not None)
        self._known: dict[str, datetime | None] = {}
        self.length = self._coarsest() if self.whole else MINUTES

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
        """Days end, and clocks are moved, on quarters of an hour; else minutes it must be."""
        owners: dict[int, dict[str, set[datetime | None]]] = {length: {} for length in LENGTHS}
        for quarter in self._quarters():
            first = self.clock.moment(quarter)
            last = self.clock.moment(quarter + QUARTER - MINUTE)
            if last - first != QUARTER - MINUTE or self._of(first) != self._of(last):
                return MINUTES
            for length, groups in owners.items():
                key = quarter.isoformat(" ")[:length]
                groups.setdefault(key, set()).add(self._of(first))
        fit = (
            length
            for length, groups in owners.items()
            if all(len(owner) == 1 for owner in groups.values())
        )
        return next(fit, MINUTES)

    def _quarters(self) -> Iterator[datetime]:
        """Every quarter of every day that the database may see rows of."""
        for low, high in joined(self.clock.shown(interval) for interval in self.intervals):
            quarter = low.replace(hour=0, minute=0, second=0, microsecond=0)
            while quarter < high or quarter.time() != datetime.min.time():
                yield quarter
                quarter += QUARTER
