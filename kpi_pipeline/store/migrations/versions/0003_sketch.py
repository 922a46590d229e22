"""Members are one sketch of several; what a sketch says stands beside it, for readers in SQL."""

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from alembic import op

from kpi_pipeline.compute.statistic import sketch

revision = "0003"
down_revision = "0002"

AT_ONCE = 2_000
NEXT_SQL = sa.text("""
SELECT pipeline_id, grain, bucket, series_id, sketch FROM kpi.partial
WHERE (pipeline_id, grain, bucket, series_id) > (:pipeline_id, :grain, :bucket, :series_id)
  AND sketch IS NOT NULL
ORDER BY pipeline_id, grain, bucket, series_id LIMIT :most
""")
FILL_SQL = sa.text("""
UPDATE kpi.partial p SET value = filled.value
FROM unnest(
  CAST(:pipelines AS smallint[]), CAST(:grains AS text[]), CAST(:buckets AS timestamptz[]),
  CAST(:series AS int[]), CAST(:values AS numeric[])
) AS filled(pipeline_id, grain, bucket, series_id, value)
WHERE (p.pipeline_id, p.grain, p.bucket, p.series_id)
    = (filled.pipeline_id, filled.grain, filled.bucket, filled.series_id)
""")
BEFORE_ALL = {"pipeline_id": -1, "grain": "", "bucket": "-infinity", "series_id": 0}
"""In the order of the columns above."""


def upgrade() -> None:
    """Apply."""
    op.alter_column("partial", "members", new_column_name="sketch", schema="kpi")
    op.add_column(
        "partial",
        sa.Column("value", sa.Numeric(), comment="What the sketch of this bucket alone says."),
        schema="kpi",
    )
    connection = op.get_bind()
    last: dict[str, Any] = BEFORE_ALL
    while rows := connection.execute(NEXT_SQL, last | {"most": AT_ONCE}).all():
        connection.execute(FILL_SQL, _columns(rows))
        last = dict(zip(BEFORE_ALL, rows[-1], strict=False))


def _columns(rows: Any) -> dict[str, list[Any]]:  # noqa: ANN401 - database rows
    return {
        "pipelines": [row.pipeline_id for row in rows],
        "grains": [row.grain for row in rows],
        "buckets": [row.bucket for row in rows],
        "series": [row.series_id for row in rows],
        "values": [_value(bytes(row.sketch)) for row in rows],
    }


def _value(data: bytes) -> Decimal | None:
    """Nothing of a damaged one: whoever reads it will say so, and an upgrade must not end here."""
    try:
        return sketch.value(data)
    except ValueError:
        return None
