"""Definitions that are out of use, and since when; those from before are found once."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

FOUND_SQL = """
INSERT INTO kpi.retired (pipeline_id, metric, definition, at)
SELECT DISTINCT s.pipeline_id, s.metric, s.definition, now()
FROM kpi.series s JOIN kpi.pipeline p ON p.id = s.pipeline_id
WHERE p.definitions ->> s.metric IS DISTINCT FROM s.definition
"""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "retired",
        sa.Column("pipeline_id", sa.SmallInteger(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["pipeline_id"], ["kpi.pipeline.id"]),
        sa.PrimaryKeyConstraint("pipeline_id", "metric", "definition"),
        schema="kpi",
        comment="Definitions that no commit has any more; their rows are purged later.",
    )
    op.execute(FOUND_SQL)
