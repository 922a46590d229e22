"""Snapshots that nobody published: of the past, or of series that a person wrote down."""

from collections.abc import Iterable
from datetime import datetime

from kpi_pipeline.model.snapshot import Reading, Snapshot
from kpi_pipeline.model.spec import PipelineSpec


def imagined(
    spec: PipelineSpec,
    as_of: datetime,
    readings: Iterable[Reading],
    *,
    watermark: datetime | None,
    absent: Iterable[Reading] = (),
) -> Snapshot:
    """A snapshot to judge rules by, of a look that was made and committed at one moment.

    Args:
        spec: Of the pipeline.
        as_of: The moment.
        readings: What the KPIs were.
        watermark: Event time of the newest row by then.
        absent: What a group without any rows would have read.
    """
    return Snapshot(
        pipeline=spec.name,
        revision=0,
        watermark=watermark,
        as_of=as_of,
        computed_at=as_of,
        guarantee="",
        position="",
        backlog_minutes=0,
        future_rows=0,
        readings=tuple(readings),
        absent=tuple(absent),
    )
