"""The shop of `sales.py` on other databases: same rows, same declaration, wall times."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, create_engine, text

from kpi_pipeline_tests.sales import DECLARATION, Row, Sales

INDEX = "CREATE INDEX transactions_created_at_idx ON transactions (created_at)"
SELL = text("""
INSERT INTO transactions (created_at, amount, transaction_type, user_id)
VALUES (:at, :amount, :type, :user)
""")
ROWS = text("SELECT created_at, amount, transaction_type, user_id FROM transactions")


def declaration(zone: str = "UTC", lookback: str = "15m") -> str:
    """The shop's declaration, over wall times of a zone."""
    return DECLARATION.replace(
        "table: public.transactions,",
        f"table: transactions, lookback: {lookback}, timezone: {zone},",
    )


@dataclass
class ViewSales(Sales):
    """PostgreSQL once more, through a view, which hides who wrote a row."""

    def open(self) -> "ViewSales":
        super().open()
        self.run("CREATE VIEW seen AS SELECT * FROM transactions")
        return self


@dataclass
class OtherSales(Sales):
    """A shop whose event times are wall times.

    Attributes:
        zone: What its clock shows.
        table: CREATE TABLE.
    """

    zone: str = "UTC"
    table: str = ""

    @cached_property
    def shop(self) -> Engine:
        return create_engine(self.source_url.replace("mariadb:", "mariadb+pymysql:"))

    def open(self) -> "OtherSales":
        self.run(self.table)
        self.run(INDEX)
        return self

    def sell(
        self,
        amount: object = 10,
        *,
        at: datetime | None = None,
        kind: str | None = "FOOD",
        user: int | None = 1,
        on: Connection | None = None,
    ) -> None:
        assert on is None
        moment = datetime.now(UTC) if at is None else at
        self.sell_at(self.shown(moment), amount, kind, user)

    def sell_at(
        self, shown: object, amount: object = 10, kind: str | None = "FOOD", user: int | None = 1
    ) -> None:
        """Insert one row whose event time is what the column will hold."""
        price = None if amount is None else str(amount)
        with self.shop.begin() as connection:
            row = {"at": shown, "amount": price, "type": kind, "user": user}
            connection.execute(SELL, row)

    def shown(self, moment: datetime) -> object:
        """What a column of this database holds for a moment."""
        return moment.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)

    def rows(self) -> list[Row]:
        zone = ZoneInfo(self.zone)
        with self.shop.connect() as connection:
            found = connection.execute(ROWS).all()
        return [
            (
                datetime.fromisoformat(str(at)).replace(tzinfo=zone).astimezone(UTC),
                None if amount is None else Decimal(str(amount)),
                kind,
                user,
            )
            for at, amount, kind, user in found
            if at is not None
        ]


MARIADB_TABLE = """
CREATE TABLE transactions (
  transaction_id bigint AUTO_INCREMENT PRIMARY KEY,
  created_at datetime(6),
  amount decimal(12, 2),
  transaction_type text,
  user_id bigint
)
"""
SQLITE_TABLE = """
CREATE TABLE transactions (
  transaction_id integer PRIMARY KEY,
  created_at datetime,
  amount numeric(12, 2),
  transaction_type text,
  user_id bigint
)
"""


@dataclass
class SqliteSales(OtherSales):
    """SQLite, with times as Python's own driver and most toolkits write them."""

    def shown(self, moment: datetime) -> object:
        return moment.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None).isoformat(" ")
