"""The state database's tables; every pipeline's state in one schema, apart by `pipeline_id`."""

from kpi_pipeline.store.schema.alerts import channel, episode, mute, outbox, pulse, transition
from kpi_pipeline.store.schema.base import SCHEMA, metadata
from kpi_pipeline.store.schema.record import audit, correction, snapshot, step, tick
from kpi_pipeline.store.schema.state import (
    dirty,
    member,
    partial,
    pipeline,
    retired,
    rewind,
    series,
)

__all__ = [
    "SCHEMA",
    "audit",
    "channel",
    "correction",
    "dirty",
    "episode",
    "member",
    "metadata",
    "mute",
    "outbox",
    "partial",
    "pipeline",
    "pulse",
    "retired",
    "rewind",
    "series",
    "snapshot",
    "step",
    "tick",
    "transition",
]
