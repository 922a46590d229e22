"""A table of many days that leaves as much state as a busy one, of few rows."""

from collections.abc import Callable
from datetime import datetime, timedelta

import psycopg

from benchmarks.data import INDEX_SQL, TABLE_SQL, TYPES, UNIT_SQL

# Every bucket of the step holds one row of each type.
ROWS_SQL = """
INSERT INTO transactions (created_at, amount, transaction_type, user_id)
SELECT bucket + make_interval(secs => 1 + kind), 1 + kind + extract(minute FROM bucket) / 100,
       (%(types)s::text[])[kind], 1 + floor(1000 * unit(extract(epoch FROM bucket)::bigint, kind))
FROM generate_series(%(start)s::timestamptz, %(end)s::timestamptz - %(step)s, %(step)s) AS bucket,
     generate_series(1, %(kinds)s) AS kind
ORDER BY 1
"""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def create(
    dsn: str,
    days: int,
    busy_days: int,
    end: datetime,
    progress: Callable[[float], None] = lambda _: None,
) -> None:
    """Make the table.

    Args:
        dsn: Of an empty database.
        days: How much history it holds.
        busy_days: The last of them hold a row of each type in each minute, the others each hour.
        end: Where it ends.
        progress: Told of each part, two in all.
    """
    start, busy = end - timedelta(days=days), end - timedelta(days=min(days, busy_days))
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in (TABLE_SQL, UNIT_SQL):
            connection.execute(statement)
        for first, last, step in ((start, busy, HOUR), (busy, end, MINUTE)):
            values = {"start": first, "end": last, "step": step, "types": list(TYPES)}
            connection.execute(ROWS_SQL, values | {"kinds": len(TYPES)})
            progress(1)
        connection.execute(INDEX_SQL)
        connection.execute("VACUUM (ANALYZE) transactions")
