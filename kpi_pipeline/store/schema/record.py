"""What was done and shown: snapshots, changed buckets, audits, looks."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Interval,
    Numeric,
    Table,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from kpi_pipeline.store.schema.base import MOMENT, metadata, pipeline_column, pipeline_key

step = Table(
    "step",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    pipeline_column(),
    Column("kind", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    Column("spans", JSONB, nullable=False),
    Index("step_pipeline", "pipeline_id", "id"),
    comment="Which buckets each commit replaced.",
)

correction = Table(
    "correction",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    pipeline_column(),
    Column("at", MOMENT, nullable=False),
    Column("grain", Text, nullable=False),
    Column("bucket", MOMENT, nullable=False),
    Column("metric", Text, nullable=False),
    Column("dims", ARRAY(Text), nullable=False),
    Column("why", Text, nullable=False),
    Column("rows_before", BigInteger, nullable=False),
    Column("rows_after", BigInteger, nullable=False),
    Column("before", Numeric),
    Column("after", Numeric),
    Column("lateness", Interval, nullable=False),
    Index("correction_pipeline", "pipeline_id", "at"),
    comment="Buckets that changed after a snapshot had shown them whole.",
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    pipeline_column(),
    Column("at", MOMENT, nullable=False),
    Column("all_history", Boolean, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("drifted", BigInteger, nullable=False),
    Column("body", JSONB, nullable=False),
    Index("audit_pipeline", "pipeline_id", "id"),
    comment="The state held against the source, and what differed.",
)

snapshot = Table(
    "snapshot",
    metadata,
    pipeline_key(),
    Column("revision", BigInteger, primary_key=True),
    Column("as_of", MOMENT, nullable=False),
    Column("computed_at", MOMENT, nullable=False),
    Column("body", JSONB, nullable=False),
)

tick = Table(
    "tick",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    pipeline_column(),
    Column("at", MOMENT, nullable=False, server_default=func.clock_timestamp()),
    Column("kind", Text, nullable=False),
    Column("as_of", MOMENT),
    Column("watermark", MOMENT),
    Column("rows", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Index("tick_pipeline", "pipeline_id", "id"),
    comment="Looks, runs and failures of the last day.",
)
