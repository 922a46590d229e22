"""What is folded: partials of buckets by series, and what waits to be folded again."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from kpi_pipeline.store.schema.base import MOMENT, metadata, pipeline_column, pipeline_key

pipeline = Table(
    "pipeline",
    metadata,
    Column("id", SmallInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("revision", BigInteger, nullable=False, server_default="0"),
    Column("position", Text),
    Column("definitions", JSONB, nullable=False, server_default="{}"),
    Column("watermark", MOMENT),
    Column("recent", JSONB, nullable=False, server_default="[]"),
    Column("as_of", MOMENT),
    Column("guarantee", Text),
    Column("minutes_from", MOMENT),
    Column("rolled_until", MOMENT),
)

series = Table(
    "series",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    pipeline_column(),
    Column("metric", Text, nullable=False),
    Column("definition", Text, nullable=False),
    Column("dims", ARRAY(Text), nullable=False),
    UniqueConstraint("pipeline_id", "metric", "definition", "dims"),
    comment="One metric of one definition for one group of values.",
)

partial = Table(
    "partial",
    metadata,
    # No foreign keys: they cost more than all else in a bulk write.
    Column("pipeline_id", SmallInteger, primary_key=True),
    Column("grain", Text, primary_key=True),
    Column("bucket", MOMENT, primary_key=True),
    Column("series_id", Integer, primary_key=True),
    Column("rows", BigInteger, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("total", Numeric),
    Column("low", Numeric),
    Column("high", Numeric),
    Column("sketch", LargeBinary),
    Column("value", Numeric, comment="What the sketch of this bucket alone says."),
    comment="What the rows of one bucket contribute to one series; replaced, never added to.",
)

member = Table(
    "member",
    metadata,
    pipeline_key(),
    Column("value", Text, primary_key=True),
    Column("id", Integer, nullable=False),
    UniqueConstraint("pipeline_id", "id"),
    comment="Dense ids for the values that distinct counts count.",
)

retired = Table(
    "retired",
    metadata,
    pipeline_key(),
    Column("metric", Text, primary_key=True),
    Column("definition", Text, primary_key=True),
    Column("at", MOMENT, nullable=False),
    comment="Definitions that no commit has any more; their rows are purged later.",
)

dirty = Table(
    "dirty",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    pipeline_column(),
    Column("start", MOMENT, nullable=False),
    Column("end", MOMENT, nullable=False),
    Column("cause", Text, nullable=False),
    Column("metrics", ARRAY(Text), nullable=False, server_default="{}"),
    Index("dirty_pipeline", "pipeline_id"),
    comment="Ranges of event time that wait to be folded.",
)

rewind = Table(
    "rewind",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    pipeline_column(),
    Column("at", MOMENT, nullable=False, server_default=func.now()),
    Column("since", MOMENT),
    Column("start", MOMENT),
    Column("end", MOMENT),
    Column("why", Text, nullable=False),
    Index("rewind_pipeline", "pipeline_id", "at"),
)
