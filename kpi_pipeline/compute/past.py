"""What KPIs were at moments of the past, read from buckets that are all in memory.

As the data are known now: what came late counts at its event time, as if it had come in time.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from kpi_pipeline.compute.calendar import day_start
from kpi_pipeline.compute.frames import Held, Totals
from kpi_pipeline.compute.imagined import imagined
from kpi_pipeline.compute.partial import Partial
from kpi_pipeline.compute.running import Running
from kpi_pipeline.compute.sliding import Bucket, Sliding
from kpi_pipeline.compute.snapshot import Pair, View
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.metric import Aggregation, SimpleMetric
from kpi_pipeline.model.moment import MINUTE
from kpi_pipeline.model.snapshot import Reading, Snapshot
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.term import Term
from kpi_pipeline.model.window import Frame

Series = tuple[str, Dims]
ADDED = {Aggregation.SUM, Aggregation.COUNT, Aggregation.AVERAGE}


@dataclass(frozen=True, kw_only=True)
class Past:
    """All buckets that some metrics need: days where minutes are gone, minutes from there on.

    Attributes:
        buckets: By metric and group, in the order of time.
        minutes_from: Where the minutes begin.
        history_from: Start of the oldest bucket; None where there is none.
    """

    spec: PipelineSpec
    buckets: Mapping[Series, Sequence[Bucket]]
    minutes_from: datetime
    history_from: datetime | None
    _windows: dict[tuple[Frame, Series], Sliding] = field(default_factory=dict, repr=False)

    def snapshot(self, pairs: tuple[Pair, ...], as_of: datetime) -> Snapshot:
        """What some metrics over some windows were, as of a moment."""
        zone = self.spec.timezone
        held = Held(as_of=as_of, zone=zone, history_from=self.history_from)
        readable = tuple(filter(None, (self._readable(pair, held) for pair in pairs)))
        blind = [pair for pair in pairs if all(_name(pair) != _name(item) for item in readable)]
        leaves = (leaf for pair in readable for leaf in (*pair.leaves, *pair.leaves_before))
        totals = self._totals(leaves, held)
        view = View(spec=self.spec, held=held, totals=totals)
        unknown = [self._unknown(pair, held) for pair in blind]
        grouped = [item for item in unknown if self.spec.metrics[item.metric].group_by]
        plain = [item for item in unknown if item not in grouped]
        return imagined(
            self.spec,
            as_of,
            (*view.readings(readable), *plain),
            watermark=self._newest(as_of),
            absent=(*view.absent(readable), *grouped),
        )

    def _readable(self, pair: Pair, held: Held) -> Pair | None:
        """The pair, without its baseline if there are no buckets for that; None without its own."""
        if not all(self._has(held.span(leaf.frame), held.zone) for leaf in pair.leaves):
            return None
        if all(self._has(held.span(leaf.frame), held.zone) for leaf in pair.leaves_before):
            return pair
        return replace(pair, before=None, leaves_before=())

    def _has(self, span: Bounds, zone: ZoneInfo) -> bool:
        """Whether there are buckets that hold just this interval."""
        ends = (span.end,) if span.start is None else (span.start, span.end)
        return all(end >= self.minutes_from or day_start(end, zone) == end for end in ends)

    def _totals(self, leaves: Iterable[Term], held: Held) -> Mapping[Bounds, Totals]:
        """What each interval holds; a frame slides on from where it was at the moment before."""
        found: dict[Bounds, dict[Series, Partial]] = {}
        for leaf in filter(held.ready, dict.fromkeys(leaves)):
            span = held.span(leaf.frame)
            totals = found.setdefault(span, {})
            for series in self._series(leaf.metric):
                if series not in totals:
                    total = self._window(leaf.frame, series).between(span.start, span.end)
                    if total is not None:
                        totals[series] = total
        return found

    def _series(self, metric: str) -> list[Series]:
        return [series for series in self.buckets if series[0] == metric]

    def _window(self, frame: Frame, series: Series) -> Running | Sliding:
        if series in self._running:
            return self._running[series]
        if (frame, series) not in self._windows:
            self._windows[frame, series] = Sliding(self.buckets[series])
        return self._windows[frame, series]

    @cached_property
    def _running(self) -> Mapping[Series, Running]:
        """Of the series that can be added up, and taken away again."""
        found = {s: Running(buckets) for s, buckets in self.buckets.items() if self._adds(s[0])}
        return {series: running for series, running in found.items() if running.is_finite}

    def _adds(self, name: str) -> bool:
        metric = self.spec.metrics[name]
        return isinstance(metric, SimpleMetric) and metric.agg in ADDED

    @cached_property
    def _starts(self) -> Sequence[Sequence[datetime]]:
        return [[bucket.start for bucket in buckets] for buckets in self.buckets.values()]

    def _newest(self, as_of: datetime) -> datetime | None:
        """End of the newest minute that holds rows, as of a moment."""
        found = []
        for starts in self._starts:
            place = bisect_left(starts, as_of)
            if place and starts[place - 1] >= self.minutes_from:
                found.append(min(starts[place - 1] + MINUTE, as_of))
        return max(found, default=None)

    def _unknown(self, pair: Pair, held: Held) -> Reading:
        span = held.span(pair.now.frame)
        return Reading(
            metric=pair.now.metric,
            window=pair.window,
            dims=(),
            value=None,
            rows=0,
            unit=None,
            start=span.start,
            end=span.end,
            baseline=None,
            building=True,
        )


def moments(past: Past, since: datetime, until: datetime, every: timedelta) -> Iterator[datetime]:
    """When to look: at the end of each day where there are days, then as often as is asked."""
    zone = past.spec.timezone
    day = day_start(since, zone, shift=1)
    while day <= min(past.minutes_from, until):
        yield day - MINUTE
        day = day_start(day, zone, shift=1)
    moment = max(since, past.minutes_from)
    while moment <= until:
        yield moment
        moment += every


def _name(pair: Pair) -> tuple[str, str]:
    return pair.now.metric, pair.window
