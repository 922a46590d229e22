"""Running sums over one series: what any interval of it holds, by one subtraction.

Counts and exact sums can be taken away again, which a least value or a set cannot; see `sliding`.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import accumulate

from kpi_pipeline.compute.partial import Partial
from kpi_pipeline.compute.sliding import Bucket
from kpi_pipeline.compute.statistic.total import EXACT

NOTHING = Decimal(0)


class Running:
    """Rows, values and sums of everything before each bucket, and before the end.

    Args:
        buckets: Of the series, in the order of time; least, greatest and sketches are left out.
    """

    def __init__(self, buckets: Sequence[Bucket]) -> None:
        parts = [bucket.partial for bucket in buckets]
        totals = (part.total or NOTHING for part in parts)
        self.starts = [bucket.start for bucket in buckets]
        self.rows = list(accumulate((part.rows for part in parts), initial=0))
        self.n = list(accumulate((part.n for part in parts), initial=0))
        self.totals = list(accumulate(totals, EXACT.add, initial=NOTHING))

    @property
    def is_finite(self) -> bool:
        """Whether sums can be taken away: a NaN stays in all that come after it."""
        return self.totals[-1].is_finite()

    def between(self, start: datetime | None, end: datetime) -> Partial | None:
        """What lies from start up to end; None where that is nothing."""
        low = 0 if start is None else bisect_left(self.starts, start)
        high = bisect_left(self.starts, end)
        if low >= high:
            return None
        n = self.n[high] - self.n[low]
        total = EXACT.subtract(self.totals[high], self.totals[low]) if n else None
        return Partial(rows=self.rows[high] - self.rows[low], n=n, total=total)
