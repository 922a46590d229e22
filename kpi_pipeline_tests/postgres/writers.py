"""Writers that do to a table what applications do, until told to stop."""

import threading
import time
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


class Writer(threading.Thread):
    """One connection that writes in one of many ways, at random, from a seed."""

    def __init__(self, sales: Sales, seed: int, stop: threading.Event) -> None:
        super().__init__(name=f"writer {seed}")
        self.sales = sales
        self.random = Random(seed)  # noqa: S311 - a test's own dice
        self.stop = stop
        self.error: BaseException | None = None

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
        way = self.random.choice(
            [
                *(self._plain, self._plain, self._late, self._savepoints, self._tie),
                *(self._backdate, self._rollback, self._exception, self._update_recent),
                self._refund,
            ]
        )
        way(connection)
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
