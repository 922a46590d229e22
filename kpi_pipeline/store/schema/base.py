"""What all tables share: one schema, and the pipeline that a row is of."""

from sqlalchemy import Column, DateTime, ForeignKey, MetaData, SmallInteger

SCHEMA = "kpi"
metadata = MetaData(schema=SCHEMA)
MOMENT = DateTime(timezone=True)


def pipeline_column() -> Column[int]:
    """The pipeline that a row is of."""
    return Column("pipeline_id", SmallInteger, ForeignKey("pipeline.id"), nullable=False)


def pipeline_key() -> Column[int]:
    """The pipeline that a row is of, as a part of its key."""
    return Column("pipeline_id", SmallInteger, ForeignKey("pipeline.id"), primary_key=True)
