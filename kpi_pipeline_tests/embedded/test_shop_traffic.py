"""Live sales with the habits that break naive pipelines."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from itertools import islice
from random import Random

import psycopg
import pytest
from rich.console import Console

from kpi_pipeline.embedded.shop_history import CREATE
from kpi_pipeline.embedded.shop_traffic import Sale, run_traffic, sales
from kpi_pipeline_tests.embedded.processes import eventually

SEED = 5
SAMPLES = [
    Sale(amount=Decimal("12.34"), kind="GROCERY", user_id=7),
    Sale(amount=Decimal("0.99"), kind="FLORAL", user_id=8),
]


def seeded() -> Random:
    return Random(SEED)  # noqa: S311  repeatable, not secret


@contextmanager
def traffic(dsn: str, output: StringIO, rate: float) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(
        target=run_traffic,
        args=(dsn,),
        kwargs={"rate": rate, "random": seeded(), "stop": stop, "console": Console(file=output)},
    )
    thread.start()
    yield
    stop.set()
    thread.join(10)

    assert not thread.is_alive()


@pytest.fixture
def dsn(database: str) -> str:
    plain = database.replace("+psycopg", "")
    with psycopg.connect(plain) as connection:
        connection.execute(CREATE)
    return plain


def count(dsn: str, condition: str = "true") -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            f"SELECT count(*) FROM transactions WHERE {condition}".encode()  # noqa: S608
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_the_same_seed_makes_the_same_sales() -> None:
    one, other = (list(islice(sales(SAMPLES, seeded()), 200)) for _ in range(2))

    assert one == other


def test_a_refund_takes_an_earlier_sale_back() -> None:
    stream = list(islice(sales(SAMPLES, seeded()), 1000))
    sold = {(sale.amount, sale.kind, sale.user_id) for sale in [*SAMPLES, *stream]}
    refunds = [sale for sale in stream if sale.amount < 0]

    assert 10 < len(refunds) < 100
    assert {(-sale.amount, sale.kind, sale.user_id) for sale in refunds} <= sold


def test_some_sales_are_late_and_some_are_slow_but_none_is_early() -> None:
    stream = list(islice(sales(SAMPLES, seeded()), 1000))
    late = [sale.age for sale in stream if sale.age]
    slow = [sale.hold for sale in stream if sale.hold]

    assert 20 < len(late) < 120
    assert timedelta() < min(late) < max(late) <= timedelta(minutes=20)
    assert 10 < len(slow) < 100
    assert min(slow) >= 3


def test_the_table_gets_sales_on_time_late_refunded_and_not_yet_committed(dsn: str) -> None:
    with traffic(dsn, StringIO(), rate=200):
        assert eventually(lambda: count(dsn) > 200)
        with psycopg.connect(dsn) as connection:
            held = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND state = 'idle in transaction' AND now() - xact_start > interval '0.3 s'"
            ).fetchone()
    gaps = count(dsn, "transaction_id > 0")

    assert held is not None
    assert held[0] > 0
    assert count(dsn, "created_at < clock_timestamp() - interval '1 minute'") > 0
    assert count(dsn, "amount < 0") > 0
    assert count(dsn, "created_at > clock_timestamp()") == 0
    # Stopping commits the open transactions: no row that was written is missing.
    assert count(dsn, f"transaction_id <= {gaps}") == gaps


def test_traffic_survives_the_loss_of_the_database(dsn: str) -> None:
    output = StringIO()
    with traffic(dsn, output, rate=100):
        assert eventually(lambda: count(dsn) > 10)
        with psycopg.connect(dsn) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        before = count(dsn)

        assert eventually(lambda: count(dsn) > before + 50)

    assert "is away" in output.getvalue()
    assert output.getvalue().count("sales a second") == 2


def test_traffic_waits_for_a_table_that_is_away(dsn: str) -> None:
    output = StringIO()
    with traffic(dsn, output, rate=100):
        assert eventually(lambda: count(dsn) > 3)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("ALTER TABLE transactions RENAME TO gone")
            assert eventually(lambda: "is away" in output.getvalue())
            connection.execute("ALTER TABLE gone RENAME TO transactions")
        before = count(dsn)

        assert eventually(lambda: count(dsn) > before + 3)
