"""A window that slides over buckets: the merged partial of each place, in a merge or two.

Partials cannot be subtracted (a least value, a set), so what leaves on the left is not taken
away. Two stacks do it, as they do for any associative merge: the front holds what each suffix
of the older half makes together, the back all of the newer half; when the front is used up, the
back becomes the front. Each bucket is merged twice at most, however long the window is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kpi_pipeline.compute.partial import ZERO, Partial, merge
from kpi_pipeline.model.moment import EARLIEST


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket of one series."""

    start: datetime
    partial: Partial


class Sliding:
    """The window over one series; buckets are in the order of time.

    Args:
        buckets: Of the series.
    """

    def __init__(self, buckets: Sequence[Bucket]) -> None:
        self.buckets = buckets
        self.start: datetime = EARLIEST
        self.end: datetime = EARLIEST
        self._reset()

    def between(self, start: datetime | None, end: datetime) -> Partial | None:
        """What lies from start up to end; None where that is nothing.

        Cheap where both go forward; where one goes back, it begins anew.
        """
        first = start or EARLIEST
        if end < self.end or first < self.start:
            self._reset()
        self.start, self.end = first, end
        self._take_up_to(end)
        self._drop_before(first)
        if self.low == self.high:
            return None
        if not self.front:
            return self.back
        return merge(self.front[-1], self.back)

    def _reset(self) -> None:
        self.low = self.high = 0
        self.front: list[Partial] = []
        self.back = ZERO
        self.start = self.end = EARLIEST

    def _take_up_to(self, end: datetime) -> None:
        while self.high < len(self.buckets) and self.buckets[self.high].start < end:
            self.back = merge(self.back, self.buckets[self.high].partial)
            self.high += 1

    def _drop_before(self, start: datetime) -> None:
        if self.low < self.high and self.buckets[self.high - 1].start < start:
            self.low, self.front, self.back = self.high, [], ZERO
        while self.low < self.high and self.buckets[self.low].start < start:
            if not self.front:
                self._turn()
            self.front.pop()
            self.low += 1

    def _turn(self) -> None:
        """The back becomes the front."""
        together = ZERO
        for place in reversed(range(self.low, self.high)):
            together = merge(self.buckets[place].partial, together)
            self.front.append(together)
        self.back = ZERO
