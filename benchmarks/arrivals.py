"""New rows, as a shop would commit them."""

from datetime import datetime, timedelta

import psycopg

from benchmarks.data import TYPES, USERS

SELL_SQL = """
INSERT INTO transactions (created_at, amount, transaction_type, user_id)
SELECT
  %(start)s + make_interval(secs => %(span)s * (g - 0.5) / %(n)s),
  (100 + floor(unit(g, %(seed)s) * 199901)::bigint)::numeric / 100,
  (%(types)s::text[])[1 + floor(unit(g, %(seed)s + 1) ^ 2 * %(kinds)s)::int],
  1 + floor(unit(g, %(seed)s + 2) ^ 3 * %(users)s)::bigint
FROM generate_series(1, %(n)s::bigint) AS g
"""


def sell(
    connection: psycopg.Connection, rows: int, start: datetime, span: timedelta, seed: int
) -> None:
    """Commit rows that are spread evenly over a span."""
    values = {"start": start, "span": span.total_seconds(), "n": rows, "seed": seed * 10}
    values |= {"types": list(TYPES), "kinds": len(TYPES), "users": USERS}
    connection.execute(SELL_SQL, values)
