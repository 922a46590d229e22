"""What a shop's own programs do to its table, one act at a time, in open transactions too."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, NestedTransaction, text

from kpi_pipeline_tests.sales import Sales

EMPTY = text("TRUNCATE transactions RESTART IDENTITY")
SPREAD = text("ALTER TABLE transactions ALTER transaction_id SET INCREMENT BY 5000")
"""Wider than the margin of keys in which a look finds every update, however old the row."""
DENSE = text("ALTER TABLE transactions ALTER transaction_id SET INCREMENT BY 1")
HISTORY = text("""
INSERT INTO transactions (created_at, amount, transaction_type, user_id)
SELECT now() - n * interval '29 hours', n % 90, (ARRAY['FOOD', 'FUEL', NULL])[1 + n % 3], n % 7
FROM generate_series(1, :rows) AS n
""")
# Rows that another open transaction holds are passed over, or this would wait for ever.
ROW = """(
  SELECT transaction_id FROM transactions WHERE created_at >= now() - CAST(:young AS interval)
  ORDER BY transaction_id DESC LIMIT 1 OFFSET :nth FOR UPDATE SKIP LOCKED)"""
UPDATES = {
    "amount": text(f"UPDATE transactions SET amount = amount + 7 WHERE transaction_id = {ROW}"),  # noqa: S608
    "type": text(f"UPDATE transactions SET transaction_type = 'GIFT' WHERE transaction_id = {ROW}"),  # noqa: S608
    "user": text(f"UPDATE transactions SET user_id = 9, amount = 50 WHERE transaction_id = {ROW}"),  # noqa: S608
}
MOVE = text(f"UPDATE transactions SET created_at = :at WHERE transaction_id = {ROW}")  # noqa: S608
DELETE = text(f"DELETE FROM transactions WHERE transaction_id = {ROW}")  # noqa: S608
ANY_AGE = timedelta(days=5000)
YOUNG = timedelta(minutes=14)
"""Less than the lookback."""


@dataclass
class Late:
    """A transaction that stays open.

    Attributes:
        nested: Its savepoints, outermost first.
        unswept, gone: Whether it updated an old row; whether it took a row out of a bucket.
    """

    connection: Connection
    nested: list[NestedTransaction] = field(default_factory=list)
    unswept: bool = False
    gone: bool = False


class Shopkeepers:
    """Writers of one table, and what they did that a look need not find.

    Attributes:
        unswept: An update of an old row was committed, which a sweep finds.
        gone: A row left a bucket, which an audit finds.
    """

    def __init__(self, sales: Sales) -> None:
        self.sales = sales
        self.late: list[Late] = []
        self.unswept = self.gone = False

    def open(self, *, spread: bool, rows: int) -> None:
        """An empty table, then some history."""
        with self.sales.shop.begin() as connection:
            connection.execute(EMPTY)
            connection.execute(SPREAD if spread else DENSE)
            connection.execute(HISTORY, {"rows": rows})

    @contextmanager
    def at_work(self, nth: int | None) -> Iterator[Late]:
        """One of the open transactions, or one of its own that is committed at once."""
        if nth is not None and self.late:
            yield self.late[nth % len(self.late)]
            return
        with self.sales.shop.begin() as connection:
            own = Late(connection)
            yield own
        self._seen(own)

    def change(self, nth: int, *, how: str, young: bool, late: int | None) -> None:
        """Update a row, counted from the newest one that is young enough."""
        with self.at_work(late) as mine:
            values = {"nth": nth, "young": YOUNG if young else ANY_AGE}
            mine.connection.execute(UPDATES[how], values)
            mine.unswept |= not young

    def move(self, nth: int, *, age: timedelta, late: int | None) -> None:
        """Date a row otherwise."""
        with self.at_work(late) as mine:
            values = {"nth": nth, "young": ANY_AGE, "at": datetime.now(UTC) - age}
            mine.connection.execute(MOVE, values)
            mine.unswept = mine.gone = True

    def delete(self, nth: int, *, late: int | None) -> None:
        """Delete a row."""
        with self.at_work(late) as mine:
            mine.connection.execute(DELETE, {"nth": nth, "young": ANY_AGE})
            mine.gone = True

    def begin(self, *, write: bool) -> None:
        """Open a transaction; a first write gives it its id, a first read does not."""
        late = Late(self.sales.shop.connect())
        late.connection.execute(text("SELECT 1"))
        if write:
            self.sales.sell(3, on=late.connection)
        self.late.append(late)

    def savepoint(self, nth: int) -> None:
        """Set a savepoint in an open transaction."""
        late = self.late[nth % len(self.late)]
        late.nested.append(late.connection.begin_nested())

    def release(self, nth: int, *, keep: bool) -> None:
        """Release the innermost savepoint, or roll back to it."""
        nested = self.late[nth % len(self.late)].nested
        if nested:
            nested.pop().commit() if keep else nested.pop().rollback()

    def finish(self, nth: int, *, commit: bool) -> None:
        """Commit an open transaction, or roll it back."""
        late = self.late.pop(nth % len(self.late))
        with late.connection:
            if commit:
                late.connection.commit()
                self._seen(late)

    def finish_any(self) -> None:
        """Commit the newest open transaction, if there is one."""
        if self.late:
            self.finish(len(self.late) - 1, commit=True)

    def alone(self, sql: str) -> None:
        """Run what runs in no transaction."""
        with self.sales.shop.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text(sql))

    def close(self) -> None:
        """Roll back what is open."""
        while self.late:
            self.finish(0, commit=False)

    def _seen(self, late: Late) -> None:
        self.unswept |= late.unswept
        self.gone |= late.gone
