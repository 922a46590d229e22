"""Writers that do to a table what applications do, until told to stop."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from sqlalchemy import Connection, text

from kpi_pipeline_tests.sales import Sales

PLPGSQL = text("""
DO $$ BEGIN
  INSERT INTO transactions (amount, transaction_type, user_id) VALUES (3, 'CAUGHT', 3);
  BEGIN
    INSERT INTO transactions (amount, transaction_type, user_id) VALUES (1 / 0, 'LOST', 3);
  EXCEPTION WHEN division_by_zero THEN
    INSERT INTO transactions (amount, transaction_type, user_id) VALUES (4, 'RESCUED', 3);
  END;
END $$
""")


UPDATE_SEEN = text("""
UPDATE transactions SET amount = amount + 1 WHERE transaction_id = (
  SELECT transaction_id FROM transactions
  WHERE created_at BETWEEN now() - interval '5 minutes' AND now()
  ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED)
""")
UPDATE_OLD = text("""
UPDATE transactions SET amount = amount + 1 WHERE transaction_id = (
  SELECT transaction_id FROM transactions WHERE created_at < now() - interval '1 hour'
  ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED)
""")
DELETE = text("""
DELETE FROM transactions WHERE transaction_id = (
  SELECT transaction_id FROM transactions ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED)
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What writers do beside what every look must find.

    Attributes:
        two_phase: Commit in two phases; the server must allow prepared transactions.
        old_updates: Update rows of any age, which only a sweep finds.
        deletes: Delete rows of any age, which neither a look nor a sweep finds.
    """

    two_phase: bool = False
    old_updates: bool = False
    deletes: bool = False


PLAIN = Habits()


class Writer(threading.Thread):
    """One connection that writes in one of many ways, at random, from a seed."""

    def __init__(
        self, sales: Sales, seed: int, stop: threading.Event, habits: Habits = PLAIN
    ) -> None:
        super().__init__(name=f"writer {seed}")
        self.sales = sales
        self.random = Random(seed)  # noqa: S311 - a test's own dice
        self.stop = stop
        self.error: BaseException | None = None
        self.ways: list[Callable[[Connection], None]] = [
            *(self._plain, self._plain, self._late, self._savepoints, self._tie),
            *(self._backdate, self._rollback, self._exception, self._update_recent),
            *(self._refund, self._update_seen),
            *([self._two_phase] if habits.two_phase else []),
            *([self._update_old] if habits.old_updates else []),
            *([self._delete_any] if habits.deletes else []),
        ]

    def run(self) -> None:
        """Write until told to stop; keep what went wrong for the test."""
        try:
            with self.sales.shop.connect() as connection:
                while not self.stop.is_set():
                    self._one(connection)
                    time.sleep(self.random.random() * 0.02)
        except BaseException as error:  # noqa: BLE001 - the test shows it
            self.error = error

    def _one(self, connection: Connection) -> None:
        self.random.choice(self.ways)(connection)
        connection.commit()

    def _sell(self, connection: Connection, at: datetime | None = None) -> None:
        kind = self.random.choice(["FOOD", "FUEL", None])
        user = self.random.randint(1, 200)
        self.sales.sell(self.random.randint(1, 90), at=at, kind=kind, user=user, on=connection)

    def _plain(self, connection: Connection) -> None:
        self._sell(connection)

    def _late(self, connection: Connection) -> None:
        self._sell(connection)
        time.sleep(self.random.random() * 1.5)
        self._sell(connection)

    def _savepoints(self, connection: Connection) -> None:
        self._sell(connection)
        for _ in range(3):
            nested = connection.begin_nested()
            self._sell(connection)
            if self.random.random() < 0.3:
                nested.rollback()
            else:
                nested.commit()
            time.sleep(self.random.random() * 0.1)

    def _tie(self, connection: Connection) -> None:
        at = datetime.now(UTC).replace(microsecond=0)
        self._sell(connection, at)
        self._sell(connection, at)

    def _backdate(self, connection: Connection) -> None:
        age = timedelta(days=self.random.choice([0.001, 1, 40, 100]))
        self._sell(connection, datetime.now(UTC) - age)

    def _rollback(self, connection: Connection) -> None:
        self._sell(connection)
        connection.rollback()

    def _exception(self, connection: Connection) -> None:
        connection.execute(PLPGSQL)

    def _update_recent(self, connection: Connection) -> None:
        """An update within the transaction that inserted: the same writer, another row version."""
        self._sell(connection)
        connection.execute(
            text(
                "UPDATE transactions SET amount = amount + 1 WHERE transaction_id = "
                "(SELECT max(transaction_id) FROM transactions WHERE user_id <> 3) "
                "AND xmin = pg_current_xact_id()::xid"
            )
        )

    def _refund(self, connection: Connection) -> None:
        self.sales.sell(-5, kind="REFUND", user=self.random.randint(1, 200), on=connection)

    def _update_seen(self, connection: Connection) -> None:
        """An update of anybody's row within the lookback: found without a sweep."""
        connection.execute(UPDATE_SEEN)

    def _update_old(self, connection: Connection) -> None:
        connection.execute(UPDATE_OLD)

    def _delete_any(self, connection: Connection) -> None:
        connection.execute(DELETE)

    def _two_phase(self, connection: Connection) -> None:
        """A prepared transaction holds the horizon back though no session runs it."""
        transaction = connection.begin_twophase()
        self._sell(connection)
        self._backdate(connection)
        transaction.prepare()
        time.sleep(self.random.random() * 0.5)
        if self.random.random() < 0.2:
            transaction.rollback()
        else:
            transaction.commit()


@contextmanager
def writing(sales: Sales, seed: int, many: int, habits: Habits = PLAIN) -> Iterator[None]:
    """Writers at work; at the end they have committed, and none of them failed."""
    print(f"seed {seed}")
    stop = threading.Event()
    writers = [Writer(sales, seed + i, stop, habits) for i in range(many)]
    for writer in writers:
        writer.start()
    try:
        yield
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert [writer.error for writer in writers if writer.error] == []


def poll_for(seconds: float, sales: Sales) -> int:
    """Fold again and again; how often."""
    polls = 0
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        sales.advance()
        polls += 1
    return polls
