"""A metric by bucket, for a chart; every point read as a window of a snapshot is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kpi_pipeline.compute.chart import FINE, GRAINS, buckets_of, frame_of
from kpi_pipeline.compute.explanation import UnknownNameError, check_values, meant
from kpi_pipeline.compute.frames import Held
from kpi_pipeline.compute.messages import group_text
from kpi_pipeline.compute.numbers import format_minute
from kpi_pipeline.compute.retention import Retention, segments
from kpi_pipeline.compute.snapshot import Pair, View, pair_of
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.errors import RangeError
from kpi_pipeline.model.group import other_of
from kpi_pipeline.model.live import Point, Series
from kpi_pipeline.model.moment import MINUTE, Interval, floor_minute
from kpi_pipeline.model.span import Span
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.term import Term, leaves_of
from kpi_pipeline.model.window import Frame
from kpi_pipeline.pipeline.present import Present, present
from kpi_pipeline.pipeline.views import Look, views_of
from kpi_pipeline.ports.watch import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What a chart is of.

    Attributes:
        until: The chart ends before it, and with the bucket that holds as-of.
        offset: Also at the same local clock time so much before; None for no comparison.
    """

    metric: str
    grain: str
    since: datetime
    until: datetime
    group: Dims = ()
    offset: Span | None = None


def series(spec: PipelineSpec, watch: Watch, asked: Chart) -> Series:
    """The points of a chart, all of them in one statement.

    Raises:
        UnknownNameError: There is no such metric, grain or group.
        RangeError: Too many buckets, or finer ones than are kept so far back.
    """
    _check(spec, asked)
    dims = _group(spec, watch, asked)
    here = present(spec, watch)
    if here is None:
        return Series(metric=asked.metric, dims=dims, grain=asked.grain, points=())
    as_of = here.held.as_of
    until = min(asked.until, floor_minute(as_of) + MINUTE)
    buckets = buckets_of(asked.grain, asked.since, until, spec.timezone)
    _check_kept(spec, asked.grain, buckets, _oldest(here))
    looks = [_look(spec, here.held, asked, bucket, as_of) for bucket in buckets]
    if asked.offset is not None:  # whole ones, also beside the newest, which is not over
        looks += [_look(spec, here.held, asked, b, b.end, asked.offset) for b in buckets]
    points = _points(spec, watch, here, looks, dims)
    return Series(
        metric=asked.metric,
        dims=dims,
        grain=asked.grain,
        points=tuple(points[: len(buckets)]),
        before=tuple(points[len(buckets) :]),
    )


def _look(
    spec: PipelineSpec,
    held: Held,
    asked: Chart,
    bucket: Interval,
    as_of: datetime,
    offset: Span | None = None,
) -> Look:
    moment, frame = frame_of(asked.grain, bucket, as_of)
    return held.at(moment), (pair_of(spec, Term(asked.metric, frame.moved(offset))),)


def _points(
    spec: PipelineSpec, watch: Watch, here: Present, looks: Sequence[Look], dims: Dims
) -> list[Point]:
    kept, oldest = here.kept.rolled(here.state.rolled_until), _oldest(here)
    there = {place: look for place, look in enumerate(looks) if _is_kept(look, kept, oldest)}
    # Whether others are summed together is part of what the group of a composed metric says.
    groups = {(), dims, other_of(dims)}
    read = views_of(spec, watch, kept, list(there.values()), groups)
    views = dict(zip(there, read, strict=True))
    return [_point(views.get(n), held, pair, dims) for n, (held, (pair,)) in enumerate(looks)]


def _point(view: View | None, held: Held, pair: Pair, dims: Dims) -> Point:
    """Nothing where history has not begun, is being filled, or is not kept so finely."""
    span = held.span(pair.now.frame)
    start = span.start or span.end
    if view is None or held.history_from is None or span.end <= held.history_from:
        return Point(start, None, 0)
    (reading,) = view.of(pair, [dims])
    return Point(start, None if reading.building else reading.value, reading.rows)


def _oldest(here: Present) -> datetime:
    """Where minutes and hours begin."""
    return here.state.minutes_from or here.kept.minutes_from


def _is_kept(look: Look, kept: Retention, oldest: datetime) -> bool:
    """Whether the buckets that its leaves are read from are there: fine ones go after some days."""
    held, (pair,) = look
    spans = {held.span(leaf.frame) for leaf in pair.leaves}
    early = (span for span in spans if span.start is None or span.start < oldest)
    parts = (part for span in early for part in segments(span, kept))
    return all(part.grain not in FINE or part.start >= oldest for part in parts)


def _check(spec: PipelineSpec, asked: Chart) -> None:
    for kind, name, known in (
        ("metric", asked.metric, spec.metrics),
        ("grain", asked.grain, GRAINS),
    ):
        if name not in known:
            raise UnknownNameError(f"unknown {kind} {name!r}{did_you_mean(name, known)}")


def _group(spec: PipelineSpec, watch: Watch, asked: Chart) -> Dims:
    metric = spec.metrics[asked.metric]
    check_values(metric, asked.group)
    if not metric.group_by:
        return ()
    leaves = leaves_of(spec.metrics, Term(asked.metric, Frame()))
    known = watch.groups({leaf.metric for leaf in leaves if spec.metrics[leaf.metric].group_by})
    likely = meant(asked.group)
    for dims in likely:
        if dims in known:
            return dims
    text = group_text(likely[0])
    hint = did_you_mean(text, map(group_text, known))
    raise UnknownNameError(f"no group {text!r} of {asked.metric}{hint}")


def _check_kept(
    spec: PipelineSpec, grain: str, buckets: Sequence[Interval], oldest: datetime
) -> None:
    if GRAINS[grain] in FINE and buckets and buckets[0].start < oldest:
        since = format_minute(oldest, spec.timezone)
        raise RangeError(f"no {grain} before {since} is kept; ask for the grain day there")
