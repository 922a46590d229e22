"""Ticks, for whoever watches, and a bell that rings when something a page shows is committed."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

MOMENT = sa.DateTime(timezone=True)
# All that one transaction says of a pipeline is one notification: the server drops the copies.
RING = """
CREATE FUNCTION kpi.ring() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_catalog.pg_notify(
    'kpi', (CASE WHEN TG_OP = 'DELETE' THEN OLD.pipeline_id ELSE NEW.pipeline_id END)::text);
  RETURN NULL;
END $$
"""
# Of what is only ever added to, a deleted row is one that is too old to be shown.
RINGING = {
    "tick": "INSERT",
    "snapshot": "INSERT",
    "transition": "INSERT",
    "audit": "INSERT",
    "rewind": "INSERT",
    "episode": "INSERT OR UPDATE OR DELETE",
    "mute": "INSERT OR UPDATE OR DELETE",
}


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "tick",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("pipeline_id", sa.SmallInteger, sa.ForeignKey("kpi.pipeline.id"), nullable=False),
        sa.Column("at", MOMENT, nullable=False, server_default=sa.func.clock_timestamp()),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("as_of", MOMENT),
        sa.Column("watermark", MOMENT),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        schema="kpi",
        comment="Looks, runs and failures of the last day.",
    )
    op.create_index("tick_pipeline", "tick", ["pipeline_id", "id"], schema="kpi")
    op.execute(RING)
    for table, events in RINGING.items():
        op.execute(
            f"CREATE TRIGGER ring AFTER {events} ON kpi.{table} "
            "FOR EACH ROW EXECUTE FUNCTION kpi.ring()"
        )
