"""Failures of the pipeline are told again, until somebody takes them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    op.add_column("pulse", sa.Column("notified_at", MOMENT), schema="kpi")
    op.add_column(
        "pulse",
        sa.Column("reminders", sa.Integer, nullable=False, server_default="0"),
        schema="kpi",
    )
    op.add_column("pulse", sa.Column("acknowledged", MOMENT), schema="kpi")
