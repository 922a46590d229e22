"""Reminders, acknowledgements, mutes, and why nobody was told."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    for column in (
        sa.Column("notified_at", MOMENT),
        sa.Column("reminders", sa.Integer, nullable=False, server_default="0"),
        sa.Column("acknowledged", MOMENT),
        sa.Column("clear_since", MOMENT),
        sa.Column("baseline", sa.Numeric),
    ):
        op.add_column("episode", column, schema="kpi")
    suppressed = sa.Column("suppressed", sa.Text, nullable=False, server_default="")
    op.add_column("transition", suppressed, schema="kpi")
    op.create_table(
        "mute",
        sa.Column(
            "pipeline_id",
            sa.SmallInteger,
            sa.ForeignKey("kpi.pipeline.id"),
            primary_key=True,
        ),
        sa.Column("rule", sa.Text, primary_key=True),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("why", sa.Text, nullable=False, server_default=""),
        sa.Column("by", sa.Text, nullable=False, server_default=""),
        schema="kpi",
        comment="Rules that a person has silenced for a while.",
    )
