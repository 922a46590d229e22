"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "pipeline",
        sa.Column("id", sa.SmallInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column(
            "definitions",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
        sa.Column("watermark", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "recent",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
        ),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("guarantee", sa.Text(), nullable=True),
        sa.Column("minutes_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rolled_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
        schema="kpi",
    )
    op.create_table(
        "dirty",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("pipeline_id", sa.SmallInteger(), nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("metrics", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["pipeline_id"],
            ["kpi.pipeline.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        schema="kpi",
        comment="Ranges of event time that wait to be folded.",
    )
    op.create_index("dirty_pipeline", "dirty", ["pipeline_id"], unique=False, schema="kpi")
    op.create_table(
        "episode",
        sa.Column("pipeline_id", sa.SmallInteger(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("dims", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("notified", sa.Text(), nullable=False),
        sa.Column("told", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("peak", sa.Numeric(), nullable=True),
        sa.ForeignKeyConstraint(
            ["pipeline_id"],
            ["kpi.pipeline.id"],
        ),
        sa.PrimaryKeyConstraint("pipeline_id", "rule", "dims"),
        schema="kpi",
    )
    op.create_table(
        "member",
        sa.Column("pipeline_id", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pipeline_id"],
            ["kpi.pipeline.id"],
        ),
        sa.PrimaryKeyConstraint("pipeline_id", "value"),
        sa.UniqueConstraint("pipeline_id", "id"),
        schema="kpi",
        comment="Dense ids for the values that distinct counts count.",
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("pipeline_id", sa.SmallInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("notice", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ambiguous", sa.Boolean(), server_default="false", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "next_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["pipeline_id"],
            ["kpi.pipeline.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key", "channel"),
        schema="kpi",
    )
    op.create_index(
        "outbox_waiting",
        "outbox",
        ["pipeline_id", "id"],
        unique=False,
        schema="kpi",
        postgresql_where="state IN ('pending', 'sending')",
    )
    op.create_table(
        "rewind",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("pipeline_id", sa.SmallInteger(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pipeline_id"],
            ["kpi.pipeline.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        schema="kpi",
    )
    op.create_index("rewind_pipeline", "rewind", ["pipeline_id", "at"], unique=False, schema="kpi")
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("pipeline_id", sa.SmallInteger(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("dims", sa.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["pipeline_id"],
            ["kpi.pipeline.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("pipeline_id", "metric", "definition", "dims"),
        schema="kpi",
        comment="One metric of one definition for one group of values.",
    )
    op.create_table(
        "snapshot",
        sa.Column("pipeline_id", sa.SmallInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["pipeline_id"],
            ["kpi.pipeline.id"],
        ),
        sa.PrimaryKeyConstraint("pipeline_id", "revision"),
        schema="kpi",
    )
    op.create_table(
        "transition",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("pipeline_id", sa.SmallInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("dims", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pipeline_id"],
            ["kpi.pipeline.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        schema="kpi",
        comment="Every change of an alert's state, for the record.",
    )
    op.create_index(
        "transition_pipeline", "transition", ["pipeline_id", "at"], unique=False, schema="kpi"
    )
    op.create_table(
        "partial",
        sa.Column("pipeline_id", sa.SmallInteger(), nullable=False),
        sa.Column("grain", sa.Text(), nullable=False),
        sa.Column("bucket", sa.DateTime(timezone=True), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.Numeric(), nullable=True),
        sa.Column("low", sa.Numeric(), nullable=True),
        sa.Column("high", sa.Numeric(), nullable=True),
        sa.Column("members", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["pipeline_id"],
            ["kpi.pipeline.id"],
        ),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["kpi.series.id"],
        ),
        sa.PrimaryKeyConstraint("pipeline_id", "grain", "bucket", "series_id"),
        schema="kpi",
        comment="What the rows of one bucket contribute to one series; replaced, never added to.",
    )
