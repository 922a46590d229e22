"""Plain SQL: what cron or a dashboard does at each refresh, and PostgreSQL's own speed."""

from collections.abc import Sequence
from typing import Any

import psycopg

from benchmarks.totals import Totals

AGGREGATE_SQL = """
SELECT transaction_type, count(*), sum(amount) FROM transactions
GROUP BY GROUPING SETS ((), (transaction_type))
"""
USERS_SQL = "SELECT count(DISTINCT user_id) FROM transactions"
LIMIT_SQL = "SELECT sum(amount) FROM transactions"
VIEW_SQL = """
CREATE MATERIALIZED VIEW hourly AS
SELECT date_bin('1 hour', created_at, TIMESTAMPTZ 'epoch') AS hour, transaction_type,
       count(*) AS rows, sum(amount) AS total
FROM transactions GROUP BY 1, 2
"""
REFRESH_SQL = "REFRESH MATERIALIZED VIEW hourly"
READ_VIEW_SQL = """
SELECT transaction_type, sum(rows), sum(total) FROM hourly
GROUP BY GROUPING SETS ((), (transaction_type))
"""


class Plain:
    """Statements over the raw table, on one connection."""

    def __init__(self, dsn: str) -> None:
        self.connection = psycopg.connect(dsn, autocommit=True)
        self.connection.execute("DROP MATERIALIZED VIEW IF EXISTS hourly")
        self.connection.execute(VIEW_SQL)

    def limit(self) -> None:
        """The least that any method must do: PostgreSQL reads the table once, in parallel."""
        self.connection.execute(LIMIT_SQL).fetchall()

    def aggregate(self) -> Totals:
        """Counts and sums, in total and by type."""
        return _totals(self.connection.execute(AGGREGATE_SQL).fetchall(), None)

    def with_users(self) -> Totals:
        """The same, and how many different users."""
        row = self.connection.execute(USERS_SQL).fetchone()
        assert row is not None
        rows = self.connection.execute(AGGREGATE_SQL).fetchall()
        return _totals(rows, int(row[0]))

    def refresh(self) -> None:
        """Make the materialized view anew."""
        self.connection.execute(REFRESH_SQL)

    def view(self) -> Totals:
        """What the view says."""
        return _totals(self.connection.execute(READ_VIEW_SQL).fetchall(), None)

    def close(self) -> None:
        """Remove the view and close the connection."""
        self.connection.execute("DROP MATERIALIZED VIEW IF EXISTS hourly")
        self.connection.close()


def _totals(rows: Sequence[tuple[Any, ...]], users: int | None) -> Totals:
    groups = {kind: total for kind, _, total in rows if kind is not None}
    ((count, total),) = [(count, total) for kind, count, total in rows if kind is None]
    return Totals(count=int(count), total=total, by_type=groups, users=users)
