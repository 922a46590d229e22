"""What buckets held against what they hold now: the ledger's and the audit's one question."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from kpi_pipeline.compute.partial import ZERO, Partial, equal, merge_all
from kpi_pipeline.compute.statistic import sketch
from kpi_pipeline.model.batch import Dims, Grain
from kpi_pipeline.model.moment import Interval


class Place(NamedTuple):
    """One metric and group of one bucket."""

    grain: Grain
    bucket: datetime
    metric: str
    dims: Dims


Partials = dict[Place, Partial]


@dataclass(frozen=True, slots=True)
class Difference:
    """A place whose partials are not the same; the zero stands for no row."""

    place: Place
    before: Partial
    after: Partial


def differences(
    before: Mapping[Place, Partial], after: Mapping[Place, Partial]
) -> list[Difference]:
    """Every place that is not the same on both sides, oldest first."""
    found = [
        Difference(place, before.get(place, ZERO), after.get(place, ZERO))
        for place in before.keys() | after.keys()
        if not same(before.get(place, ZERO), after.get(place, ZERO))
    ]
    return sorted(found, key=lambda i: (i.place.bucket, i.place.metric, repr(i.place.dims)))


def same(left: Partial, right: Partial) -> bool:
    """Whether two partials mean the same, however their sketches are encoded."""
    if (left.rows, left.n) != (right.rows, right.n):
        return False
    numbers = ((left.total, right.total), (left.low, right.low), (left.high, right.high))
    return all(equal(a, b) for a, b in numbers) and sketch.same(left.sketch, right.sketch)


def rolled(fine: Mapping[Place, Partial], grain: Grain, buckets: Iterable[Interval]) -> Partials:
    """The partials that finer ones make; all that lie in a bucket must be there."""
    whole = sorted(buckets)
    starts = [bucket.start for bucket in whole]
    parts: dict[Place, list[Partial]] = {}
    for place, partial in fine.items():
        index = bisect_right(starts, place.bucket) - 1
        if index >= 0 and place.bucket < whole[index].end:
            coarse = Place(grain, starts[index], place.metric, place.dims)
            parts.setdefault(coarse, []).append(partial)
    return {place: merge_all(items) for place, items in parts.items()}
