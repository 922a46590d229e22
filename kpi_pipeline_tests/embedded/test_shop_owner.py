"""The demo writes to its own table only."""

import psycopg
import pytest
from rich.console import Console

from kpi_pipeline.embedded.shop_history import NotTheShopError, load_history
from kpi_pipeline_tests.sales import Sales


def test_it_refuses_a_table_that_holds_somebodys_rows(sales: Sales) -> None:
    sales.sell(1)
    dsn = sales.source_url.replace("+psycopg", "")

    with (
        psycopg.connect(dsn, autocommit=True) as connection,
        pytest.raises(NotTheShopError, match="made-up sales"),
    ):
        load_history(connection, Console(quiet=True))

    assert sales.one("SELECT count(*) FROM transactions") == 1
