"""The table that everything is measured on: made by the server, the same rows for every run."""

from collections.abc import Callable
from datetime import datetime, timedelta

import psycopg

SPAN = timedelta(days=90)
USERS = 200_000
TYPES = ("FOOD", "FUEL", "HOME", "DRUG", "GIFT", "TOYS")
BATCH = 250_000
"""Rows of one INSERT: often enough for a progress bar, seldom enough to cost nothing."""

TABLE_SQL = """
CREATE TABLE transactions (
  transaction_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  created_at timestamptz NOT NULL,
  amount numeric(12, 2) NOT NULL,
  transaction_type text NOT NULL,
  user_id bigint NOT NULL
)
"""
INDEX_SQL = "CREATE INDEX ON transactions (created_at, transaction_id)"

# Row g of n lies in the g-th of n equal parts of the span, at a random place in it, so that no two
# rows share a microsecond: the naive loop, which reads on from its newest timestamp, would lose
# one of them, and its counts could not be compared. The cube makes few users buy much.
ROWS_SQL = """
INSERT INTO transactions (created_at, amount, transaction_type, user_id)
SELECT
  %(start)s + make_interval(secs => %(span)s * (g - 1 + 0.9 * unit(g, 1)) / %(n)s),
  (100 + floor(unit(g, 2) * 199901)::bigint)::numeric / 100,
  (%(types)s::text[])[1 + floor(unit(g, 3) ^ 2 * %(kinds)s)::int],
  1 + floor(unit(g, 4) ^ 3 * %(users)s)::bigint
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS g
"""
# From 0 up to 1, by PostgreSQL's own hash of a bigint, which is the same on every machine.
UNIT_SQL = """
CREATE FUNCTION unit(g bigint, seed bigint) RETURNS float8 IMMUTABLE PARALLEL SAFE LANGUAGE sql
RETURN (hashint8extended(g, seed) & 4294967295) / 4294967296.0::float8
"""


def create(
    dsn: str, rows: int, end: datetime, progress: Callable[[int], None] = lambda _: None
) -> None:
    """Make the table with `rows` rows that end now.

    Args:
        dsn: Of an empty database.
        rows: How many.
        end: When the newest of them happened.
        progress: Told how many rows each batch had.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in (TABLE_SQL, UNIT_SQL):
            connection.execute(statement)
        for first in range(1, rows + 1, BATCH):
            last = min(first + BATCH - 1, rows)
            insert(connection, first, last, rows, end)
            progress(last - first + 1)
        connection.execute(INDEX_SQL)
        connection.execute("VACUUM (ANALYZE) transactions")
        connection.execute("CHECKPOINT")


def insert(connection: psycopg.Connection, first: int, last: int, rows: int, end: datetime) -> None:
    """Insert rows `first` to `last` of `rows` that are spread over the span before `end`."""
    values = {"start": end - SPAN, "span": SPAN.total_seconds(), "n": rows, "users": USERS}
    values |= {"types": list(TYPES), "kinds": len(TYPES), "first": first, "last": last}
    connection.execute(ROWS_SQL, values)
