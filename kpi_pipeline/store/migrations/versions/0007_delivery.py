"""Channels that are closed for a while, messages in another channel's place, and the pulse."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    stands_for = sa.Column("stands_for", sa.Text, comment="The channel that refused it.")
    op.add_column("outbox", stands_for, schema="kpi")
    key = sa.text("(notice ->> 'episode_key')")
    op.create_index("outbox_episode", "outbox", ["pipeline_id", key], schema="kpi")
    op.create_index(
        "outbox_line",
        "outbox",
        ["pipeline_id", "channel", key, "id"],
        schema="kpi",
        postgresql_where=sa.text("state IN ('pending', 'sending')"),
    )
    op.create_table(
        "channel",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("open_at", MOMENT, nullable=False),
        schema="kpi",
        comment="When a channel takes the next message; of all pipelines.",
    )
    op.create_table(
        "pulse",
        sa.Column(
            "pipeline_id",
            sa.SmallInteger,
            sa.ForeignKey("kpi.pipeline.id"),
            primary_key=True,
        ),
        sa.Column("looked_at", MOMENT),
        sa.Column("failing_since", MOMENT),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("fired_at", MOMENT),
        sa.Column("number", sa.Integer, nullable=False, server_default="0"),
        sa.Column("told", sa.ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("why", sa.Text, nullable=False, server_default=""),
        schema="kpi",
        comment="Whether ticks and runs go well, and since when not.",
    )
