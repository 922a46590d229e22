"""Hours, months and years beside minutes and days; partials without foreign keys."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Apply.

    No roll is on record any more, so the next step makes every bucket of the new grains. Foreign
    keys of partials cost more than all else in a bulk write, and guard what one module alone
    writes, within a transaction that has just read or made the ids.
    """
    op.execute("UPDATE kpi.pipeline SET rolled_until = NULL")
    for column in ("pipeline_id", "series_id"):
        op.drop_constraint(f"partial_{column}_fkey", "partial", schema="kpi")
