"""The late-row ledger: shown numbers that changed, by how much, and because of what."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from kpi_pipeline.compute.aggregation import value_of
from kpi_pipeline.compute.difference import Difference, Place
from kpi_pipeline.compute.grains import end_of
from kpi_pipeline.model.correction import Correction, Why
from kpi_pipeline.model.metric import SimpleMetric
from kpi_pipeline.model.moment import floor_minute
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import Cause, Dirty

MOST = 1000
"""Corrections that one step writes down; a source that was replaced changes everything."""
BUILDING = frozenset({Cause.FIRST_FILL, Cause.DEFINITION, Cause.MINUTES})
OF_THE_SOURCE = (Cause.CHANGED, Cause.RESTART, Cause.AUDIT)


def corrections(
    spec: PipelineSpec,
    changed: Sequence[Difference],
    backlog: Sequence[Dirty],
    shown: datetime | None,
    as_of: datetime,
) -> list[Correction]:
    """What changed in buckets that a snapshot had shown whole; the newest first, up to `MOST`.

    Args:
        spec: Of the pipeline.
        changed: What a step replaced.
        backlog: Why it did.
        shown: As-of of the last snapshot; None before the first.
        as_of: As-of of the step.
    """
    if shown is None or all(_builds_all(spec, d) for d in backlog):
        return []
    built = frozenset(name for d in backlog if d.cause in BUILDING for name in d.metrics)
    gained = _gained(spec, changed, built)
    found: list[Correction] = []
    for item in reversed(changed):
        end = bucket_end(spec, item.place)
        causes = [d for d in backlog if d.interval.overlaps(item.place.bucket, end)]
        why = _why(item.place.metric, gained(item), causes)
        if why is not None and end <= floor_minute(shown) and len(found) < MOST:
            found.append(_correction(spec, item, why, as_of, as_of - end))
    return found


def bucket_end(spec: PipelineSpec, place: Place) -> datetime:
    """Where a bucket ends."""
    return end_of(place.bucket, place.grain, spec.timezone)


def _builds_all(spec: PipelineSpec, item: Dirty) -> bool:
    return item.cause in BUILDING and spec.definitions.keys() <= item.metrics


def counting_metric(spec: PipelineSpec) -> SimpleMetric | None:
    """A metric whose `rows` are all rows of a bucket; None if each has a filter or groups."""
    plain = (m for m in spec.simple_metrics if m.filter is None and not m.group_by)
    return next(plain, None)


def _gained(
    spec: PipelineSpec, changed: Iterable[Difference], built: frozenset[str]
) -> Callable[[Difference], int]:
    """How many rows the bucket of a difference gained; of the metric alone if none counts all.

    A metric whose history is being built gains all its rows, which says nothing of others.
    """
    counting = counting_metric(spec)
    if counting is None or counting.name in built:
        return _rows
    by_bucket = {item.place[:2]: _rows(item) for item in changed if item.place[2] == counting.name}
    return lambda item: by_bucket.get(item.place[:2], 0)


def _rows(item: Difference) -> int:
    return item.after.rows - item.before.rows


def _why(metric: str, gained: int, causes: Sequence[Dirty]) -> Why | None:
    """None where the number is still being built."""
    if any(d.cause in BUILDING and metric in d.metrics for d in causes):
        return None
    kinds = {d.cause for d in causes}
    if not kinds.isdisjoint(OF_THE_SOURCE):
        return Why.LATE if gained > 0 else Why.DELETE if gained < 0 else Why.UPDATE
    return Why.SOURCE if Cause.SOURCE in kinds else Why.REWIND


def _correction(
    spec: PipelineSpec, item: Difference, why: Why, as_of: datetime, lateness: timedelta
) -> Correction:
    metric = spec.metrics[item.place.metric]
    agg = metric.agg if isinstance(metric, SimpleMetric) else None
    return Correction(
        grain=item.place.grain,
        bucket=item.place.bucket,
        metric=item.place.metric,
        dims=item.place.dims,
        why=why,
        rows_before=item.before.rows,
        rows_after=item.after.rows,
        before=None if agg is None else value_of(agg, item.before),
        after=None if agg is None else value_of(agg, item.after),
        lateness=lateness,
        at=as_of,
    )
