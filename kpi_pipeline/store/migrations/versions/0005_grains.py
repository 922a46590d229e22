"""Hours, months and years; whole numbers as members of their own; partials without foreign keys."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from kpi_pipeline.compute.statistic import members
from kpi_pipeline.compute.statistic.identity import number_of

revision = "0005"
down_revision = "0004"

AT_ONCE = 2_000
MEMBERS_SQL = sa.text("SELECT pipeline_id, id, value FROM kpi.member WHERE value ~ '^[0-9]{1,10}$'")
SETS_SQL = sa.text(r"""
SELECT grain, bucket, series_id, sketch FROM kpi.partial
WHERE pipeline_id = :id AND substring(sketch FROM 1 FOR 1) = '\x01'
""").execution_options(stream_results=True)
WRITE_SQL = sa.text("""
UPDATE kpi.partial SET sketch = :sketch
WHERE pipeline_id = :id AND grain = :grain AND bucket = :bucket AND series_id = :series_id
""")
FORGET_SQL = sa.text("""
DELETE FROM kpi.member WHERE pipeline_id = :id AND id = ANY(CAST(:ids AS int[]))
""")


def upgrade() -> None:
    """Apply.

    No roll is on record any more, so the next step makes every bucket of the new grains. Foreign
    keys of partials cost more than all else in a bulk write, and guard what one module alone
    writes, within a transaction that has just read or made the ids.
    """
    op.execute("UPDATE kpi.pipeline SET rolled_until = NULL")
    for column in ("pipeline_id", "series_id"):
        op.execute(f"ALTER TABLE kpi.partial DROP CONSTRAINT IF EXISTS partial_{column}_fkey")
    connection = op.get_bind()
    numbers: dict[int, dict[int, int]] = {}
    for row in connection.execute(MEMBERS_SQL):
        number = number_of(row.value)
        if number is not None:
            numbers.setdefault(row.pipeline_id, {})[row.id] = number
    for id_, known in numbers.items():
        _rename(connection, id_, known)
        connection.execute(FORGET_SQL, {"id": id_, "ids": list(known)})


def _rename(connection: sa.Connection, id_: int, numbers: Mapping[int, int]) -> None:
    found = connection.execute(SETS_SQL, {"id": id_})
    while rows := found.fetchmany(AT_ONCE):
        written = [
            {"id": id_, **row._mapping, "sketch": renamed}  # noqa: SLF001 - SQLAlchemy's public name
            for row in rows
            if (renamed := _renamed(bytes(row.sketch), numbers)) is not None
        ]
        if written:
            connection.execute(WRITE_SQL, written)


def _renamed(sketch: bytes, numbers: Mapping[int, int]) -> bytes | None:
    """Nothing for a damaged one: whoever reads it says so, and an upgrade must not end here."""
    try:
        return members.encode(numbers.get(id_, id_) for id_ in members.decode(sketch))
    except ValueError:
        return None
