"""What proves the numbers: steps, corrections, audits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "step",
        *_head(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spans", postgresql.JSONB(), nullable=False),
        *_keys(),
        schema="kpi",
        comment="Which buckets each commit replaced.",
    )
    op.create_index("step_pipeline", "step", ["pipeline_id", "id"], schema="kpi")
    op.create_table(
        "correction",
        *_head(),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("grain", sa.Text(), nullable=False),
        sa.Column("bucket", sa.DateTime(timezone=True), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("dims", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("rows_before", sa.BigInteger(), nullable=False),
        sa.Column("rows_after", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.Numeric(), nullable=True),
        sa.Column("after", sa.Numeric(), nullable=True),
        sa.Column("lateness", sa.Interval(), nullable=False),
        *_keys(),
        schema="kpi",
        comment="Buckets that changed after a snapshot had shown them whole.",
    )
    op.create_index("correction_pipeline", "correction", ["pipeline_id", "at"], schema="kpi")
    op.create_table(
        "audit",
        *_head(),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("all_history", sa.Boolean(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("drifted", sa.BigInteger(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        *_keys(),
        schema="kpi",
        comment="The state held against the source, and what differed.",
    )
    op.create_index("audit_pipeline", "audit", ["pipeline_id", "id"], schema="kpi")


def _head() -> tuple[sa.Column[int], ...]:
    return (
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("pipeline_id", sa.SmallInteger(), nullable=False),
    )


def _keys() -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(["pipeline_id"], ["kpi.pipeline.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
