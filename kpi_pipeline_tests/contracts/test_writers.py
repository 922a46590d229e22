"""Rows that are written, changed and deleted while they are being read."""

import random
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import OperationalError

from kpi_pipeline_tests.contracts.conftest import OPEN, Opened
from kpi_pipeline_tests.contracts.shops import OtherSales
from kpi_pipeline_tests.truth import assert_state_equals_source

SEED = 7
LOOKS = 8
LEAST_ROWS = 20


@pytest.fixture(params=OPEN)
def busy(request: pytest.FixtureRequest, opened: Opened) -> OtherSales:
    """An empty shop whose clock shows Berlin's time, and which is written to while it is read."""
    shop = opened(request.param, "Europe/Berlin")
    if request.param == "sqlite":
        shop.run("PRAGMA journal_mode = WAL")
    return shop


def write(shop: OtherSales, draw: random.Random, times: int) -> None:
    """Sell, change and delete, dated up to ten minutes back: within the lookback of 15."""
    for _ in range(times):
        at = datetime.now(UTC) - timedelta(seconds=draw.randrange(600))
        what, user = draw.random(), draw.randrange(20)
        with suppress(OperationalError):  # writers may meet in a deadlock: then one rolls back
            if what < 0.7:
                shop.sell(draw.randrange(1, 9999) / 100, at=at, kind=draw.choice("ABC"), user=user)
            elif what < 0.85:
                shop.run("UPDATE transactions SET amount = amount + 1 WHERE user_id = :u", u=user)
            else:
                shop.run("DELETE FROM transactions WHERE user_id = :u", u=user)


def test_after_each_of_many_looks_the_state_is_the_source(busy: OtherSales) -> None:
    draw = random.Random(SEED)  # noqa: S311 - a repeatable draw
    for _ in range(8):
        write(busy, draw, 15)
        busy.advance()

        assert_state_equals_source(busy)


def test_concurrent_writers_lose_nothing_and_double_nothing(busy: OtherSales) -> None:
    stop = threading.Event()

    def go_on(draw: random.Random) -> None:
        while not stop.is_set():
            write(busy, draw, 10)

    draws = [random.Random(SEED + k) for k in range(3)]  # noqa: S311
    writers = [threading.Thread(target=go_on, args=(draw,)) for draw in draws]
    busy.advance()
    for writer in writers:
        writer.start()
    looks = 0
    while looks < LOOKS or len(busy.rows()) <= LEAST_ROWS:
        busy.advance()
        looks += 1
    stop.set()
    for writer in writers:
        writer.join()
    busy.advance()

    assert_state_equals_source(busy)
